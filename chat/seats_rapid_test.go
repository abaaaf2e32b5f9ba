package chat

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A seatPlay is what a test knows of the seats of a ledger.
type seatPlay struct {
	l       *Ledger
	now     time.Duration
	waits   map[int]bool             // rooms that were told that they wait for somebody whose connection was lost
	links   map[string]time.Duration // until when which code is good, by its key
	of      map[string]string        // the key of a user's code, by the name
	made    int                      // codes
	told    int                      // of rooms that wait, and no longer do
	entered int                      // with a code
}

// TestSeats does anything in any order with seats, and tests that a room knows at any time whether it waits for those
// who govern it; that who is in a room has a seat, and who has none is in no room; and that a code works once, in its
// time, for the one who asked for it and is there since.
func TestSeats(t *testing.T) {
	told, entered := 0, 0
	atWill := func(t *rapid.T) {
		p := &seatPlay{l: NewLedger(), waits: make(map[int]bool), links: make(map[string]time.Duration),
			of: make(map[string]string)}
		for range rapid.IntRange(50, 120).Draw(t, "steps") {
			p.step(t)
		}
		told, entered = told+p.told, entered+p.entered
	}
	for round := 0; round == 0 || round < 30 && !t.Failed() && (told == 0 || entered == 0); round++ {
		rapid.Check(t, atWill)
	}
	if told == 0 || entered == 0 {
		t.Errorf("%d times a room was told that it waits, and %d codes were used: this was no test", told, entered)
	}
}

func (p *seatPlay) step(t *rapid.T) {
	users := []User{testUser("alice"), testUser("bob"), testUser("carol")}
	u := rapid.SampledFrom(users).Draw(t, "user")
	p.now += time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second
	at := anyTime.Add(p.now)
	e := Entry{ID: u.Name, Node: u.Name[:1], User: u, LastInput: at}
	if there, err := p.l.Find(u.Name); err == nil {
		e.Held = there.Held
	}
	o := &Op{At: at, User: &u, Entry: &e, Number: rapid.IntRange(0, 3).Draw(t, "room")}
	kinds := []OpKind{OpEnter, OpEnter, OpEnter, OpUpdate, OpUpdate, OpUpdate, OpMove, OpQuit, OpGone, OpOpenRoom,
		OpOpenRoom, OpChangeRoom, OpChangeRoom, OpChangeRoom, OpChangeRoom, OpChangeRoom, OpStand, OpUnstand, OpLink,
		OpLink, OpRedeem, OpRedeem, OpRedeem}
	switch o.Kind = rapid.SampledFrom(kinds).Draw(t, "kind"); o.Kind {
	case OpEnter:
		e.Held = nil
	case OpUpdate, OpMove:
		if e.Held == nil && o.Kind == OpUpdate {
			e.Held = &Hold{Since: at, Lasts: time.Minute}
		} else {
			e.Held = nil
		}
	case OpGone:
		o.Node = e.Node
	case OpOpenRoom, OpUnstand:
		if o.Text = Clean("tea"); e.Held != nil { // such a one does nothing
			o.Kind = OpTakeNumber
		}
	case OpStand:
		o.Standing = &Standing{Name: "tea"}
	case OpChangeRoom:
		o.Change = p.change(t, u, rapid.SampledFrom(users).Draw(t, "whom"), o.Number, at)
	case OpLink:
		p.made++
		o.Link = &Link{Key: fmt.Sprint(p.made), Bound: u.Name, Lasts: time.Minute}
	case OpRedeem:
		o.Link = &Link{Key: fmt.Sprint(rapid.IntRange(max(1, p.made-3), p.made+1).Draw(t, "key"))}
	}
	p.look(t, o, p.l.Apply(o, p.now))
}

// change returns what somebody does in a room: mostly one who may, unless the connection is lost.
func (p *seatPlay) change(t *rapid.T, u, whom User, number int, at time.Time) *RoomChange {
	kinds := []Kind{Joined, Joined, Joined, Joined, Left, Deputed, Deputed, Deputed, Undeputed, Led, Removed}
	c := &RoomChange{Kind: rapid.SampledFrom(kinds).Draw(t, "change"), User: u, Whom: whom, At: at}
	r, err := p.l.Room(number)
	if _, governs := governings[c.Kind]; governs && err == nil && rapid.IntRange(0, 3).Draw(t, "leads") > 0 {
		c.User = r.Leader
	}
	if there, err := p.l.Find(c.User.Name); err != nil || there.Held != nil { // such a one does nothing
		c.Kind, c.User = Left, User{ID: "nobody", Name: "nobody"}
	}
	return c
}

// look tests what has come of o.
func (p *seatPlay) look(t *rapid.T, o *Op, out Outcome) {
	for _, told := range out.Told {
		switch e := told.Event; {
		case told.Ends:
			delete(p.waits, e.Room)
		case e != nil && e.Kind == Dropped && told.Topic != RoomTopic(e.Room): // who has just come in
			came := o.Change != nil && o.Change.Kind == Joined && told.Topic == UserTopic(o.Change.User)
			if !p.waits[e.Room] || !came {
				t.Fatalf("after %s of %s %s is told that room %d waits", o.Kind, o.User.Name, told.Topic, e.Room)
			}
		case e != nil && (e.Kind == Dropped || e.Kind == Returned):
			if p.waits[e.Room] == (e.Kind == Dropped) {
				t.Fatalf("after %s of %s room %d is told %s again", o.Kind, o.User.Name, e.Room, e.Kind)
			}
			p.waits[e.Room] = e.Kind == Dropped
			p.told++
		}
	}
	for _, r := range p.l.Rooms() {
		lost := 0
		for u := range r.Members.All() {
			e, err := p.l.Find(u.Name)
			if err != nil {
				t.Fatalf("%s is in room %d, and has no seat", u.Name, r.Number)
			}
			if r.governs(u) && e.Held != nil {
				lost++
			}
		}
		if r.Standing() {
			p.waits[r.Number] = false // it stays
		} else if waits := lost == len(r.governors()); waits != p.waits[r.Number] {
			t.Fatalf("after %s of %s room %d waits: %v, and was told %v: %+v", o.Kind, o.User.Name, r.Number, waits,
				p.waits[r.Number], r)
		}
	}
	p.lookAtCodes(t, o, out)
}

func (p *seatPlay) lookAtCodes(t *rapid.T, o *Op, out Outcome) {
	switch o.Kind {
	case OpLink:
		if out.Err == nil {
			delete(p.links, p.of[o.User.Name])
			p.of[o.User.Name], p.links[o.Link.Key] = o.Link.Key, p.now+time.Minute
		}
	case OpRedeem:
		until, good := p.links[o.Link.Key]
		delete(p.links, o.Link.Key)
		if good = good && p.now < until; good != (out.Err == nil) || !good && !errors.Is(out.Err, ErrNotFound) {
			t.Fatalf("code %s, good %v: %v", o.Link.Key, good, out.Err)
		}
		if good && (p.of[out.User.Name] != o.Link.Key || out.Bound != out.User.Name) {
			t.Fatalf("code %s is %s's", o.Link.Key, out.User.Name)
		}
		if good {
			p.entered++
		}
	}
	for name, key := range p.of { // with the seat the code goes
		if _, err := p.l.Find(name); err != nil {
			delete(p.links, key)
		}
	}
}
