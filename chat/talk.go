package chat

import (
	"context"
	"errors"
	"time"
)

// SpeakIn speaks to the members of the room of the given number, by any kind of event that says what me did or said
// there, as Text. It returns ErrMuted, ErrNoRoom, ErrNotMember, ErrNothingSaid, ErrRoomCalm or ErrRoomSlow.
func (n *Node) SpeakIn(ctx context.Context, me *Presence, room int, kind Kind, text Text) error {
	e := newEvent(kind, me.User, room, text)
	err := n.speak(ctx, me, text, func() error {
		_, err := n.RoomTarget(ctx, me, room)
		return err
	}, func() error {
		n.count(kind)
		return said(noRoom(n.desk.Speak(ctx, room, e), room))
	})
	if err == nil {
		me.spokeIn(room)
	}
	return err
}

// SpeakToAll speaks to everyone online, by any kind of event that says what me did or said, as Text. It returns
// ErrMuted, ErrServerCalm or ErrNothingSaid.
func (n *Node) SpeakToAll(ctx context.Context, me *Presence, kind Kind, text Text) error {
	e := newEvent(kind, me.User, 0, text)
	err := n.speak(ctx, me, text, func() error { return n.notCalm(me) },
		func() error { return n.publish(ctx, Everyone, e) })
	if err == nil {
		me.spokeAt(Place{Kind: Shouts})
	}
	return err
}

// speak lets publish tell text to others. It returns ErrMuted, then the error of may, then ErrNothingSaid, then that of
// publish; nothing is delivered then.
func (n *Node) speak(ctx context.Context, me *Presence, text Text, may, publish func() error) error {
	if err := n.maySpeak(ctx, me); err != nil {
		return err
	}
	if err := may(); err != nil {
		return err
	}
	if text.Empty() {
		return ErrNothingSaid
	}
	return publish()
}

// A Hearer is who was told something.
type Hearer struct {
	User    User
	Idle    time.Duration
	Absence Absence
	// Held says that the user's connection was lost; nil if not.
	Held *Hold
}

// TellUser speaks to u alone, who is found by name, and must have the ID of u unless that is empty.
//
// It returns ErrNoUser if there is no such account, ErrNotOnline if the user has no session, ErrUserGone if somebody
// else has that name by now, as the next guest may, ErrBlocked if the user has blocked me, ErrMuted and ErrNothingSaid;
// nothing is delivered then.
func (n *Node) TellUser(ctx context.Context, me *Presence, u User, text Text) (Hearer, error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return Hearer{}, err
	}
	told := newEvent(Told, me.User, 0, text)
	for range maxRetries {
		e, err := n.onlineEntry(ctx, u.Name)
		if u.Guest && errors.Is(err, ErrNoUser) || err == nil && u.ID != "" && u.ID != e.User.ID {
			err = ErrUserGone.With(u.Name)
		}
		if err != nil {
			return Hearer{}, err
		}
		a, err := n.desk.Ask(ctx, e.Node, &Order{Kind: Deliver, User: e.User, Event: told})
		switch {
		case errors.Is(err, ErrUnsure):
			return Hearer{}, ErrMaybeSent
		case err != nil && !errors.Is(err, ErrNotFound):
			return Hearer{}, err
		case a.Verdict == Delivered && text.Empty(): // a speaker who is blocked reads that instead
			return Hearer{}, ErrNothingSaid
		case a.Verdict == Delivered:
			n.count(Told)
			me.told(e.User)
			return Hearer{e.User, a.Idle, e.seen().Absence, e.Held}, nil
		case a.Verdict == Blocked:
			return Hearer{}, ErrBlocked.With(e.User.Name)
		case a.Verdict != "": // on the way out
			return Hearer{}, ErrNotOnline.With(e.User.Name)
		}
		// The user has moved to another node meanwhile, or away.
	}
	return Hearer{}, ErrNotOnline.With(u.Name)
}

// TellUnsent tells me, who has moved to another connection, that line was held at the one before, and is not sent.
func (n *Node) TellUnsent(ctx context.Context, me *Presence, line Text) error {
	e, online := n.entryOf(me.User)
	if !online {
		return nil
	}
	_, err := n.desk.Ask(ctx, e.Node, &Order{Kind: Deliver, User: e.User, Event: newEvent(Unsent, me.User, 0, line)})
	return err
}
