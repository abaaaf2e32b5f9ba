package commands

import (
	"context"
	"errors"

	"parley/chat"
	"parley/settings"
	"parley/words"
)

// A Speech is what a user says to others: whom to is settled, and nobody has heard it yet.
type Speech struct {
	// Kind is one by which users speak: see [chat.Kind.Spoken].
	Kind chat.Kind
	// To is the room or the user; nothing where all are spoken to.
	To   chat.Target
	Text chat.Text
}

// sayIn speaks in a room.
func (c *Call) sayIn(ctx context.Context, room int, kind chat.Kind, text chat.Text) error {
	return c.speak(ctx, Speech{kind, chat.Target{Room: room}, text})
}

// tell speaks to u. Of a user without an ID the name is known alone.
func (c *Call) tell(ctx context.Context, u chat.User) error {
	return c.speak(ctx, Speech{chat.Told, chat.Target{User: u}, c.Text("msg")})
}

// speak says s, at once or, if the user wants that, later. What would be refused now is refused now.
func (c *Call) speak(ctx context.Context, s Speech) error {
	if c.Session == nil || !c.Session.Delays() {
		return c.Send(ctx, s)
	}
	if s.Kind == chat.Told && s.To.User.ID == "" { // whoever has that name now is meant
		to, err := c.Chat.UserTarget(ctx, s.To.User.Name)
		if err != nil {
			return c.Send(ctx, s)
		}
		s.To = to
	}
	if s.Kind.Spoken() != chat.Shouts {
		if !c.Chat.Reaches(c.Me, s.To) {
			return c.Send(ctx, s)
		}
	}
	if s.Text.Empty() {
		return c.Send(ctx, s)
	}
	c.Session.Delay(s)
	return nil
}

// Send says s now, and tells the speaker of a tell what keeps the other from reading it. It returns what package chat
// refuses.
func (c *Call) Send(ctx context.Context, s Speech) error {
	switch s.Kind.Spoken() {
	case chat.Shouts:
		return c.Chat.SpeakToAll(ctx, c.Me, s.Kind, s.Text)
	case chat.InRoom:
		return c.Chat.SpeakIn(ctx, c.Me, s.To.Room, s.Kind, s.Text)
	}
	h, err := c.Chat.TellUser(ctx, c.Me, s.To.User, s.Text)
	switch {
	case errors.Is(err, chat.ErrNotOnline):
		return leaveMail(err)
	case err != nil:
		return err
	case h.Held != nil:
		c.Say("told held", h.User.Name, words.Idle(h.Held.Ago()))
	case h.Absence.Away:
		c.Say("told away", h.User.Name, words.Reason(h.Absence.Why.String()))
	case h.Idle >= tellIdle:
		c.Say("told idle", h.User.Name, words.Idle(h.Idle)) // which is news
	case c.Me.Settings().Of(settings.Receipts) == settings.On:
		c.Say("told", h.User.Name)
	}
	return nil
}
