package chat

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"parley/words"
)

const mutesBucket = "mutes"

// Mute makes the user called name unable to write what others read: to say, shout, tell or start anything, or to change
// the info; what others read of the user's is hidden meanwhile. The user goes on hearing. It lasts as long as said;
// zero means until it is lifted. An account's mute is on disk when Mute returns nil, and goes on after a restart; a
// guest's lasts at most as long as the session and, for one who comes again as the same guest, an hour more, and goes
// with the guest into an account that the guest registers. It concerns guests too who come from where a muted account
// is online, or was within an hour: see muteBeside. An earlier mute is replaced.
//
// Mute returns the mute, and ErrNoUser, ErrOneself, ErrLastOperator, ErrBadDuration or ErrTooManySanctions.
func (n *Node) Mute(ctx context.Context, by Actor, name string, lasts time.Duration, reason Text) (Sanction, error) {
	d := Deed{Action: "mute", Target: name, For: lasts, Reason: reason}
	var s Sanction
	err := n.operate(ctx, by, d, func(d *Deed) error {
		u, err := n.user(ctx, name)
		switch {
		case err != nil:
			return err
		case by.is(u):
			return ErrOneself.With(words.Say("mute"))
		}
		if !u.Guest {
			if err := n.notLast(ctx, u.Name); err != nil {
				return err
			}
		}
		d.Target = u.Name
		s = newSanction(u.Name, d.By, lasts, reason)
		if err := n.impose(ctx, n.mutes, u.ID, s, !u.Guest); err != nil {
			return err
		}
		d.stands = true
		return n.publish(ctx, UserTopic(u), &Event{Kind: Muted, At: s.Made, Text: reason, Until: s.Until})
	})
	return s, err
}

// Unmute ends that, and returns the user's name. It returns ErrNoUser, ErrNotMuted or ErrOneself.
func (n *Node) Unmute(ctx context.Context, by Actor, name string) (string, error) {
	err := n.operate(ctx, by, Deed{Action: "unmute", Target: name}, func(d *Deed) error {
		u, err := n.mutedUser(ctx, name)
		if err != nil {
			return err
		}
		if by.is(u) {
			return ErrOneself.With(words.Say("unmute"))
		}
		name, d.Target = u.Name, u.Name
		if _, found, err := n.lift(ctx, n.mutes, u.ID); err != nil || !found {
			if err == nil {
				err = ErrNotMuted.With(u.Name)
			}
			return err
		}
		d.stands = true
		return n.notify(ctx, u, Unmuted)
	})
	return name, err
}

// mutedUser returns the user called name, also a guest who has left and is muted still. It returns ErrNoUser.
func (n *Node) mutedUser(ctx context.Context, name string) (User, error) {
	u, err := n.user(ctx, name)
	if !errors.Is(err, ErrNoUser) {
		return u, err
	}
	held, reading := n.mutes.All(ctx)
	for id, s := range held {
		if strings.HasPrefix(id, guestIDPrefix) && FoldName(s.Target) == FoldName(name) && !s.Over() {
			return User{Name: s.Target, ID: id, Guest: true}, nil
		}
	}
	return u, errors.Join(reading, err)
}

// Mutes returns the mutes that hold now, sorted by target.
func (n *Node) Mutes(ctx context.Context) ([]Sanction, error) { return n.mutes.sorted(ctx) }

// maySpeak returns ErrMuted if me is muted.
func (n *Node) maySpeak(ctx context.Context, me *Presence) error {
	s, muted, err := n.mutes.Find(ctx, me.User.ID)
	if err == nil && muted {
		return ErrMuted.With(s.Terms())
	}
	return err
}

// hides reports whether nobody but an operator or the writer is to read what u wrote about oneself, or as a topic: u is
// muted.
func (n *Node) hides(ctx context.Context, u User) bool {
	_, muted, err := n.mutes.Find(ctx, u.ID)
	return err == nil && muted
}

// topicOf returns what others read as the topic of r.
func (n *Node) topicOf(ctx context.Context, r Room) Text {
	if n.hides(ctx, r.Leader) || n.hides(ctx, r.TopicBy) {
		return HiddenTopic
	}
	return r.Topic
}

// keepMute lets the mute of a guest who leaves go on for a while: leaving ends no punishment.
func (n *Node) keepMute(ctx context.Context, p *Presence) {
	id := p.User.ID
	s, muted, err := n.mutes.Find(ctx, id)
	if err != nil || !muted {
		n.mutes.Forget(id)
		return
	}
	if end := time.Now().Add(guestKept); s.Until.IsZero() || s.Until.After(end) {
		s.Until = end
	}
	err = n.mutes.Remember(ctx, id, s)
	if err == nil {
		err = n.spread(ctx, n.mutes, id, &s)
	}
	if err != nil {
		n.log.Error("a guest's mute is not kept", "guest", p.User.Name, "err", err)
	}
	n.keepGuest(ctx, p.entry(), false)
}

// inheritMute makes an account muted as the one is who registers it. It returns ErrMuted if there is no room for that.
func (n *Node) inheritMute(ctx context.Context, from, to User) error {
	s, muted, err := n.mutes.Find(ctx, from.ID)
	if err != nil || !muted {
		return err
	}
	s.Target = to.Name
	err = n.impose(ctx, n.mutes, to.ID, s, true)
	if errors.Is(err, ErrTooManySanctions) {
		return ErrMuted.With(s.Terms())
	}
	return err
}

// keepSource remembers for guestKept where p, an account, comes from, if it is muted.
func (n *Node) keepSource(ctx context.Context, p *Presence) {
	if _, muted, err := n.mutes.Find(ctx, p.User.ID); err != nil || !muted {
		return
	}
	if err := n.impose(ctx, n.kept, mutedKey(p.Source()), newSanction(p.User.ID, "", guestKept, Text{}),
		false); err != nil {
		n.log.Warn("a muted user may come again as a guest", "user", p.User.Name, "err", err)
	}
}

// mutedKey is under what the muted account that was last at source is kept. No guest has that name.
func mutedKey(source netip.Addr) string { return guestKey("*", source) }

// muteBeside mutes u, a guest who comes from source, for at most guestKept, if an account is muted that is online there
// or was within guestKept: that may be the same person. Where no limit per source holds many come from one source, and
// nobody is held to what another did.
func (n *Node) muteBeside(ctx context.Context, u User, source netip.Addr) error {
	held, err := n.mutes.All(ctx)
	if err != nil || len(held) == 0 || n.exempt.Has(source) {
		return err
	}
	kept, _, err := n.kept.Find(ctx, mutedKey(source))
	if err != nil {
		return err
	}
	s, muted := held[kept.Target]
	for e := range n.desk.Online() {
		if !muted && !e.User.Guest && SourceOf(e.Source) == SourceOf(source) {
			s, muted = held[e.User.ID]
		}
	}
	if !muted || s.Over() {
		return nil
	}
	if end := time.Now().Add(guestKept); s.Until.IsZero() || s.Until.After(end) {
		s.Until = end
	}
	s.Target = u.Name
	return n.impose(ctx, n.mutes, u.ID, s, false)
}
