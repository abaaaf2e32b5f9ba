package chattest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"parley/chat"
)

var roomTests = []deskTest{
	{"room numbers", roomNumbers},
	{"change room", changeRoom},
	{"snapshots", snapshots},
	{"rooms of", roomsOf},
	{"limits of rooms", roomLimits},
	{"quit leaves rooms", quitLeaves},
	{"concurrent rooms", concurrentRooms},
	{"concurrent changes", concurrentChanges},
	{"what is told is who is there", toldIsThere},
	{"a crowd is counted", crowdIsCounted},
}

// members reports whether the members of r are those called names, which are sorted.
func members(r chat.Room, names ...string) bool {
	var want []chat.User
	for _, name := range names {
		want = append(want, user(name))
	}
	return slices.Equal(slices.Collect(r.Members.All()), want)
}

// numbers returns the numbers of the open rooms.
func numbers(h *hall, d chat.Desk) []int {
	return numbersOf(d.Rooms())
}

func numbersOf(rooms []chat.Room) (numbers []int) {
	for _, r := range rooms {
		numbers = append(numbers, r.Number)
	}
	return numbers
}

func room(h *hall, d chat.Desk, number int) chat.Room {
	r, err := d.Room(number)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		h.Fatal(err)
	}
	return r
}

func roomNumbers(h *hall) {
	ears := h.enter("alice", "bob")
	for want := range 3 {
		if number := ears[0].open(); number != want {
			h.Errorf("room opened as number %d, want %d", number, want)
		}
	}
	if r, err := ears[0].change(2, chat.Left); err != nil || r.Open() || r.Number != 2 {
		h.Errorf("ChangeRoom to a closed room = %+v, %v", r, err)
	}
	h.everywhere("room 2 is closed", func(d chat.Desk) bool {
		_, err := d.Room(2)
		return errors.Is(err, chat.ErrNotFound)
	})
	if number := ears[1].open(); number != 3 {
		h.Errorf("room opened as number %d after 2 was closed, want 3", number)
	}
	h.everywhere("rooms 0, 1 and 3 are open", func(d chat.Desk) bool {
		return slices.Equal(numbers(h, d), []int{0, 1, 3})
	})
}

func changeRoom(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	alice.open(bob)
	for _, tt := range []struct {
		who  *ear
		kind chat.Kind
		want error
	}{
		{bob, chat.Joined, chat.ErrAlreadyMember},
		{alice, chat.Joined, chat.ErrAlreadyMember},
		{carol, chat.Left, chat.ErrNotMember},
		{h.newEar(h.view(), "dave"), chat.Joined, chat.ErrMoved},
	} {
		_, err := tt.who.change(0, tt.kind)
		h.wantErr(fmt.Sprint(tt.who.entry.User.Name, " ", tt.kind), err, tt.want)
	}
	if _, err := bob.change(0, chat.Shouted); err == nil {
		h.Error("ChangeRoom to what is no change of a room: no error")
	}
	h.everywhere("the room is as before", func(d chat.Desk) bool {
		r := room(h, d, 0)
		return members(r, "alice", "bob") && r.Topic.String() == "topic of alice" && r.Leader == user("alice")
	})
	if changed := carol.join(0); !members(changed, "alice", "bob", "carol") {
		h.Errorf("ChangeRoom = %+v", changed)
	}
	h.everywhere("carol is in", func(d chat.Desk) bool { return members(room(h, d, 0), "alice", "bob", "carol") })
	_, err := bob.change(7, chat.Joined)
	h.wantErr("ChangeRoom of no room", err, chat.ErrNotFound)
	_, err = h.newEar(h.view(), "dave").desk.OpenRoom(h.Context(), chat.Clean("x"), user("dave"))
	h.wantErr("OpenRoom of who is not online", err, chat.ErrMoved)
}

func snapshots(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	ears[0].open(ears[1])
	h.everywhere("the room is there", func(d chat.Desk) bool { return members(room(h, d, 0), "alice", "bob") })
	d := h.view()
	r := room(h, d, 0)
	rooms := d.Rooms()
	ears[2].join(0)
	_, err := ears[1].change(0, chat.Left)
	h.must(err)
	h.everywhere("it has changed", func(d chat.Desk) bool { return members(room(h, d, 0), "alice", "carol") })
	for _, old := range []chat.Room{r, rooms[0]} {
		if !members(old, "alice", "bob") {
			h.Errorf("what was read has changed: %+v", old)
		}
	}
}

func roomsOf(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	for range 2 {
		ears[0].open(ears[1])
		ears[1].open()
	}
	for i, want := range [][]int{{0, 2}, {0, 1, 2, 3}, nil} {
		h.everywhere(fmt.Sprint("rooms of ", i), func(d chat.Desk) bool {
			return slices.Equal(numbersOf(d.RoomsOf(ears[i].entry.User)), want)
		})
	}
}

func roomLimits(h *hall) {
	alice := h.enter("alice")[0]
	for range chat.MaxLed {
		alice.open()
	}
	_, err := alice.desk.OpenRoom(h.Context(), chat.Clean("x"), alice.entry.User)
	h.wantErr("one room too many for one leader", err, chat.ErrTooManyLed)
	// Many open the last rooms at once.
	opened := chat.MaxLed
	var mu sync.Mutex // guards opened
	var wg sync.WaitGroup
	for i := range (chat.MaxRooms-chat.MaxLed)/chat.MaxLed + 4 {
		e := h.enter(fmt.Sprint("u", i))[0]
		wg.Go(func() {
			for range chat.MaxLed {
				_, err := e.desk.OpenRoom(h.Context(), chat.Clean("x"), e.entry.User)
				mu.Lock()
				switch {
				case err == nil:
					opened++
				case !errors.Is(err, chat.ErrTooManyRooms):
					h.Error(err)
				}
				mu.Unlock()
			}
		})
		if i%50 == 0 {
			wg.Wait()
		}
	}
	wg.Wait()
	if opened != chat.MaxRooms {
		h.Errorf("%d rooms were opened, want %d", opened, chat.MaxRooms)
	}
}

// quitLeaves lets a user quit who leads a room and is in others.
func quitLeaves(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	led, other := alice.open(bob), bob.open(alice, carol)
	for _, e := range ears {
		e.settled()
		e.forget()
	}
	now := alice.entry
	now.Muted = true
	h.must(alice.desk.Quit(h.Context(), now))
	alice.end()
	bob.until("left alice")
	bob.wants("closed alice", "left alice")
	for _, event := range bob.events {
		if event.Kind == chat.Closed && (event.Text != chat.HiddenTopic || event.Room != led) {
			h.Errorf("it is told that room %d closed, topic %q", event.Room, event.Text)
		}
	}
	carol.until("left alice")
	carol.wants("left alice")
	h.everywhere("alice's room is closed", func(d chat.Desk) bool { return slices.Equal(numbers(h, d), []int{other}) })
	h.everywhere("she is not in bob's", func(d chat.Desk) bool { return members(room(h, d, other), "bob", "carol") })
	bob.say(chat.RoomTopic(other), "without her")
	bob.say(chat.RoomTopic(led), "to nobody")
	bob.say(chat.Everyone, "to all")
	carol.until("to all")
	if lines := alice.lines(); !slices.Equal(lines, []string{"closed alice"}) {
		h.Errorf("she who has quit hears %q", lines)
	}
	if lines := bob.settled(); slices.Contains(lines, "to nobody") {
		h.Errorf("in a room that has closed is heard %q", lines)
	}
}

func concurrentRooms(h *hall) {
	const openers = 40
	var mu sync.Mutex // guards seen
	seen := make(map[int]bool)
	var wg sync.WaitGroup
	for i := range openers {
		e := h.enter(fmt.Sprint("u", i))[0]
		wg.Go(func() {
			last := -1
			for range chat.MaxLed {
				number := e.open()
				mu.Lock()
				if seen[number] || number <= last {
					h.Errorf("number %d was given twice, or after %d", number, last)
				}
				seen[number] = true
				mu.Unlock()
				last = number
			}
		})
	}
	wg.Wait()
}

// concurrentChanges lets many come into a room, and leave it, at once: no change gets lost.
func concurrentChanges(h *hall) {
	const users, times = 8, 25
	leader := h.enter("leader")[0]
	leader.open()
	h.everywhere("the room is there", func(d chat.Desk) bool { return members(room(h, d, 0), "leader") })
	var wg sync.WaitGroup
	for i := range users {
		e := h.enter(fmt.Sprint("u", i))[0]
		wg.Go(func() {
			for n := range 2*times + 1 { // in, out, …, in
				kind := chat.Joined
				if n%2 == 1 {
					kind = chat.Left
				}
				// Refused if it is not as e had left it.
				if _, err := e.change(0, kind); err != nil {
					h.Error(err)
					return
				}
				if rand.N(4) == 0 {
					e.desk.RoomsOf(e.entry.User)
				}
			}
		})
	}
	wg.Wait()
	h.everywhere("all are in", func(d chat.Desk) bool { return room(h, d, 0).Members.Len() == users+1 })
}

// toldIsThere lets many come and go, and tests that everybody who is in knows from what was told who else is.
func toldIsThere(h *hall) {
	const users, times = 12, 30
	leader := h.enter("leader")[0]
	leader.open()
	h.everywhere("the room is there", func(d chat.Desk) bool { return members(room(h, d, 0), "leader") })
	rooms := make([]chat.Room, users)
	ears := make([]*ear, users)
	var wg sync.WaitGroup
	for i := range ears {
		ears[i] = h.enter(fmt.Sprint("u", i))[0]
		wg.Go(func() {
			e := ears[i]
			for n := range times {
				e.forget()
				rooms[i] = e.join(0)
				if n+1 == times {
					return
				}
				if _, err := e.change(0, chat.Left); err != nil {
					h.Error(err)
				}
				for _, event := range e.settledEvents() {
					if event.From == e.entry.User && event.Kind != chat.Said {
						h.Errorf("%s hears of %s's own moves", e.entry.User.Name, e.entry.User.Name)
					}
				}
			}
		})
	}
	wg.Wait()
	leader.settled() // its node may be late
	want := room(h, leader.desk, 0)
	for i, e := range ears {
		in := make(map[string]bool)
		for u := range rooms[i].Members.All() {
			in[u.Name] = true
		}
		for _, event := range e.settledEvents() {
			switch name := event.From.Name; {
			case event.Kind == chat.Joined && !in[name]:
				in[name] = true
			case event.Kind == chat.Left && in[name]:
				delete(in, name)
			case event.Kind == chat.Joined || event.Kind == chat.Left:
				h.Errorf("%s is told that %s %s, and was told before that %v", e.entry.User.Name, name, event.Kind,
					in[name])
			}
		}
		if len(in) != want.Members.Len() {
			h.Errorf("%s was told of %d members, of %d", e.entry.User.Name, len(in), want.Members.Len())
		}
	}
}

// settledEvents makes sure that e has heard all that came before, and returns it.
func (e *ear) settledEvents() []*chat.Event {
	e.settled()
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.events)
}
