package chat

import (
	"fmt"
	"time"
)

// A Room is the record of a place where members hear each other. It is a value that is never changed in place: the
// rules below return the room as it is afterwards, and a reader may keep what it has read.
type Room struct {
	// Number starts at 0 and is never given twice while the server runs.
	Number int `json:"number"`
	// Topic is what it was opened for.
	Topic Text `json:"topic"`
	// Leader governs the room; when the leader leaves, it closes.
	Leader User `json:"leader"`
	// Members are who is in it, the leader too.
	Members Members `json:"members"`
}

// A RoomChange says, as data, who came into a room or left it, and what is needed to tell others of that.
type RoomChange struct {
	// Kind is Joined or Left.
	Kind Kind `json:"kind"`
	User User `json:"user"`
	// At is when it happened.
	At time.Time `json:"at"`
	// Muted says that others are not to read what the user wrote as a topic.
	Muted bool `json:"muted,omitempty"`
}

// HiddenTopic is what others read in place of a topic that they are not to read.
var HiddenTopic = Clean("-")

// NewRoom returns a room that leader has just opened.
func NewRoom(number int, topic Text, leader User) Room {
	return Room{Number: number, Topic: topic, Leader: leader, Members: MembersOf(leader)}
}

// Has reports whether u is a member.
func (r Room) Has(u User) bool { return r.Members.Has(u) }

// Open reports whether the room has its leader. The zero Room, and a room that its leader has left, are closed.
func (r Room) Open() bool { return r.Members.Len() > 0 }

// After returns the room as it is after c; a room that its leader has left is closed. It returns ErrAlreadyMember or
// ErrNotMember, and the room as it is, if c cannot be.
func (r Room) After(c RoomChange) (Room, error) {
	switch c.Kind {
	case Joined:
		return r.join(c.User)
	case Left:
		return r.leave(c.User)
	}
	return r, fmt.Errorf("change room %d: %s is no change of a room", r.Number, c.Kind)
}

// join returns the room with u in it. It returns ErrAlreadyMember if u is.
func (r Room) join(u User) (Room, error) {
	var joined bool
	if r.Members, joined = r.Members.with(u); !joined {
		return r, ErrAlreadyMember.With(r.Number)
	}
	return r, nil
}

// leave returns the room without u, closed if u led it. It returns ErrNotMember if u is not in it.
func (r Room) leave(u User) (Room, error) {
	var left bool
	if r.Members, left = r.Members.without(u); !left {
		return r, ErrNotMember.With(r.Number, r.Number)
	}
	if u.ID == r.Leader.ID {
		r.Members = Members{}
	}
	return r, nil
}

// Names returns the members' names, the leader's first and the others' sorted.
func (r Room) Names() []string {
	names := make([]string, 0, r.Members.Len())
	names = append(names, r.Leader.Name)
	for m := range r.Members.All() {
		if m.ID != r.Leader.ID {
			names = append(names, m.Name)
		}
	}
	return names
}
