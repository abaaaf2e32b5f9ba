package chat

import (
	"slices"
	"time"
)

// toldLocked returns what is told when a room that was so is so from now on because of c: first of c itself.
func (l *Ledger) toldLocked(was, r Room, c RoomChange, now time.Duration) []Telling {
	t := Telling{Topic: RoomTopic(r.Number), Event: tellOf(r, c), User: c.User}
	var told []Telling
	switch {
	case !r.Open():
		return []Telling{l.endsLocked(was, c)}
	case c.Kind == Joined:
		t.Comes = l.onlineLocked(c.User)
		told = l.crowdLocked(t, was, now)
	case c.Kind == Left:
		t.Goes = l.onlineLocked(c.User)
		told = l.crowdLocked(t, was, now)
	case c.Kind == Removed && was.Has(c.Whom):
		t.Goes, t.User = l.onlineLocked(c.Whom), c.Whom
		l.removeCountedLocked(was.Number, c.Whom)
		to := *t.Event
		to.Kind = RemovedYou
		told = []Telling{t, {Topic: UserTopic(c.Whom), Event: &to}}
	case c.Kind == Removed:
		// A user who is kept out, and was not in, learns of it at the door.
	case c.Kind == Invited:
		t.Topic = UserTopic(c.Whom)
		told = []Telling{t}
	case c.Kind != Led && r.Leader.ID == was.Leader.ID:
		told = []Telling{t}
	}
	if r.Leader.ID != was.Leader.ID && r.Leader != (User{}) {
		told = append(told, Telling{Topic: RoomTopic(r.Number), Event: &Event{Kind: Led, At: c.At, From: c.User,
			Room: r.Number, Place: r.Name, Who: r.Leader.Name}, User: c.User})
	}
	if until, waits := l.waitsLocked(r, User{}); waits && c.Kind == Joined { // the others have been told
		told = append(told, Telling{Topic: UserTopic(c.User), Event: &Event{Kind: Dropped, At: c.At, From: r.Leader,
			Room: r.Number, Until: until}})
	}
	return append(told, l.waitsNowLocked(was, r, c.At)...)
}

// tellOf returns the event that tells of c.
func tellOf(r Room, c RoomChange) *Event {
	e := &Event{Kind: c.Kind, At: c.At, From: c.User, Room: r.Number, Place: r.Name, Who: c.Whom.Name, Text: c.Text}
	if c.Lasts > 0 {
		e.Until, e.Count = c.At.Add(c.Lasts), int(c.Every/time.Second)
	}
	if c.Kind == Unhooked {
		e.Count = c.Which
	}
	if c.Kind == Invited {
		e.Text, e.Who = r.Topic, ""
	}
	return e
}

// endsLocked returns what is told of a room that c closes.
func (l *Ledger) endsLocked(was Room, c RoomChange) Telling {
	e := &Event{Kind: Closed, At: c.At, From: c.User, Room: was.Number, Place: was.Name, Text: was.Topic}
	if author := l.online[was.TopicBy.key()]; c.Muted || author != nil && author.Muted {
		e.Text = HiddenTopic
	}
	return Telling{Topic: RoomTopic(was.Number), Event: e, User: c.User, Were: was.Members, Ends: true}
}

// speak does what [Ledger.Apply] does of OpSpeak, of which there are more than of all others, and returns what is told.
func (l *Ledger) speak(number int, e *Event, now time.Duration) (Telling, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.speakLocked(number, e, now)
}

// speakLocked is [Desk.Speak]. It returns what is told.
func (l *Ledger) speakLocked(number int, e *Event, now time.Duration) (Telling, error) {
	i, ok := l.findLocked(number)
	if !ok {
		return Telling{}, ErrNotFound
	}
	r := &l.rooms[i]
	there := l.online[e.From.key()]
	operator := there != nil && there.User.ID == e.From.ID && there.Operator
	if err := r.maySpeak(e.From, operator, now, l.agoLocked(r, e.From, now), max(0, l.calm-now)); err != nil {
		return Telling{}, err
	}
	return l.spokenLocked(r, e, now), nil
}

// spokenLocked returns what is told when e is said in r.
func (l *Ledger) spokenLocked(r *Room, e *Event, now time.Duration) Telling {
	l.spokeLocked(r, e.From, now)
	if r.Name != "" {
		named := *e
		named.Place = r.Name
		e = &named
	}
	return Telling{Topic: RoomTopic(r.Number), Event: e}
}

// A spoken says when somebody spoke in a room that is slow, by the ledger's time.
type spoken struct {
	ID string        `json:"id"`
	At time.Duration `json:"at"`
}

// agoLocked returns how long ago u spoke in r, which is slow: the longest time there is if that does not matter.
func (l *Ledger) agoLocked(r *Room, u User, now time.Duration) time.Duration {
	if r.Slow.holds(now) {
		for _, s := range slices.Backward(l.spoke[r.Number]) {
			if s.ID == u.ID {
				return now - s.At
			}
		}
	}
	return 1<<63 - 1
}

// spokeLocked notes that u speaks in r, if that is slow, and forgets who spoke so long ago that it does not matter.
func (l *Ledger) spokeLocked(r *Room, u User, now time.Duration) {
	if !r.Slow.holds(now) {
		delete(l.spoke, r.Number)
		return
	}
	all := l.spoke[r.Number]
	old := 0
	for old < len(all) && now-all[old].At >= r.Slow.Every {
		old++
	}
	if r.governs(u) { // waits for nothing
		l.spoke[r.Number] = all[old:]
		return
	}
	l.spoke[r.Number] = append(slices.Clip(all[old:]), spoken{u.ID, now})
}

// calmLocked is [Desk.Calm].
func (l *Ledger) calmLocked(lasts time.Duration, at time.Time, now time.Duration) ([]Telling, error) {
	e := &Event{Kind: AllCalmOff, At: at}
	switch {
	case lasts > 0:
		l.calm, e.Kind, e.Until = now+lasts, AllCalm, at.Add(lasts)
	case l.calm <= now:
		return nil, ErrServerNotCalm
	default:
		l.calm = 0
	}
	return []Telling{{Topic: Everyone, Event: e}}, nil
}

// CalmLeft is [Desk.CalmLeft].
func (l *Ledger) CalmLeft(now time.Duration) time.Duration {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return max(0, l.calm-now)
}
