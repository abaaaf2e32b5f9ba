package chat

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRoomsGoverned does anything in any order, and tests that each open room has a leader who is in it, but for a
// standing room in which nobody is who may lead it; that nobody is in a room who is kept out of it or offline; and that
// nobody comes into a locked room but those who may.
func TestRoomsGoverned(t *testing.T) {
	closed, led := 0, 0
	for round := 0; round == 0 || round < 30 && !t.Failed() && (closed == 0 || led == 0); round++ {
		rapid.Check(t, governAtWill(&closed, &led))
	}
	if closed == 0 || led == 0 {
		t.Errorf("%d rooms were closed, and %d times somebody else led: this was no test", closed, led)
	}
}

// governAtWill returns the property, which counts the rooms that are closed and how often somebody else leads.
func governAtWill(closed, led *int) func(*rapid.T) {
	return func(t *rapid.T) {
		l, now := NewLedger(), time.Duration(0)
		users := []User{testUser("alice"), testUser("bob"), testUser("carol"), testUser("dave"),
			{Name: "guest", ID: "guest#1", Guest: true}}
		kinds := []Kind{Joined, Joined, Joined, Joined, Left, Invited, Locked, Unlocked, Removed, Led, Deputed, Deputed,
			Deputed, Undeputed, Slowed, SlowOff, Calmed, CalmOff, Retitled}
		user := rapid.SampledFrom(users)
		for range rapid.IntRange(40, 100).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second
			o := &Op{At: anyTime, User: new(user.Draw(t, "user")), Number: rapid.IntRange(-1, 3).Draw(t, "room")}
			switch step := rapid.IntRange(0, 19).Draw(t, "step"); step {
			case 0, 1, 2:
				o.Kind, o.Entry = OpEnter, &Entry{ID: o.User.Name, Node: o.User.Name[:1], User: *o.User,
					Operator: o.User.Name == "dave"}
			case 3:
				o.Kind, o.Entry = OpQuit, &Entry{ID: o.User.Name, Node: o.User.Name[:1], User: *o.User}
			case 4:
				o.Kind, o.Node = OpGone, o.User.Name[:1]
			case 5, 6:
				o.Kind, o.Text = OpOpenRoom, Clean("tea")
			case 7:
				name := rapid.SampledFrom([]string{"tea", "chess"}).Draw(t, "name")
				o.Kind, o.Standing = OpStand, &Standing{Name: name, Deputies: []User{users[1]}}
			case 8:
				o.Kind, o.Text = OpUnstand, Clean("tea")
			case 9:
				o.Kind = OpForget
			default:
				o.Kind = OpChangeRoom
				o.Change = &RoomChange{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), User: *o.User, At: anyTime,
					Whom: user.Draw(t, "whom"), Out: rapid.Bool().Draw(t, "out"), Every: 5 * time.Second,
					Lasts: time.Minute}
				_, governs := governings[o.Change.Kind]
				r, err := l.Room(o.Number)
				if leads := rapid.IntRange(0, 3).Draw(t, "leads") > 0; leads && governs && err == nil {
					o.Change.User = r.Leader
				}
			}
			before := l.Rooms()
			out := l.Apply(o, now)
			if out.Err != nil && !IsRefusal(out.Err) && !errors.Is(out.Err, ErrConflict) &&
				!errors.Is(out.Err, ErrNotFound) && o.Kind != OpChangeRoom {
				t.Fatalf("%s: %v", o.Kind, out.Err)
			}
			for _, told := range out.Told {
				if told.Ends {
					*closed++
				}
				if told.Event != nil && told.Event.Kind == Led {
					*led++
				}
			}
			if fault := faultOf(l, before, o, out); fault != "" {
				t.Fatalf("after %s of %s: %s", o.Kind, o.User.Name, fault)
			}
		}
	}
}

// faultOf returns what is wrong with the rooms of l after o was done; "" is nothing.
func faultOf(l *Ledger, before []Room, o *Op, out Outcome) string {
	names := make(map[string]bool)
	for _, r := range l.Rooms() {
		switch {
		case r.Leader == (User{}) && !r.Standing():
			return fmt.Sprintf("room %d is open without a leader", r.Number)
		case r.Leader != (User{}) && !r.Has(r.Leader):
			return fmt.Sprintf("%s leads room %d, and is elsewhere", r.Leader.Name, r.Number)
		case isIn(r.Deputies, r.Leader):
			return fmt.Sprintf("%s is the leader and a deputy", r.Leader.Name)
		case len(r.Deputies) > MaxDeputies+1, r.Standing() && names[r.Name]:
			return fmt.Sprintf("room %+v", r)
		}
		names[r.Name] = true
		if o.Kind == OpForget && r.notes(*o.User) {
			return fmt.Sprintf("of %s, who is forgotten, something is noted in room %+v", o.User.Name, r)
		}
		for _, d := range r.Deputies {
			if r.Has(d) && r.Leader == (User{}) {
				return fmt.Sprintf("nobody leads room %d, although %s is there", r.Number, d.Name)
			}
			if !r.Has(d) && (!r.Standing() || d.Guest) {
				return fmt.Sprintf("%s is a deputy in room %d, and elsewhere", d.Name, r.Number)
			}
		}
		for u := range r.Members.All() {
			operator := r.Standing() && u.Name == "dave" // who may come in all the same
			if l.onlineLocked(u) == "" {
				return u.Name + " is in a room, and offline"
			}
			if isIn(r.Out, u) && !operator && out.Err == nil && o.Kind == OpChangeRoom && o.Change.Kind != Invited &&
				o.Number == r.Number {
				return u.Name + " is kept out, and in"
			}
			for _, was := range before {
				if was.Number == r.Number && was.Locked && !was.Has(u) && !operator && !isIn(was.Invited, u) &&
					!isIn(was.Deputies, u) {
					return u.Name + " has come into a locked room"
				}
			}
		}
	}
	return ""
}

// TestSlowRoom tests, for any times at which somebody speaks in a slow room, that each line that is heard comes not
// sooner after the one before than the room says, and that none is refused that does.
func TestSlowRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := NewLedger()
		alice, bob := testUser("alice"), testUser("bob")
		for _, u := range []User{alice, bob} {
			if err := l.Apply(&Op{Kind: OpEnter, Entry: &Entry{ID: u.Name, User: u}}, 0).Err; err != nil {
				t.Fatal(err)
			}
		}
		r := l.Apply(&Op{Kind: OpOpenRoom, Text: Clean("tea"), User: &alice, At: anyTime}, 0).Room
		every := time.Duration(rapid.IntRange(1, 30).Draw(t, "every")) * time.Second
		change := func(kind Kind, u User, now time.Duration) {
			c := &RoomChange{Kind: kind, User: u, Every: every, Lasts: time.Minute}
			if err := l.Apply(&Op{Kind: OpChangeRoom, Number: r.Number, Change: c}, now).Err; err != nil {
				t.Fatal(err)
			}
		}
		change(Joined, bob, 0)
		change(Slowed, alice, 0)
		last, now := -time.Hour, time.Duration(0)
		for range 20 {
			now += time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond
			if rapid.Bool().Draw(t, "comes again") { // which changes nothing
				change(Left, bob, now)
				change(Joined, bob, now)
			}
			if _, err := l.speak(r.Number, newEvent(Said, alice, r.Number, Clean("x")), now); err != nil {
				t.Fatalf("the leader: %v", err)
			}
			_, err := l.speak(r.Number, newEvent(Said, bob, r.Number, Clean("x")), now)
			may := now >= time.Minute || now-last >= every
			if may != (err == nil) || err != nil && !errors.Is(err, ErrRoomSlow) {
				t.Fatalf("at %v, %v after the last line of those in %v: %v", now, now-last, every, err)
			}
			if err == nil {
				last = now
			}
			if len(l.spoke[r.Number]) > 1 {
				t.Fatalf("who spoke is kept: %v", l.spoke)
			}
		}
	})
}
