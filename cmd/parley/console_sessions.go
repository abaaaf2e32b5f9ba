package main

import (
	"context"

	"parley/words"
)

type sessionsCommand struct{}

func (*sessionsCommand) live() bool { return true }

func (*sessionsCommand) do(ctx context.Context, c *console) error {
	entries, err := c.chat.Online(ctx)
	if err != nil {
		return err
	}
	t := newTable(c.out, "NAME", "ADDRESS", "SINCE", "IDLE")
	for _, e := range entries {
		address := ""
		if source := e.Source; source.IsValid() {
			address = source.String()
		}
		t.row(e.User.Name, address, words.English.Date(e.Since), words.English.Idle(words.Idle(e.Idle())))
	}
	// Counted a moment later than they were listed.
	waiting := max(0, c.sessions.Stats().Open-len(entries))
	if err := t.end(words.Count(len(entries), "session")); err != nil || waiting == 0 {
		return err
	}
	return c.say("before login", waiting)
}
