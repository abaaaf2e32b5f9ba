package chat

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"parley/words"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A seat is a connection that does nothing but remember what happened to it.
type seat struct {
	source netip.Addr

	mu     sync.Mutex // guards all below
	wakes  int
	reason error // why it was ended
}

func (s *seat) Wake(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakes++
}

func (s *seat) End(reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil {
		s.reason = reason
	}
}

// Source is the machine itself where nothing else is said.
func (s *seat) Source() netip.Addr {
	if !s.source.IsValid() {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return s.source
}

func (s *seat) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}

func (s *seat) woken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wakes
}

// cheap are the costs of a hash in tests.
var cheap = HashParams{Memory: 8, Time: 1}

func newTestNode(t testing.TB, o Options) *Node {
	if o.Hash == (HashParams{}) {
		o.Hash = cheap
	}
	n := New(o)
	t.Cleanup(n.Close)
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// register makes accounts whose passwords are their names.
func register(t testing.TB, n *Node, names ...string) {
	t.Helper()
	for _, name := range names {
		must(t, n.Register(t.Context(), AtConsole(), name, secretOf(name)))
	}
}

// secretOf returns the password of who registers as name in a test.
func secretOf(name string) string { return "pw of " + name }

// login logs a user in, by the name as registered.
func login(t testing.TB, n *Node, name string) (*Presence, *seat) {
	t.Helper()
	s := new(seat)
	p, _, err := n.Login(t.Context(), name, secretOf(name), s)
	must(t, err)
	return p, s
}

// come registers a user and logs in.
func come(t testing.TB, n *Node, name string) (*Presence, *seat) {
	t.Helper()
	register(t, n, name)
	return login(t, n, name)
}

func guest(t testing.TB, n *Node) (*Presence, *seat) {
	t.Helper()
	s := new(seat)
	p, err := n.Guest(t.Context(), s)
	must(t, err)
	return p, s
}

// wantRead tests that p has just these lines to read, and reads them.
func wantRead(t testing.TB, p *Presence, want ...string) {
	t.Helper()
	var got []string
	for _, e := range p.Take() {
		got = append(got, sentence(e))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s reads %q, want %q", p.User.Name, got, want)
	}
}

// wantEmpty tests that nobody is online, no room is open and nobody listens.
func wantEmpty(t testing.TB, n *Node) {
	t.Helper()
	if s := n.Stats(context.Background()); s.Online != 0 || s.Rooms != 0 {
		t.Errorf("%d users and %d rooms are left", s.Online, s.Rooms)
	}
	if who := n.Who(); len(who) != 0 {
		t.Errorf("%q are left", who)
	}
	if d, ok := n.desk.(*memoryDesk); ok && len(d.bus.topics)+len(d.bus.seats) != 0 {
		t.Errorf("topics are left: %v, and %d seats", d.bus.topics, len(d.bus.seats))
	}
}

func busOf(n *Node) *Bus { return n.desk.(*memoryDesk).bus }

func TestTalk(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "Alice")
	bob, _ := come(t, n, "bob")
	carol, _ := come(t, n, "carol")

	r, err := n.Start(ctx, alice, Clean("tea"))
	must(t, err)
	if r.Number != 0 || r.Leader.Name != "Alice" {
		t.Errorf("Start = %+v", r)
	}
	for _, p := range []*Presence{alice, bob, carol} {
		wantRead(t, p, "!!system!!: Alice created room 0, topic: tea")
	}
	_, err = n.Join(ctx, bob, 0)
	must(t, err)
	wantRead(t, alice, "[Room 0] bob joined.")
	wantRead(t, bob)
	must(t, n.Say(ctx, bob, 0, Clean("hello")))
	for _, p := range []*Presence{alice, bob} {
		wantRead(t, p, "[Room 0] *bob*: hello")
	}
	must(t, n.Shout(ctx, carol, Clean("fire")))
	for _, p := range []*Presence{alice, bob, carol} {
		wantRead(t, p, "!!carol!!: fire")
	}
	to, _, err := n.Tell(ctx, carol, "aLiCe", Clean("psst"))
	if err != nil || to != "Alice" {
		t.Errorf("Tell = %q, %v", to, err)
	}
	wantRead(t, alice, "[Private] carol: psst")
	wantRead(t, carol)

	left, err := n.Leave(ctx, bob, 0)
	if err != nil || left.Number != 0 {
		t.Errorf("Leave = %+v, %v", left, err)
	}
	wantRead(t, bob)
	wantRead(t, alice, "[Room 0] bob left.")
	must(t, n.Say(ctx, alice, 0, Clean("alone")))
	wantRead(t, bob)
	wantRead(t, alice, "[Room 0] *Alice*: alone")
	_, err = n.Join(ctx, carol, 0)
	must(t, err)
	alice.Take()
	_, err = n.Leave(ctx, alice, 0)
	must(t, err)
	wantRead(t, alice, "!!system!!: Room 0(topic: tea) closed")
	wantRead(t, carol, "!!system!!: Room 0(topic: tea) closed")
	wantRead(t, bob)
	r, err = n.Start(ctx, bob, Clean("more"))
	if err != nil || r.Number != 1 {
		t.Errorf("Start after room 0 closed = %+v, %v", r, err)
	}
}

func TestTalkRefused(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "Alice")
	bob, _ := come(t, n, "bob")
	register(t, n, "carol")
	_, err := n.Start(ctx, alice, Clean("tea"))
	must(t, err)
	alice.Take()
	bob.Take()
	tell := func(name, text string) error {
		_, _, err := n.Tell(ctx, alice, name, Clean(text))
		return err
	}
	join := func(p *Presence, number int) error { _, err := n.Join(ctx, p, number); return err }
	leave := func(p *Presence, number int) error { _, err := n.Leave(ctx, p, number); return err }
	start := func(topic string) error { _, err := n.Start(ctx, alice, Clean(topic)); return err }
	const noRoom = ` does not exist. Type "rooms" to see the open rooms.`
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"say in no room", n.Say(ctx, alice, 1, Clean("x")), "Room 1" + noRoom},
		{"say in a room one is not in", n.Say(ctx, bob, 0, Clean("x")),
			`You are not in Room 0. Type "join 0" to join it.`},
		{"say nothing", n.Say(ctx, alice, 0, Clean("\u200d")), "Your message is empty."},
		{"shout nothing", n.Shout(ctx, alice, Clean("\u202e")), "Your message is empty."},
		{"tell nothing", tell("bob", " "), "Your message is empty."},
		{"tell nobody", tell("b0b", "x"), `User b0b does not exist. Type "who" to see who is online.`},
		{"tell who is no name", tell("\x1b[2J", "x"), `User �[2J does not exist. Type "who" to see who is online.`},
		{"tell who is not online", tell("CAROL", "x"), `User carol is not online. Type "who" to see who is.`},
		{"join no room", join(bob, 1), "Room 1" + noRoom},
		{"join a negative room", join(bob, -1), "Room -1" + noRoom},
		{"join twice", join(alice, 0), "You are already in Room 0."},
		{"leave no room", leave(alice, 7), "Room 7" + noRoom},
		{"leave a room one is not in", leave(bob, 0), `You are not in Room 0. Type "join 0" to join it.`},
		{"start without a topic", start("\u3164"), "Your message is empty."},
	}
	for _, tt := range tests {
		if tt.err == nil || words.English.Sentence(tt.err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, tt.err, tt.want)
		}
	}
	wantRead(t, alice)
	wantRead(t, bob)
}

func TestQuit(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, seatA := come(t, n, "alice")
	bob, seatB := come(t, n, "bob")
	for _, p := range []*Presence{alice, bob, alice} {
		_, err := n.Start(ctx, p, Clean("of "+p.User.Name))
		must(t, err)
	}
	_, err := n.Join(ctx, alice, 1)
	must(t, err)
	_, err = n.Join(ctx, bob, 2)
	must(t, err)
	alice.Take()
	bob.Take()

	n.Quit(ctx, alice, new(seat)) // not her connection
	if who := n.Who(); !slices.Equal(who, []string{"alice", "bob"}) {
		t.Errorf("Who = %q", who)
	}
	n.Quit(ctx, alice, seatA)
	n.Quit(ctx, alice, seatA)
	wantRead(t, bob, "[Room 1] alice left.", "!!system!!: Room 2(topic: of alice) closed")
	rooms := n.Rooms(ctx)
	if len(rooms) != 1 || !slices.Equal(rooms[0].Names(), []string{"bob"}) {
		t.Errorf("Rooms = %+v", rooms)
	}
	if _, _, err := n.Tell(ctx, bob, "alice", Clean("x")); !errors.Is(err, ErrNotOnline) {
		t.Errorf("Tell to her who has quit: %v", err)
	}
	if _, err := n.Start(ctx, alice, Clean("ghost")); !errors.Is(err, ErrMoved) {
		t.Errorf("Start by her who has quit: %v", err)
	}
	if _, err := n.Join(ctx, alice, 1); !errors.Is(err, ErrMoved) {
		t.Errorf("Join by her who has quit: %v", err)
	}
	n.Quit(ctx, bob, seatB)
	wantEmpty(t, n)
}

// TestGoneHears tests that nothing is kept for one who has quit, however long the others take to know.
func TestGoneHears(t *testing.T) {
	n := newTestNode(t, Options{})
	p, s := guest(t, n)
	n.Quit(t.Context(), p, s)
	p.Hear(t.Context(), newEvent(Announced, User{}, 0, Clean("hello")))
	if unread := p.Unread(); unread != 0 {
		t.Errorf("%d bytes wait for nobody", unread)
	}
}

func TestOverflow(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	slow, seatS := come(t, n, "slow")
	text := Clean(strings.Repeat("x", 1000))
	per := newEvent(Shouted, alice.User, 0, text).size()
	for range MailboxBytes / per {
		must(t, n.Shout(ctx, alice, text))
		alice.Take()
	}
	if err := seatS.ended(); err != nil {
		t.Fatalf("ended with room for more: %v", err)
	}
	if got := seatS.woken(); got != 1 {
		t.Errorf("woken %d times for one full mailbox", got)
	}
	for range 3 {
		must(t, n.Shout(ctx, alice, text))
		alice.Take()
	}
	wantErr(t, seatS.ended(), ErrTooSlow)
	if got := n.Stats(ctx).Overflows; got != 1 {
		t.Errorf("%d overflows counted, want 1", got)
	}
	if got := len(slow.Take()); got != MailboxBytes/per {
		t.Errorf("%d events in the mailbox, want %d", got, MailboxBytes/per)
	}
	// Nobody is told that something reached a user who will not read it.
	_, _, err := n.Tell(ctx, alice, "slow", Clean("are you there?"))
	wantErr(t, err, ErrNotOnline)
	n.background.Wait()
	if names := n.Who(); !slices.Equal(names, []string{"alice"}) {
		t.Errorf("online are %q", names)
	}
}

func TestGuests(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	var seats []*seat
	var guests []*Presence
	for _, want := range []string{"guest", "guest2", "guest3"} {
		p, s := guest(t, n)
		if p.User.Name != want || !p.User.Guest {
			t.Errorf("guest is called %s, want %s", p.User.Name, want)
		}
		guests, seats = append(guests, p), append(seats, s)
	}
	n.Quit(ctx, guests[1], seats[1])
	n.Quit(ctx, guests[0], seats[0])
	again, _ := guest(t, n)
	if again.User.Name != "guest" || again.User.ID == guests[0].User.ID {
		t.Errorf("the next guest is %+v, after %+v", again.User, guests[0].User)
	}
	if p, _ := guest(t, n); p.User.Name != "guest2" {
		t.Errorf("the next but one is called %s", p.User.Name)
	}
	if p, _ := guest(t, n); p.User.Name != "guest4" {
		t.Errorf("the next but two is called %s", p.User.Name)
	}
	// What was for the guest who had the name before does not reach the next.
	must(t, n.publish(ctx, UserTopic(guests[0].User), newEvent(Told, guests[2].User, 0, Clean("secret"))))
	wantRead(t, again)
	if n.Guests() != GuestsRegister {
		t.Errorf("the default for guests is %q", n.Guests())
	}
	off := newTestNode(t, Options{Guests: GuestsOff})
	if _, err := off.Guest(ctx, new(seat)); !errors.Is(err, ErrGuestsOff) {
		t.Errorf("Guest where they are off: %v", err)
	}
}
