package chat

import (
	"context"
)

// A Target is where somebody speaks to: a room, or one user.
type Target struct {
	// User is the user; the zero User if it is a room.
	User User `json:"user,omitzero"`
	// Room is the number of the room.
	Room int `json:"room,omitempty"`
	// Place is the name of the room, if it is a standing one.
	Place string `json:"place,omitempty"`
}

// Called returns what a room is called: its name, or else its number.
func (t Target) Called() string { return Room{Number: t.Room, Name: t.Place}.Called() }

// IsRoom reports whether t is a room.
func (t Target) IsRoom() bool { return t.User == User{} }

// RoomTarget returns the room of the given number, which me must be in. It returns ErrNoRoom or ErrNotMember.
func (n *Node) RoomTarget(ctx context.Context, me *Presence, room int) (Target, error) {
	r, err := n.room(room)
	if err == nil && !r.Has(me.User) {
		err = ErrNotMember.With(r.Called(), r.Called())
	}
	return Target{Room: room, Place: r.Name}, err
}

// UserTarget returns the user called name, who must be online. It returns ErrNoUser or ErrNotOnline.
func (n *Node) UserTarget(ctx context.Context, name string) (Target, error) {
	e, err := n.onlineEntry(ctx, name)
	return Target{User: e.User}, err
}

// Reaches reports whether t is still there for me: a room that me is in, or a user who is online and no other one of
// the same name.
func (n *Node) Reaches(me *Presence, t Target) bool {
	if t.IsRoom() {
		r, err := n.desk.Room(t.Room)
		return err == nil && r.Has(me.User)
	}
	e, err := n.desk.Find(t.User.Name)
	return err == nil && e.User.ID == t.User.ID
}
