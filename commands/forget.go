package commands

import (
	"context"

	"parley/chat"
)

var forgetCommands = []Command{{
	Name:   "forget-me",
	Usage:  "forget-me",
	Needs:  Login,
	Pace:   Unpaced,
	Extra:  true,
	Secret: 1,
	Run: func(ctx context.Context, c *Call) error {
		if c.Me.User.Guest {
			return chat.ErrNoOwnAccount
		}
		if err := c.Chat.MayForget(ctx, c.Me.User); err != nil {
			return err
		}
		c.Say("forget what", c.Me.User.Name)
		c.Say("forget not")
		c.Say("forget name", days(chat.NameRests))
		proof, err := confirm(ctx, c, "ask to forget")
		if err != nil {
			return err
		}
		return c.Chat.ForgetMe(ctx, proof)
	},
}}
