package commands

import (
	"context"

	"parley/chat"
)

// privacyCommands tell users what becomes of what they say and do.
var privacyCommands = []Command{{
	Name:     "privacy",
	Usage:    "privacy",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Run: func(_ context.Context, c *Call) error {
		c.Say("privacy rooms", chat.MaxLines, chat.TranscriptTime)
		c.Say("privacy shouts", chat.MaxLines)
		c.Say("privacy tells", chat.MaxTells)
		c.Say("privacy never")
		c.Say("privacy mail", chat.MaxMail)
		c.Say("privacy account")
		c.Say("privacy operators")
		c.Say("privacy reports", chat.ReportLines, days(chat.ReportTime))
		c.Say("privacy network")
		return nil
	},
}, {
	Name:     "my-data",
	Usage:    "my-data",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Run: func(ctx context.Context, c *Call) error {
		data, err := c.Chat.DataOf(ctx, c.Me)
		if err != nil {
			return err
		}
		for _, d := range data {
			c.Say("datum", d.Name, d.Value)
		}
		return nil
	},
}}
