package commands

import "context"

var blockCommands = []Command{{
	Name:     "block",
	Aliases:  []string{"ignore", "squelch", "gag"},
	Usage:    "block <user>",
	Help:     "Hear nothing more of a user.",
	More:     "Nobody is told. It lasts until you unblock the user. All guests at once are blocked by: block guests",
	Example:  "block mallory",
	Needs:    Login,
	Pace:     Unpaced,
	Complete: usersToBlock,
	Run: func(ctx context.Context, c *Call) error {
		user, err := c.Chat.Block(ctx, c.Me, c.Arg("user"))
		if err != nil {
			return err
		}
		c.Say("blocked them", user)
		return nil
	},
}, {
	Name:     "unblock",
	Aliases:  []string{"unignore", "ungag"},
	Usage:    "unblock <user>",
	Help:     "Hear a user again.",
	Example:  "unblock mallory",
	Needs:    Login,
	Pace:     Unpaced,
	Complete: usersBlocked,
	Run: func(ctx context.Context, c *Call) error {
		user, err := c.Chat.Unblock(ctx, c.Me, c.Arg("user"))
		if err != nil {
			return err
		}
		c.Say("unblocked", user)
		return nil
	},
}}
