package chat

import (
	"context"
	"time"
)

const mutesBucket = "mutes"

// Mute makes the user called name unable to say, shout, tell or start anything; the user goes on hearing. It lasts as long as said; zero means
// until it is lifted. An account's mute is on disk when Mute returns nil, and goes on after a restart; a guest's lasts at most as long as the
// session, and goes with the guest into an account that the guest registers. An earlier mute is replaced.
//
// Mute returns the mute, and ErrNoUser, ErrOneself, ErrLastOperator, ErrBadDuration or ErrTooManySanctions.
func (n *Node) Mute(ctx context.Context, by, name string, lasts time.Duration, reason Text) (Sanction, error) {
	d := Deed{By: by, Action: "mute", Target: name, For: lasts, Reason: reason}
	var s Sanction
	err := n.operate(ctx, d, func(d *Deed) error {
		u, err := n.user(ctx, name)
		switch {
		case err != nil:
			return err
		case u.Name == d.By:
			return ErrOneself.With("mute")
		}
		if !u.Guest {
			if err := n.notLast(ctx, u.Name); err != nil {
				return err
			}
		}
		d.Target = u.Name
		s = newSanction(u.Name, d.By, lasts, reason)
		if err := n.mutes.impose(ctx, u.ID, s, !u.Guest); err != nil {
			return err
		}
		return n.publish(ctx, UserTopic(u), &Event{Kind: Muted, At: s.Made, Text: reason, Until: s.Until})
	})
	return s, err
}

// Unmute ends that, and returns the user's name. It returns ErrNoUser or ErrNotMuted.
func (n *Node) Unmute(ctx context.Context, by, name string) (string, error) {
	err := n.operate(ctx, Deed{By: by, Action: "unmute", Target: name}, func(d *Deed) error {
		u, err := n.user(ctx, name)
		if err != nil {
			return err
		}
		name, d.Target = u.Name, u.Name
		if _, found, err := n.mutes.lift(ctx, u.ID); err != nil || !found {
			if err == nil {
				err = ErrNotMuted.With(u.Name)
			}
			return err
		}
		return n.notify(ctx, u, Unmuted)
	})
	return name, err
}

// Mutes returns the mutes that hold now, sorted by target.
func (n *Node) Mutes(ctx context.Context) ([]Sanction, error) { return n.mutes.all(ctx) }

// maySpeak returns ErrMuted if me is muted.
func (n *Node) maySpeak(ctx context.Context, me *Presence) error {
	s, muted, err := n.mutes.find(ctx, me.User.ID)
	if err == nil && muted {
		return ErrMuted.With(s.Terms())
	}
	return err
}

// inheritMute makes an account muted as the one is who registers it.
func (n *Node) inheritMute(ctx context.Context, from, to User) error {
	s, muted, err := n.mutes.find(ctx, from.ID)
	if err != nil || !muted {
		return err
	}
	s.Target = to.Name
	return n.mutes.impose(ctx, to.ID, s, true)
}
