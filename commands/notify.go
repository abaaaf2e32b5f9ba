package commands

import (
	"context"

	"parley/words"
)

// notifyCommands tell when others come and go.
var notifyCommands = []Command{{
	Name:     "notify",
	Usage:    "notify [user] [off|on]",
	Needs:    Login,
	Pace:     Unpaced,
	Extra:    true,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		name := c.Arg("user")
		switch {
		case name == "":
			watched := c.Me.Watched()
			if len(watched) == 0 {
				c.Say("watches none")
			} else {
				c.Say("watch list", words.List(watched))
			}
			return nil
		case c.Arg("off|on") == "off":
			name, err := c.Chat.Unwatch(ctx, c.Me, name)
			if err == nil {
				c.Say("watching off", name)
			}
			return err
		}
		name, err := c.Chat.Watch(ctx, c.Me, name)
		if err == nil {
			c.Say("watching", name)
		}
		return err
	},
}}
