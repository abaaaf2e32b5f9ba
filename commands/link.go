package commands

import (
	"context"

	"parley/chat"
)

// linkCommands move a session to another place.
var linkCommands = []Command{{
	Name:  "link",
	Usage: "link",
	Help:  "Show a code that moves this session to another place.",
	More: "Connect there, and type the code in place of your user name: everything you have here goes on there, with " +
		"what you have half typed, and no password is asked for. A code works once, for a minute, and for three in " +
		"the form for screen readers. A new one ends the one before.",
	Example: "link",
	Needs:   Login,
	Pace:    Unpaced,
	Live:    true,
	Extra:   true,
	Run: func(ctx context.Context, c *Call) error {
		lasts := chat.LinkLasts
		if c.Reader {
			lasts = chat.LinkLastsHeard
		}
		code, err := c.Chat.Link(ctx, c.Me, lasts)
		if err != nil {
			return err
		}
		c.Say("link", code, lasts)
		if page := c.registry.WebURL; page != "" {
			c.Say("link page", page+"#link="+code)
		}
		return nil
	},
}}
