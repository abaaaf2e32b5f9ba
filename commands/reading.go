package commands

import (
	"context"

	"parley/chat"
)

// readingCommands are for those who read, or hear, more than comes at once.
var readingCommands = []Command{{
	Name:  "next",
	Usage: "next",
	Pace:  Unpaced,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		line := c.Session.Following()
		if line == "" {
			return readNext(ctx, c)
		}
		c.Session.Follow("")
		return c.registry.command(ctx, c, line) // and not what is said to whom the user talks to
	},
}, {
	Name:  "pause",
	Usage: "pause",
	Pace:  Unpaced,
	Extra: true,
	Run: func(_ context.Context, c *Call) error {
		if !c.Session.Pause(true) {
			return chat.ErrPaused
		}
		c.Say("paused")
		return nil
	},
}, {
	Name:    "resume",
	Aliases: []string{"unpause"},
	Usage:   "resume",
	Pace:    Unpaced,
	Extra:   true,
	Run: func(_ context.Context, c *Call) error {
		if !c.Session.Pause(false) {
			return chat.ErrNotPaused
		}
		return nil
	},
}}
