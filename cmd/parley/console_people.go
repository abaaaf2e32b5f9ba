package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parley/chat"
)

type sessionsCommand struct{}

func (*sessionsCommand) live() {}

func (*sessionsCommand) do(ctx context.Context, c *console) error {
	entries, err := c.chat.Online(ctx)
	if err != nil {
		return err
	}
	t := newTable(c.out, "NAME", "ADDRESS", "SINCE", "IDLE")
	for _, e := range entries {
		address := ""
		if source := e.Source(); source.IsValid() {
			address = source.String()
		}
		t.row(e.User.Name, address, minute(e.Since), chat.FormatDuration(e.Idle().Truncate(time.Second)))
	}
	// Counted a moment later than they were listed.
	waiting := max(0, c.sessions.Stats().Open-len(entries))
	if err := t.end(len(entries), "session"); err != nil || waiting == 0 {
		return err
	}
	return c.say("Before the login: %d.", waiting)
}

type kickCommand struct {
	User   string   `arg:"" help:"Name of the user."`
	Reason []string `arg:"" optional:"" help:"What the user reads."`
}

func (*kickCommand) live() {}

func (k *kickCommand) do(ctx context.Context, c *console) error {
	name, err := c.chat.Kick(ctx, chat.Console, k.User, words(k.Reason))
	if err != nil {
		return err
	}
	return c.say("User %s has been disconnected.", name)
}

type banCommand struct {
	Target string   `arg:"" help:"A user, an address, or a network such as 192.0.2.0/24."`
	Terms  []string `arg:"" optional:"" help:"How long and why, as in: for 2d spam. Without for it lasts until it is lifted."`
}

func (b *banCommand) do(ctx context.Context, c *console) error {
	var lasts time.Duration
	reason := b.Terms
	if len(reason) > 1 && strings.EqualFold(reason[0], "for") {
		var err error
		if lasts, err = chat.ParseDuration(reason[1]); err != nil {
			return err
		}
		reason = reason[2:]
	}
	ban, err := c.chat.Ban(ctx, chat.Console, b.Target, lasts, words(reason))
	if err != nil {
		return err
	}
	return c.say("%s is banned%s", ban.Target, ban.Terms())
}

type unbanCommand struct {
	Target string `arg:"" help:"What was banned."`
}

func (u *unbanCommand) do(ctx context.Context, c *console) error {
	ban, err := c.chat.Unban(ctx, chat.Console, u.Target)
	if err != nil {
		return err
	}
	return c.say("%s is no longer banned.", ban.Target)
}

type bansCommand struct{}

func (*bansCommand) readOnly() {}

func (*bansCommand) do(ctx context.Context, c *console) error {
	bans, err := c.chat.Bans(ctx)
	if err != nil {
		return err
	}
	t := newTable(c.out, "TARGET", "BY", "SINCE", "UNTIL", "REASON")
	for _, b := range bans {
		until := "lifted"
		if !b.Until.IsZero() {
			until = minute(b.Until)
		}
		t.row(b.Target, b.By, minute(b.Made), until, b.Reason.String())
	}
	return t.end(len(bans), "ban")
}

type announceCommand struct {
	Text []string `arg:"" help:"What everyone online reads."`
}

func (*announceCommand) live() {}

func (a *announceCommand) do(ctx context.Context, c *console) error {
	if err := c.chat.Announce(ctx, chat.Console, words(a.Text)); err != nil {
		return err
	}
	online, err := c.chat.Who(ctx)
	if err != nil {
		return err
	}
	return c.say("Announced to everyone online: %d.", len(online))
}

type inviteCommand struct{}

func (*inviteCommand) do(ctx context.Context, c *console) error {
	code, err := c.chat.Invite(ctx, chat.Console)
	if err != nil {
		return err
	}
	return c.say("Invite code: %s\nOne account can be registered with it, within %s.", code, chat.FormatDuration(chat.InviteLasts))
}

type auditCommand struct {
	Number int `arg:"" optional:"" default:"50" help:"How many entries to list; 0 lists all. (${default})"`
}

func (*auditCommand) readOnly() {}

func (a *auditCommand) do(ctx context.Context, c *console) error {
	deeds, err := c.chat.Audit(ctx, a.Number)
	if err != nil {
		return err
	}
	for _, d := range deeds {
		if _, err := fmt.Fprintf(c.out, "%s  %s: %s\n", d.Time.UTC().Format("2006-01-02 15:04:05 UTC"), d.By, d); err != nil {
			return err
		}
	}
	if len(deeds) == 0 {
		return c.say("No operator has done anything yet.")
	}
	return nil
}

// words returns what the shell cut into words as text for users to read.
func words(w []string) chat.Text { return chat.Clean(strings.Join(w, " ")) }
