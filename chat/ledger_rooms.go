package chat

import (
	"net/netip"
	"slices"
	"time"

	"parley/chat/budget"
)

// findLocked returns where in rooms the room of the given number is.
func (l *Ledger) findLocked(number int) (int, bool) {
	return slices.BinarySearchFunc(l.rooms, number, func(r Room, number int) int { return r.Number - number })
}

// onlineLocked returns the ID of the entry of u, or "" if u is not online.
func (l *Ledger) onlineLocked(u User) string {
	if e := l.online[u.key()]; e != nil && e.User.ID == u.ID {
		return e.ID
	}
	return ""
}

// Next returns the number of the room that will be opened next.
func (l *Ledger) Next() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.next
}

// openRoomLocked is [Desk.OpenRoom]. It returns what is told: the leader hears the room first.
func (l *Ledger) openRoomLocked(topic Text, leader User, at time.Time) (Room, []Telling, error) {
	id := l.onlineLocked(leader)
	if id == "" {
		return Room{}, nil, ErrMoved
	}
	switch {
	case l.ledByLocked(leader) >= MaxLed:
		return Room{}, nil, ErrTooManyLed.With(MaxLed)
	case len(l.rooms) >= MaxRooms:
		return Room{}, nil, ErrTooManyRooms.With(MaxRooms)
	}
	r := Room{Number: l.next, Topic: topic, Leader: leader, Members: MembersOf(leader)}
	l.next++
	l.rooms = append(l.rooms, r)
	l.in.note(leader, r.Number, true)
	return r, []Telling{
		{Topic: RoomTopic(r.Number), Comes: id, User: leader, Opens: true},
		{Topic: Everyone, Event: &Event{Kind: Opened, At: at, From: leader, Room: r.Number, Text: topic}},
	}, nil
}

// changeRoomLocked is [Desk.ChangeRoom]. It returns what the members are told, too.
func (l *Ledger) changeRoomLocked(number int, c RoomChange, now time.Duration) (Room, []Telling, error) {
	i, ok := l.findLocked(number)
	if !ok {
		return Room{}, nil, ErrNotFound
	}
	was := l.rooms[i]
	id := l.onlineLocked(c.User)
	if id == "" && c.Kind == Joined {
		return was, nil, ErrMoved
	}
	c.now, c.operator = now, id != "" && l.online[c.User.key()].Operator
	r, err := was.After(c)
	if err == nil && c.Kind == Led && l.ledByLocked(c.Whom) >= MaxLed && !r.Standing() {
		err = ErrLeadsMany.With(c.Whom.Name, MaxLed)
	}
	if err != nil {
		return was, nil, err
	}
	l.putRoomLocked(i, r, c.User, c.Whom)
	return r, l.toldLocked(was, r, c, now), nil
}

// putRoomLocked makes r the room at that place, or takes it away if it is closed. By that nobody comes or goes but
// concerned, or all go.
func (l *Ledger) putRoomLocked(i int, r Room, concerned ...User) {
	if r.Members.Len() == 0 {
		concerned = slices.Collect(l.rooms[i].Members.All())
	}
	for _, u := range concerned {
		l.in.note(u, r.Number, r.Has(u))
	}
	if r.Open() {
		l.rooms[i] = r
		return
	}
	l.rooms = slices.Delete(l.rooms, i, i+1)
	delete(l.tallies, r.Number)
	delete(l.spoke, r.Number)
}

// ledByLocked returns how many rooms u leads, but for standing ones.
func (l *Ledger) ledByLocked(u User) (led int) {
	for i := range l.rooms {
		if r := &l.rooms[i]; !r.Standing() && r.Leader.ID == u.ID {
			led++
		}
	}
	return led
}

// Room is [Desk.Room].
func (l *Ledger) Room(number int) (Room, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if i, ok := l.findLocked(number); ok {
		return l.rooms[i], nil
	}
	return Room{}, ErrNotFound
}

// Rooms is [Desk.Rooms].
func (l *Ledger) Rooms() []Room {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.rooms)
}

// RoomsOf is [Desk.RoomsOf].
func (l *Ledger) RoomsOf(u User) []Room {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.roomsOfLocked(u)
}

func (l *Ledger) roomsOfLocked(u User) []Room {
	var rooms []Room
	for _, number := range l.in[u.key()] {
		if i, ok := l.findLocked(number); ok {
			rooms = append(rooms, l.rooms[i])
		}
	}
	return rooms
}

// whereabouts are the numbers of the rooms that users are in, in order, by the user's folded name: who goes is not
// looked for in all rooms.
type whereabouts map[string][]int

// note notes whether u is in the room of that number.
func (w whereabouts) note(u User, number int, is bool) {
	name := u.key()
	rooms := w[name]
	i, was := slices.BinarySearch(rooms, number)
	switch {
	case is == was:
		return
	case is:
		rooms = slices.Insert(rooms, i, number)
	default:
		rooms = slices.Delete(rooms, i, i+1)
	}
	if len(rooms) == 0 {
		delete(w, name)
	} else {
		w[name] = rooms
	}
}

// WaitRegistration is [Desk.WaitRegistration].
func (l *Ledger) WaitRegistration(source netip.Addr, now time.Duration) budget.Waits {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.registers.Wait(source, now)
}
