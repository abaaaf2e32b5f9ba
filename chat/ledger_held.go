package chat

import "time"

// heldChangeLocked returns what those rooms are told when the connection was lost, or is there again, that close
// without the user: nobody else who governs them has a connection.
func (l *Ledger) heldChangeLocked(was, now *Entry) (told []Telling) {
	kind, at := Dropped, now.LastInput // which is when the user came
	switch {
	case was.Held == nil && now.Held != nil:
		at = now.Held.Since
	case was.Held != nil && now.Held == nil:
		kind = Returned
	default:
		return nil
	}
	for _, r := range l.roomsOfLocked(now.User) {
		until, waits := l.waitsLocked(r, now.User)
		if !waits || !r.governs(now.User) {
			continue
		}
		e := &Event{Kind: kind, At: at, From: now.User, Room: r.Number}
		if kind == Dropped {
			e.Until = later(until, now.Held.until())
		}
		told = append(told, Telling{Topic: RoomTopic(r.Number), User: now.User, Event: e})
	}
	return told
}

// waitsLocked reports whether the connection of everybody who governs r was lost, but for that of one: it closes unless
// somebody comes back, if it is not a standing room. until is when the last of the others is gone.
func (l *Ledger) waitsLocked(r Room, but User) (until time.Time, waits bool) {
	lost := func(g User) bool {
		if g.ID == but.ID {
			return true
		}
		e := l.online[g.key()]
		if e == nil || e.User.ID != g.ID || e.Held == nil {
			return false
		}
		until = later(until, e.Held.until())
		return true
	}
	if r.Standing() || !lost(r.Leader) {
		return until, false
	}
	for _, d := range r.Deputies {
		if !lost(d) {
			return until, false
		}
	}
	return until, true
}

// waitsNowLocked returns what is told of a room that was so, and is so from now on, if it did not wait for who governs
// it, and does now: somebody has gone who governed it as well.
func (l *Ledger) waitsNowLocked(was, r Room, at time.Time) []Telling {
	until, waits := l.waitsLocked(r, User{})
	if !waits {
		return nil
	}
	if _, waited := l.waitsLocked(was, User{}); waited {
		return nil
	}
	return []Telling{{Topic: RoomTopic(r.Number), User: r.Leader,
		Event: &Event{Kind: Dropped, At: at, From: r.Leader, Room: r.Number, Until: until}}}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
