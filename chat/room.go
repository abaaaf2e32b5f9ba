package chat

import "slices"

// A Room is the record of a place where members hear each other. It is a value that is never changed in place: the rules below return
// the room as it is afterwards, and a reader may keep what it has read.
type Room struct {
	// Number starts at 0 and is never given twice while the server runs.
	Number int
	// Topic is what it was opened for.
	Topic Text
	// Leader governs the room; when the leader leaves, it closes.
	Leader User
	// Members are who is in it, the leader too, sorted by name without regard to letter case.
	Members []User
}

// newRoom returns a room that leader has just opened.
func newRoom(number int, topic Text, leader User) Room {
	return Room{Number: number, Topic: topic, Leader: leader, Members: []User{leader}}
}

// Has reports whether u is a member.
func (r Room) Has(u User) bool {
	_, found := r.find(u)
	return found
}

// Open reports whether the room has its leader. The zero Room, and a room that its leader has left, are closed.
func (r Room) Open() bool { return len(r.Members) > 0 }

func (r Room) find(u User) (int, bool) {
	return slices.BinarySearchFunc(r.Members, u, func(a, b User) int {
		return compareNames(a.Name, b.Name)
	})
}

// join returns the room with u in it. It returns ErrAlreadyMember if u is.
func (r Room) join(u User) (Room, error) {
	i, found := r.find(u)
	if found {
		return r, ErrAlreadyMember.With(r.Number)
	}
	r.Members = slices.Insert(slices.Clone(r.Members), i, u)
	return r, nil
}

// leave returns the room without u, closed if u led it. It returns ErrNotMember if u is not in it.
func (r Room) leave(u User) (Room, error) {
	i, found := r.find(u)
	if !found {
		return r, ErrNotMember.With(r.Number, r.Number)
	}
	if u.ID == r.Leader.ID {
		r.Members = nil
		return r, nil
	}
	r.Members = slices.Delete(slices.Clone(r.Members), i, i+1)
	return r, nil
}

// Names returns the members' names, the leader's first and the others' sorted.
func (r Room) Names() []string {
	names := make([]string, 0, len(r.Members))
	names = append(names, r.Leader.Name)
	for _, m := range r.Members {
		if m.ID != r.Leader.ID {
			names = append(names, m.Name)
		}
	}
	return names
}
