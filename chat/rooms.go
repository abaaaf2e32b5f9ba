package chat

import (
	"context"
	"slices"
	"time"
)

const (
	// MaxLed is how many rooms one user may lead at a time.
	MaxLed = 3
	// MaxRooms is how many rooms may be open at a time.
	MaxRooms = 1000
)

// Start opens a room that me leads, and tells everyone online. It returns ErrMuted, ErrServerCalm, ErrNothingSaid,
// ErrTooManyLed or ErrTooManyRooms.
func (n *Node) Start(ctx context.Context, me *Presence, topic Text) (Room, error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return Room{}, err
	}
	if err := n.notCalm(me); err != nil {
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

// Rooms returns all open rooms: standing ones first, by name, then the others, by number. The topic of one whose leader
// is muted, or who made it the topic, is hidden: it is "-".
func (n *Node) Rooms(ctx context.Context) []Room {
	rooms := n.desk.Rooms()
	for i, r := range rooms {
		rooms[i].Topic = n.topicOf(ctx, r)
	}
	slices.SortStableFunc(rooms, func(a, b Room) int {
		switch {
		case a.Standing() && b.Standing():
			return compareNames(a.Name, b.Name)
		case a.Standing():
			return -1
		case b.Standing():
			return 1
		}
		return 0
	})
	return rooms
}

// RoomsOf returns the open rooms that me is in, by number.
func (n *Node) RoomsOf(me *Presence) []Room { return n.desk.RoomsOf(me.User) }

// Join makes me a member of the room of the given number and tells the others. It returns ErrNoRoom,
// ErrAlreadyMember, ErrKeptOut or ErrRoomLocked.
func (n *Node) Join(ctx context.Context, me *Presence, number int) (Room, error) {
	r, err := n.changeRoom(ctx, me, number, Joined)
	r.Topic = n.topicOf(ctx, r)
	return r, err
}

// Room returns the room of the given number, its topic as others read it. It returns ErrNoRoom.
func (n *Node) Room(ctx context.Context, number int) (Room, error) {
	r, err := n.room(number)
	r.Topic = n.topicOf(ctx, r)
	return r, err
}

// Leave ends me's membership in the room of the given number and tells the others. If me led it another may lead it
// then, or it is closed: see [Room.After]. It returns ErrNoRoom or ErrNotMember.
func (n *Node) Leave(ctx context.Context, me *Presence, number int) (Room, error) {
	return n.changeRoom(ctx, me, number, Left)
}

// changeRoom lets me come into a room, or leave it, when me's turn has come, and returns the room as it is then.
func (n *Node) changeRoom(ctx context.Context, me *Presence, number int, kind Kind) (Room, error) {
	if _, err := n.room(number); err != nil {
		return Room{}, err
	}
	if err := me.move(ctx); err != nil {
		return Room{}, err
	}
	defer me.yield()
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
