package chat

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"parley/chat/budget"
)

// A ledgerPlay makes operations as nodes would, some of which are refused.
type ledgerPlay struct {
	random *rand.Rand
	now    time.Duration
	ids    int
	there  map[string]Entry // by ID: all that ever entered
}

func (p *ledgerPlay) node() string { return string(rune('a' + p.random.IntN(3))) }

func (p *ledgerPlay) user() User {
	if i := p.random.IntN(12); i < 10 {
		return User{Name: fmt.Sprint("U", i), ID: fmt.Sprint("u", i)}
	}
	number := 1 + p.random.IntN(5)
	return User{Name: guestName(number), ID: fmt.Sprint(guestIDPrefix, number), Guest: true}
}

func (p *ledgerPlay) someone() *Entry {
	for _, id := range []string{fmt.Sprint(p.random.IntN(p.ids + 1)), fmt.Sprint(p.random.IntN(p.ids + 1))} {
		if e, ok := p.there[id]; ok {
			return &e
		}
	}
	return &Entry{ID: "nobody", User: User{Name: "nobody", ID: "nobody"}}
}

// next returns the next operation.
func (p *ledgerPlay) next() *Op {
	p.now += time.Duration(p.random.IntN(100)) * time.Second
	at := anyTime.Add(p.now)
	source := netip.AddrFrom4([4]byte{192, 0, 2, byte(p.random.IntN(3))})
	guess := &budget.Guess{Account: p.user().Name, Source: source, Known: p.random.IntN(4) == 0}
	e := p.someone()
	kinds := []OpKind{OpEnter, OpEnter, OpEnter, OpMove, OpUpdate, OpQuit, OpOpenRoom, OpChangeRoom, OpChangeRoom,
		OpChangeRoom, OpChangeRoom, OpPublish, OpAll, OpTakeNumber, OpGiveNumber, OpTakeGuess, OpTakeGuess, OpGiveGuess,
		OpTakeRegistration, OpGiveRegistration, OpOperate, OpYield, OpGone, OpStand, OpUnstand, OpCalm, OpSpeak,
		OpSpeak, OpSpeak, OpSpeakByHook, OpSpeakByHook, OpSpeakByHook, OpForget}
	kind := kinds[p.random.IntN(len(kinds))]
	if kind == OpGone && p.random.IntN(5) > 0 {
		kind = OpChangeRoom
	}
	switch kind {
	case OpEnter:
		p.ids++
		e = &Entry{ID: fmt.Sprint(p.ids), Node: p.node(), User: p.user(), Since: at, LastInput: at, Source: source}
		p.there[e.ID] = *e
	case OpMove:
		e.Node, e.Source = p.node(), source
		p.there[e.ID] = *e
	case OpUpdate:
		e.Operator, e.Muted, e.Source = true, p.random.IntN(2) == 0, source
	}
	changes := []Kind{Joined, Joined, Joined, Joined, Left, Invited, Locked, Unlocked, Removed, Led, Deputed, Deputed,
		Undeputed, Slowed, Calmed, CalmOff, Retitled, Untitled, Hooked, Hooked, Hooked, Unhooked}
	change := &RoomChange{Kind: changes[p.random.IntN(len(changes))], User: e.User, At: at, Whom: p.someone().User,
		Out: p.random.IntN(3) == 0, Every: 30 * time.Second, Lasts: time.Minute, Text: Clean("biscuits"),
		Key: hookKey("secret")}
	return &Op{
		Kind: kind, Node: p.node(), At: at, Entry: e, User: &e.User, Text: Clean("tea"), Number: p.random.IntN(8),
		Change: change, Topic: Everyone, Event: &Event{Kind: Said, At: at, From: e.User}, Order: &Order{Kind: TellIdle},
		Guess: guess,
		Lasts: time.Minute, Key: change.Key, Standing: &Standing{Name: "tea", Deputies: []User{e.User}},
		Source: source, Turn: Turn{fmt.Sprint(p.random.IntN(5)), p.node()},
	}
}

// wantWhole tests that the ledger does not contradict itself.
func wantWhole(t *testing.T, l *Ledger) {
	t.Helper()
	sorted := l.sorted.all()
	if len(sorted) != len(l.online) || !slices.IsSortedFunc(sorted, func(a, b *Entry) int {
		return compareNames(a.User.Name, b.User.Name)
	}) {
		t.Fatalf("%d are online, and sorted are %v", len(l.online), sorted)
	}
	seats := make(map[netip.Addr]int)
	for _, e := range sorted {
		seats[e.Source]++
	}
	if !maps.Equal(seats, l.sources.seats) {
		t.Fatalf("they are online from %v, and counted are %v", seats, l.sources.seats)
	}
	in := make(whereabouts)
	for _, r := range l.rooms {
		if !r.Open() || !r.Has(r.Leader) && !(r.Standing() && r.Leader == User{}) || r.Number >= l.next {
			t.Fatalf("an open room is %+v", r)
		}
		for u := range r.Members.All() {
			if l.onlineLocked(u) == "" {
				t.Fatalf("%s is in room %d, and not online", u.Name, r.Number)
			}
			in.note(u, r.Number, true)
		}
	}
	if !reflect.DeepEqual(in, l.in) {
		t.Fatalf("in rooms are %v, and noted is %v", in, l.in)
	}
}

// TestLedgersAlike tests that ledgers to which the same is done are the same, also if one of them was written down
// between and what is done travels.
func TestLedgersAlike(t *testing.T) {
	done := make(map[OpKind]int)
	for seed := range uint64(15) {
		p := &ledgerPlay{random: rand.New(rand.NewPCG(1, seed)), there: make(map[string]Entry)}
		one, other := NewLedger(), NewLedger()
		for step := range 800 {
			if step%100 == 50 {
				other = restored(t, other)
			}
			o := p.next()
			a, b := one.Apply(o, p.now), other.Apply(new(travelled(t, *o)), p.now)
			if a.Err == nil {
				done[o.Kind]++
			}
			if !sameOutcome(t, a, b) {
				t.Fatalf("seed %d, step %d: %s came to %+v, and there to %+v", seed, step, o.Kind, a, b)
			}
			wantWhole(t, one)
			if o.Kind == OpGone {
				wantGone(t, one, o.Node)
			}
		}
		wantWhole(t, other)
		wantSameLedger(t, one, other)
	}
	for _, kind := range []OpKind{OpEnter, OpMove, OpUpdate, OpQuit, OpOpenRoom, OpChangeRoom, OpSpeak, OpStand,
		OpSpeakByHook, OpUnstand, OpCalm, OpGone, OpForget} {
		if done[kind] < 15 {
			t.Errorf("%s was done %d times: this was no test", kind, done[kind])
		}
	}
}

func restored(t *testing.T, l *Ledger) *Ledger {
	t.Helper()
	data, err := json.Marshal(l)
	must(t, err)
	again := NewLedger()
	must(t, json.Unmarshal(data, again))
	return again
}

func sameOutcome(t *testing.T, a, b Outcome) bool {
	t.Helper()
	if (a.Err == nil) != (b.Err == nil) || a.Err != nil && a.Err.Error() != b.Err.Error() {
		return false
	}
	a.Err, b.Err = nil, nil
	x, err := json.Marshal(a)
	must(t, err)
	y, err := json.Marshal(b)
	must(t, err)
	return string(x) == string(y)
}

func wantSameLedger(t *testing.T, a, b *Ledger) {
	t.Helper()
	x, err := json.Marshal(a)
	must(t, err)
	y, err := json.Marshal(b)
	must(t, err)
	if string(x) != string(y) {
		t.Fatalf("the ledgers differ:\n%s\n%s", x, y)
	}
}

// wantGone tests that nothing is left of a node that is dead.
func wantGone(t *testing.T, l *Ledger, node string) {
	t.Helper()
	for e := range l.Online() {
		if e.Node == node {
			t.Fatalf("%s is online on a dead node", e.User.Name)
		}
	}
	for number, by := range l.guests.taken {
		if by == node {
			t.Fatalf("guest %d belongs to a dead node", number)
		}
	}
	for _, turn := range l.turns {
		if turn.Node == node {
			t.Fatal("an operator of a dead node has a turn")
		}
	}
}

// TestGone tests what is told of those who were on a dead node: each leaves once, and their rooms close once.
func TestGone(t *testing.T) {
	l := NewLedger()
	for i, name := range []string{"alice", "bob", "carol"} {
		e := Entry{ID: name, Node: string(rune('a' + i%2)), User: testUser(name), Muted: name == "carol"}
		must(t, l.Apply(&Op{Kind: OpEnter, Entry: &e}, 0).Err) // alice and carol on a, bob on b
	}
	for _, leader := range []string{"alice", "bob", "carol"} {
		out := l.Apply(&Op{Kind: OpOpenRoom, Text: Clean("tea"), User: new(testUser(leader)), At: anyTime}, 0)
		must(t, out.Err)
		r, told := out.Room, out.Told
		want := []Telling{{Topic: RoomTopic(r.Number), Comes: leader, User: testUser(leader), Opens: true},
			{Topic: Everyone, Event: &Event{Kind: Opened, At: anyTime, From: testUser(leader), Room: r.Number,
				Text: Clean("tea")}}}
		if !reflect.DeepEqual(told, want) {
			t.Errorf("OpenRoom tells %+v", told)
		}
		for _, other := range []string{"alice", "bob", "carol"} {
			if other != leader {
				c := RoomChange{Kind: Joined, User: testUser(other), At: anyTime}
				must(t, l.Apply(&Op{Kind: OpChangeRoom, Number: r.Number, Change: &c}, 0).Err)
			}
		}
	}
	tell := func(room int, kind Kind, name, text string) Telling {
		u := testUser(name)
		told := Telling{Topic: RoomTopic(room), User: u, Event: &Event{Kind: kind, At: anyTime, From: u, Room: room,
			Text: Clean(text)}}
		if told.Ends = kind == Closed; !told.Ends {
			told.Goes = name
		}
		return told
	}
	want := []Telling{tell(0, Closed, "alice", "tea"), tell(1, Left, "alice", ""), tell(2, Left, "alice", ""),
		tell(1, Left, "carol", ""), tell(2, Closed, "carol", "-")}
	want[0].Were = MembersOf(testUser("alice"), testUser("bob"), testUser("carol"))
	want[4].Were = MembersOf(testUser("bob"), testUser("carol"))
	gone := &Op{Kind: OpGone, Node: "a", At: anyTime}
	if told := l.Apply(gone, 0).Told; !reflect.DeepEqual(told, want) {
		t.Errorf("Gone tells %+v, want %+v", told, want)
	}
	if told := l.Apply(gone, 0).Told; len(told) > 0 {
		t.Errorf("Gone tells again %+v", told)
	}
	if rooms := l.Rooms(); len(rooms) != 1 || !slices.Equal(rooms[0].Names(), []string{"bob"}) {
		t.Errorf("rooms are left: %+v", rooms)
	}
}

// TestRoomsOf tests that the rooms of a user are those that the user has come into, and neither left nor been removed
// from, and that are open still.
func TestRoomsOf(t *testing.T) {
	l, at := NewLedger(), time.Now()
	ann, bob := testUser("Ann"), testUser("Bob")
	for _, u := range []User{ann, bob} {
		must(t, l.Apply(&Op{Kind: OpEnter, Entry: &Entry{ID: u.Name, User: u}}, 0).Err)
	}
	change := func(number int, kind Kind, by, whom User) {
		t.Helper()
		c := &RoomChange{Kind: kind, User: by, Whom: whom, At: at}
		must(t, l.Apply(&Op{Kind: OpChangeRoom, Number: number, Change: c}, 0).Err)
	}
	want := func(u User, numbers ...int) {
		t.Helper()
		var got []int
		for _, r := range l.RoomsOf(u) {
			got = append(got, r.Number)
		}
		if !slices.Equal(got, numbers) {
			t.Errorf("%s is in the rooms %v, want %v", u.Name, got, numbers)
		}
		wantWhole(t, l)
	}
	for range 3 {
		must(t, l.Apply(&Op{Kind: OpOpenRoom, Text: Clean("tea"), User: &ann, At: at}, 0).Err)
	}
	want(ann, 0, 1, 2)
	for _, number := range []int{2, 0, 1} {
		change(number, Joined, bob, User{})
	}
	want(bob, 0, 1, 2)
	change(1, Removed, ann, bob)
	want(bob, 0, 2)
	change(2, Left, bob, User{})
	want(bob, 0)
	change(0, Left, ann, User{}) // which closes it
	want(bob)
	want(ann, 1, 2)
	must(t, l.Apply(&Op{Kind: OpStand, Number: 1, Standing: &Standing{Name: "tea"}, User: &ann, At: at}, 0).Err)
	change(1, Joined, bob, User{})
	change(1, Left, ann, User{})
	want(ann, 2)
	must(t, l.Apply(&Op{Kind: OpUnstand, Text: Clean("tea"), User: &ann, At: at}, 0).Err) // nobody leads it: it closes
	want(bob)
	l.Apply(&Op{Kind: OpQuit, Entry: &Entry{ID: ann.Name, User: ann}, At: at}, 0)
	want(ann)
}
