package chat

import (
	"context"
	"time"
)

const (
	// MaxLed is how many rooms one user may lead at a time.
	MaxLed = 3
	// MaxRooms is how many rooms may be open at a time.
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
	r, err := n.desk.OpenRoom(ctx, topic, me.User)
	if err == nil {
		n.count(Opened)
	}
	return r, err
}

// Rooms returns all open rooms by number. The topic of one whose leader is muted is hidden: it is "-".
func (n *Node) Rooms(ctx context.Context) ([]Room, error) {
	rooms, err := n.desk.Rooms(ctx)
	for i, r := range rooms {
		rooms[i].Topic = n.topicOf(ctx, r)
	}
	return rooms, err
}

// RoomsOf returns the open rooms that me is in, by number.
func (n *Node) RoomsOf(ctx context.Context, me *Presence) ([]Room, error) {
	return n.desk.RoomsOf(ctx, me.User)
}

// Join makes me a member of the room of the given number and tells the others. It returns ErrNoRoom or
// ErrAlreadyMember.
func (n *Node) Join(ctx context.Context, me *Presence, number int) (Room, error) {
	r, err := n.turnIn(ctx, me, number)
	if err != nil {
		return r, err
	}
	defer me.yield()
	return n.changeRoom(ctx, me, number, Joined)
}

// Leave ends me's membership in the room of the given number and tells the others; when the leader leaves, the room is
// closed. It returns ErrNoRoom or ErrNotMember.
func (n *Node) Leave(ctx context.Context, me *Presence, number int) (Room, error) {
	r, err := n.turnIn(ctx, me, number)
	if err != nil {
		return r, err
	}
	defer me.yield()
	_, err = n.changeRoom(ctx, me, number, Left)
	return r, err
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

// changeRoom lets me come into a room, or leave it. The caller has me's turn.
func (n *Node) changeRoom(ctx context.Context, me *Presence, number int, kind Kind) (Room, error) {
	c := RoomChange{Kind: kind, User: me.User, At: time.Now(), Muted: n.hides(ctx, me.User)}
	r, err := n.desk.ChangeRoom(ctx, number, c)
	if err != nil {
		return r, noRoom(err, number)
	}
	if !r.Open() {
		kind = Closed
	}
	n.count(kind)
	return r, nil
}
