package chat

import (
	"context"
	"errors"
	"time"
)

// Say speaks to the members of the room whose number is written in word. It returns ErrMuted, ErrNoRoom,
// ErrNotMember or ErrNothingSaid.
func (n *Node) Say(ctx context.Context, me *Presence, word string, text Text) error {
	if err := n.maySpeak(ctx, me); err != nil {
		return err
	}
	r, err := n.room(ctx, word)
	switch {
	case err != nil:
		return err
	case !r.Has(me.User):
		return ErrNotMember.With(r.Number, r.Number)
	case text.Empty():
		return ErrNothingSaid
	}
	return n.publish(ctx, RoomTopic(r.Number), newEvent(Said, me.User, r.Number, text))
}

// Shout speaks to everyone online. It returns ErrMuted or ErrNothingSaid.
func (n *Node) Shout(ctx context.Context, me *Presence, text Text) error {
	if err := n.maySpeak(ctx, me); err != nil {
		return err
	}
	if text.Empty() {
		return ErrNothingSaid
	}
	return n.publish(ctx, Everyone, newEvent(Shouted, me.User, 0, text))
}

// Tell speaks to the user called name alone, and returns the user's name and for how long that user has been idle.
//
// It returns ErrNoUser if there is no such account, ErrNotOnline if the user has no session, ErrBlocked if the user
// has blocked me, ErrMuted and ErrNothingSaid; nothing is delivered then.
func (n *Node) Tell(ctx context.Context, me *Presence, name string, text Text) (to string, idle time.Duration, err error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return "", 0, err
	}
	e, err := n.online(ctx, name)
	switch {
	case err != nil:
		return "", 0, err
	case !e.Hears(me.User):
		return "", 0, ErrBlocked.With(e.User.Name)
	case text.Empty():
		return "", 0, ErrNothingSaid
	}
	if err := n.publish(ctx, UserTopic(e.User), newEvent(Told, me.User, 0, text)); err != nil {
		return "", 0, err
	}
	if e.deaf.Load() {
		return "", 0, ErrNotOnline.With(e.User.Name) // the mailbox was full
	}
	return e.User.Name, e.Idle(), nil
}

// online returns the entry of the user called name: ErrNoUser if there is none, ErrNotOnline if the account has no session.
func (n *Node) online(ctx context.Context, name string) (*Entry, error) {
	e, err := n.directory.Find(ctx, name)
	if !errors.Is(err, ErrNotFound) {
		return e, err
	}
	a, _, err := n.account(ctx, name)
	if err != nil {
		return nil, err
	}
	return nil, ErrNotOnline.With(a.Name)
}
