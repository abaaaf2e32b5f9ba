package commands

import (
	"context"

	"parley/chat"
)

// linkCommands move a session to another place.
var linkCommands = []Command{{
	Name:  "link",
	Usage: "link",
	Needs: Login,
	Pace:  Unpaced,
	Live:  true,
	Extra: true,
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
