package chat

import (
	"cmp"
	"context"
	"errors"
	"time"

	"parley/chat/record"
)

// SetTopic makes text the topic of the room of that number; empty text takes the topic away. It returns the room as it
// was. It returns ErrNoTopic or ErrHasTopic if that changes nothing, ErrMuted, and what [Room.After] does, as all below
// do, or ErrNoRoom.
func (n *Node) SetTopic(ctx context.Context, me *Presence, number int, text Text) (was Room, err error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return Room{}, err
	}
	if was, err = n.room(number); err != nil {
		return Room{}, err
	}
	switch { // not by the rules of the room, which several nodes have to share: to tell it twice does no harm
	case was.Topic.Empty() && text.Empty():
		return was, ErrNoTopic.With(was.Called())
	case was.Topic == text:
		return was, ErrHasTopic.With(was.Called())
	}
	was.Topic = n.topicOf(ctx, was)
	kind := Retitled
	if text.Empty() {
		kind = Untitled
	}
	_, err = n.govern(ctx, me, number, RoomChange{Kind: kind, Text: text})
	return was, err
}

// InviteInto lets the user called name into the room of that number, also while that is locked, or the user is kept
// out, and tells the user, who need not be online. It returns ErrNoUser, ErrMuted or ErrBlocked.
func (n *Node) InviteInto(ctx context.Context, me *Presence, number int, name string) (u User, online bool,
	err error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return User{}, false, err
	}
	if u, err = n.user(ctx, name); err != nil {
		return User{}, false, err
	}
	if blocks, err := n.blocks(ctx, u, me.User); err != nil || blocks {
		if err == nil {
			err = ErrBlocked.With(u.Name)
		}
		return u, false, err
	}
	if _, err := n.govern(ctx, me, number, RoomChange{Kind: Invited, Whom: u}); err != nil {
		return u, false, err
	}
	_, online = n.entryOf(u)
	return u, online, nil
}

// blocks reports whether u has blocked from, who may notice it.
func (n *Node) blocks(ctx context.Context, u, from User) (bool, error) {
	if u.Guest {
		e, online := n.entryOf(u)
		if !online {
			return false, nil
		}
		a, err := n.desk.Ask(ctx, e.Node, &Order{Kind: Deliver, User: u, Event: newEvent(Invited, from, 0, Text{})})
		return a.Verdict == Blocked, err
	}
	a, err := n.account(ctx, u.Name)
	if err != nil {
		return false, err
	}
	b, blocked := a.blocking(from)
	return blocked && !b.Silent, nil
}

// Lock lets nobody into the room of that number who is not invited, or ends that. Those inside stay.
func (n *Node) Lock(ctx context.Context, me *Presence, number int, on bool) (Room, error) {
	kind := Unlocked
	if on {
		kind = Locked
	}
	return n.govern(ctx, me, number, RoomChange{Kind: kind})
}

// Remove ends the membership of the user called name in the room of that number. If out is true the user may not come
// in again until the room closes or somebody invites the user, and need not be in it now. It returns ErrNoUser, and
// ErrMuted if there is a reason.
func (n *Node) Remove(ctx context.Context, me *Presence, number int, name string, reason Text, out bool) (User,
	error) {
	if !reason.Empty() {
		if err := n.maySpeak(ctx, me); err != nil {
			return User{}, err
		}
	}
	u, err := n.memberOrUser(ctx, number, name)
	if err != nil {
		return u, err
	}
	_, err = n.govern(ctx, me, number, RoomChange{Kind: Removed, Whom: u, Text: reason, Out: out})
	if err == nil && out && u.Guest {
		if e, online := n.entryOf(u); online {
			n.keepGuest(ctx, e, false)
		}
	}
	return u, err
}

// HandOver makes the user called name the leader of the room of that number. It returns ErrNoUser or ErrLeadsMany.
func (n *Node) HandOver(ctx context.Context, me *Presence, number int, name string) (User, error) {
	return n.governMember(ctx, me, number, Led, name)
}

// Depute makes the user called name the last deputy in the room of that number, or ends that. It returns ErrNoUser.
func (n *Node) Depute(ctx context.Context, me *Presence, number int, name string, on bool) (User, error) {
	kind := Undeputed
	if on {
		kind = Deputed
	}
	return n.governMember(ctx, me, number, kind, name)
}

func (n *Node) governMember(ctx context.Context, me *Presence, number int, kind Kind, name string) (User, error) {
	u, err := n.memberOrUser(ctx, number, name)
	if err != nil {
		return u, err
	}
	_, err = n.govern(ctx, me, number, RoomChange{Kind: kind, Whom: u})
	return u, err
}

// Slow lets each member speak once in every, for so long as lasts says: zero is GovernTime. Zero for every ends that.
// It returns ErrBadSlow.
func (n *Node) Slow(ctx context.Context, me *Presence, number int, every, lasts time.Duration) (Room, error) {
	if every == 0 {
		return n.govern(ctx, me, number, RoomChange{Kind: SlowOff})
	}
	if every < time.Second || every > MaxSlow {
		return Room{}, ErrBadSlow.With(MaxSlow)
	}
	return n.govern(ctx, me, number, RoomChange{Kind: Slowed, Every: every, Lasts: cmp.Or(lasts, GovernTime)})
}

// CalmRoom lets only those speak who govern the room of that number, for so long; zero is GovernTime. Off ends that.
func (n *Node) CalmRoom(ctx context.Context, me *Presence, number int, off bool, lasts time.Duration) (Room, error) {
	if off {
		return n.govern(ctx, me, number, RoomChange{Kind: CalmOff})
	}
	return n.govern(ctx, me, number, RoomChange{Kind: Calmed, Lasts: cmp.Or(lasts, GovernTime)})
}

// CalmAll lets only operators speak to everyone and open rooms, and in the rooms only them and those who govern it, for
// so long; zero is GovernTime. Off ends that. What users tell each other goes on. It returns ErrServerNotCalm.
func (n *Node) CalmAll(ctx context.Context, by Actor, off bool, lasts time.Duration) (time.Duration, error) {
	d := Deed{Action: "calm all", For: cmp.Or(lasts, GovernTime)}
	if off {
		d.Action, d.For = "end calm", 0
	}
	return d.For, n.operate(ctx, by, d, func(*Deed) error { return n.desk.Calm(ctx, d.For) })
}

// notCalm returns ErrServerCalm if only operators may speak to everyone now and me is none.
func (n *Node) notCalm(me *Presence) error {
	if left := n.desk.CalmLeft(); left > 0 && !me.Operator() {
		return ErrServerCalm.With(leftOf(left))
	}
	return nil
}

// govern lets me change the room of that number, and stores what has changed of a standing room. It returns
// ErrRoomUnsaved if that could not be stored: it is in force all the same.
func (n *Node) govern(ctx context.Context, me *Presence, number int, c RoomChange) (Room, error) {
	c.User, c.At = me.User, time.Now()
	r, err := n.desk.ChangeRoom(ctx, number, c)
	if err != nil {
		return r, noRoom(err, number)
	}
	n.count(c.Kind)
	if r.Standing() && !governings[c.Kind].unstored {
		if err := n.saveStanding(context.WithoutCancel(ctx), r); err != nil {
			n.log.Error("standing room not saved", "room", r.Name, "err", err)
			if record.CannotSave(err) {
				return r, ErrRoomUnsaved
			}
			return r, err
		}
	}
	return r, nil
}

// memberOrUser returns the member called name of the room of that number, or else the user of that name. It returns
// ErrNoRoom or ErrNoUser.
func (n *Node) memberOrUser(ctx context.Context, number int, name string) (User, error) {
	r, err := n.room(number)
	if err != nil {
		return User{}, err
	}
	if u, there := r.Members.called(name); there {
		return u, nil
	}
	for _, u := range r.Deputies {
		if FoldName(u.Name) == FoldName(name) {
			return u, nil
		}
	}
	u, err := n.user(ctx, name)
	if errors.Is(err, ErrNoUser) {
		for _, u := range r.Out {
			if FoldName(u.Name) == FoldName(name) {
				return u, nil
			}
		}
	}
	return u, err
}

// Governs reports whether me may govern r: as its leader or a deputy, or, if it is a standing room, as an operator.
func (n *Node) Governs(me *Presence, r Room) bool {
	return r.governs(me.User) || r.Standing() && me.Operator()
}
