package commands

import (
	"context"

	"parley/chat"
)

// readingCommands are for those who read, or hear, more than comes at once.
var readingCommands = []Command{{
	Name:  "next",
	Usage: "next",
	Help:  "Read on: a list that was cut, or what you have not read.",
	More: `Lists that are long say "Page 1 of 3", and "next" shows the next page until you do something else than ` +
		`speak. In the form for screen readers a page is shorter. Unread is first what you were told, then your ` +
		`letters, your rooms, and what was shouted; at most 20 lines or one letter are shown at once.`,
	Example: "next",
	Pace:    Unpaced,
	Extra:   true,
	Run: func(ctx context.Context, c *Call) error {
		line := c.Session.Following()
		if line == "" {
			return readNext(ctx, c)
		}
		c.Session.Follow("")
		return c.registry.Run(ctx, c, line)
	},
}, {
	Name:  "pause",
	Usage: "pause",
	Help:  "Let what others say wait.",
	More: `Nothing is lost: it is shown after "resume". When very much waits it is shown by itself, and the pause ` +
		`ends.`,
	Example: "pause",
	Pace:    Unpaced,
	Extra:   true,
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
	Help:    "Show what has waited since pause.",
	Example: "resume",
	Pace:    Unpaced,
	Extra:   true,
	Run: func(_ context.Context, c *Call) error {
		if !c.Session.Pause(false) {
			return chat.ErrNotPaused
		}
		return nil
	},
}}
