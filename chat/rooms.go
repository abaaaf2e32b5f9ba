package chat

import (
	"context"
	"errors"
)

const (
	// MaxLed is how many rooms one user may lead at a time.
	MaxLed = 3
	// MaxRooms is how many rooms may be open at a time; a few more if several nodes open the last ones at once.
	MaxRooms = 1000
)

// Start opens a room that me leads, and tells everyone online. It returns ErrMuted, ErrNothingSaid, ErrTooManyLed or
// ErrTooManyRooms.
func (n *Node) Start(ctx context.Context, me *Presence, topic Text) (Room, error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return Room{}, err
	}
	if topic.Empty() {
		return Room{}, ErrNothingSaid
	}
	if err := me.move(ctx); err != nil {
		return Room{}, err
	}
	defer me.yield()
	r, err := n.open(ctx, topic, me.User)
	if err != nil {
		return Room{}, err
	}
	if err := n.bus.Subscribe(ctx, RoomTopic(r.Number), me); err != nil {
		return Room{}, errors.Join(err, n.leave(context.WithoutCancel(ctx), me, r.Number))
	}
	return r, n.publish(ctx, Everyone, newEvent(Opened, me.User, r.Number, r.Topic))
}

// open opens a room that leader leads, unless there are too many. The caller has the leader's turn.
func (n *Node) open(ctx context.Context, topic Text, leader User) (Room, error) {
	select {
	case n.opening <- struct{}{}:
		defer func() { <-n.opening }()
	case <-ctx.Done():
		return Room{}, ctx.Err()
	}
	rooms, err := n.directory.Rooms(ctx)
	if err != nil {
		return Room{}, err
	}
	led := 0
	for _, r := range rooms {
		if r.Leader.ID == leader.ID {
			led++
		}
	}
	switch {
	case led >= MaxLed:
		return Room{}, ErrTooManyLed.With(MaxLed)
	case len(rooms) >= MaxRooms:
		return Room{}, ErrTooManyRooms.With(MaxRooms)
	}
	return n.directory.OpenRoom(ctx, topic, leader)
}

// Rooms returns all open rooms by number. The topic of one whose leader is muted is hidden: it is "-".
func (n *Node) Rooms(ctx context.Context) ([]Room, error) {
	rooms, err := n.directory.Rooms(ctx)
	for i, r := range rooms {
		rooms[i].Topic = n.topicOf(ctx, r)
	}
	return rooms, err
}

// RoomsOf returns the open rooms that me is in, by number.
func (n *Node) RoomsOf(ctx context.Context, me *Presence) ([]Room, error) {
	return n.directory.RoomsOf(ctx, me.User)
}

// Join makes me a member of the room of the given number and tells the others. It returns ErrNoRoom or
// ErrAlreadyMember.
func (n *Node) Join(ctx context.Context, me *Presence, number int) (Room, error) {
	r, err := n.turnIn(ctx, me, number)
	if err != nil {
		return r, err
	}
	defer me.yield()
	topic := RoomTopic(number)
	// To hear comes before being a member: a member misses nothing, and hears that the room closes even if that is at
	// once.
	if err := n.bus.Subscribe(ctx, topic, me); err != nil {
		return r, err
	}
	changed, err := n.directory.ChangeRoom(ctx, number, RoomChange{Joined, me.User})
	if err != nil {
		if !errors.Is(err, ErrAlreadyMember) {
			err = errors.Join(noRoom(err, number), n.bus.Unsubscribe(context.WithoutCancel(ctx), topic, me))
		}
		return r, err
	}
	return changed, n.publish(ctx, topic, newEvent(Joined, me.User, number, Text{}))
}

// Leave ends me's membership in the room of the given number and tells the others; when the leader leaves, the room is
// closed. It returns ErrNoRoom or ErrNotMember.
func (n *Node) Leave(ctx context.Context, me *Presence, number int) (Room, error) {
	r, err := n.turnIn(ctx, me, number)
	if err != nil {
		return r, err
	}
	defer me.yield()
	return r, n.leave(ctx, me, number)
}

// turnIn waits for me's turn to come into the room of the given number, or to leave it, and returns the room. The
// caller yields the turn, unless there is an error.
func (n *Node) turnIn(ctx context.Context, me *Presence, number int) (Room, error) {
	r, err := n.room(ctx, number)
	if err == nil {
		err = me.move(ctx)
	}
	return r, err
}

// leave ends me's membership in a room; the caller has me's turn.
func (n *Node) leave(ctx context.Context, me *Presence, number int) error {
	r, err := n.directory.ChangeRoom(ctx, number, RoomChange{Left, me.User})
	if err != nil {
		return noRoom(err, number)
	}
	topic := RoomTopic(number)
	if !r.Open() {
		return errors.Join(n.publish(ctx, topic, newEvent(Closed, me.User, number, n.topicOf(ctx, r))),
			n.bus.Close(ctx, topic))
	}
	return errors.Join(n.bus.Unsubscribe(ctx, topic, me), n.publish(ctx, topic,
		newEvent(Left, me.User, number, Text{})))
}
