package commands

import (
	"context"
	"errors"
	"time"

	"parley/chat"
	"parley/words"
)

var aboutCommands = []Command{{
	Name:  "why",
	Usage: "why",
	Pace:  Unpaced,
	Extra: true,
	Run: func(_ context.Context, c *Call) error {
		refused := c.Session.Refused()
		if refused == nil {
			return chat.ErrNoWhy
		}
		if r, ok := errors.AsType[*chat.Refusal](refused); ok {
			if why, ok := c.Table().Why(r.Code()); ok {
				c.Print(why)
				return nil
			}
		}
		c.Say("no more", refused)
		return nil
	},
}, {
	Name:    "date",
	Aliases: []string{"time"},
	Usage:   "date",
	Pace:    Unpaced,
	Extra:   true,
	Run: func(_ context.Context, c *Call) error {
		c.Say("date", time.Now())
		return nil
	},
}, {
	Name:  "uptime",
	Usage: "uptime",
	Pace:  Unpaced,
	Extra: true,
	Run: func(_ context.Context, c *Call) error {
		started := c.Chat.Started()
		c.Say("uptime", words.Idle(time.Since(started)), started)
		if c.registry.Version != "" {
			c.Say("version", c.registry.Version)
		}
		return nil
	},
}}
