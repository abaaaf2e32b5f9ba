package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/budget"
	"parley/words"
)

func TestRegister(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	n := newTestNode(t, Options{Store: store, Reserved: []string{"help"}})
	must(t, n.Register(ctx, AtConsole(), "Alice", "s3cret"))
	tests := []struct {
		name, password, want string
		kind                 error
	}{
		{"alice", "x", "User Alice already exists.", ErrNameTaken},
		{"Alice", "", "User Alice already exists.", ErrNameTaken},
		{"A1ice", "x", "The name A1ice looks too much like that of user Alice. Please choose another.", ErrLookAlike},
		{"Al.ice", "x", "The name Al.ice looks too much like that of user Alice. Please choose another.", ErrLookAlike},
		{"he1p", "x", "The name he1p is reserved. Please choose another.", ErrReservedName},
		{"a\x1bb", "x", "That name cannot be registered: it may have letters, digits, '_', '-' and '.' only.",
			ErrBadName},
		{"bob", "", "A password must have at least one character.", ErrNoPassword},
	}
	for _, tt := range tests {
		err := n.Register(ctx, AtConsole(), tt.name, tt.password)
		if !errors.Is(err, tt.kind) || words.English.Sentence(err) != tt.want {
			t.Errorf("Register(%q): %v, want %s", tt.name, err, tt.want)
		}
	}
	for name, want := range map[string]bool{"alice": true, "ALICE": true, "a1ice": false, "bob": false, "\x00": false,
		"": false, strings.Repeat("a", 2000): false} {
		if got, err := n.HasAccount(ctx, name); got != want || err != nil {
			t.Errorf("HasAccount(%.20q) = %v, %v", name, got, err)
		}
	}
	// What Register says is so is in the store: another node finds it there.
	again := newTestNode(t, Options{Store: store})
	if p, _, err := again.Login(ctx, "aLICE", "s3cret", new(seat)); err != nil || p.User.Name != "Alice" ||
		p.User.Guest {
		t.Errorf("Login on another node = %+v, %v", p, err)
	}
	for r, err := range store.List(ctx, accountsBucket) {
		if err != nil || strings.Contains(string(r.Value), "s3cret") || r.Key != skeleton("Alice") {
			t.Errorf("record %s: %s (%v)", r.Key, r.Value, err)
		}
	}
}

func TestRegisterAtOnce(t *testing.T) {
	n := newTestNode(t, Options{})
	names := []string{"alice", "Alice", "a1ice", "al-ice", "ALICE", "aIice"}
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { errs[i] = n.Register(t.Context(), AtConsole(), name, secretOf(name)) })
	}
	wg.Wait()
	registered := 0
	for i, err := range errs {
		if err == nil {
			registered++
		} else if !errors.Is(err, ErrNameTaken) && !errors.Is(err, ErrLookAlike) {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	if registered != 1 {
		t.Errorf("%d of one kind were registered", registered)
	}
}

func TestLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{})
		register(t, n, "Alice")
		s := new(seat)
		p, w, err := n.Login(ctx, "alice", secretOf("Alice"), s)
		if err != nil || p.User.Name != "Alice" || w != (Welcome{}) {
			t.Fatalf("Login = %+v, %+v, %v", p, w, err)
		}
		first := time.Now().UTC()
		time.Sleep(time.Hour)
		for name, password := range map[string]string{"alice": "alice", "ALICE": "", "a1ice": "Alice", "nobody": "x",
			"": "", "guest": "x", "\x1b": "x"} {
			p, w, err := n.Login(ctx, name, password, new(seat))
			if !errors.Is(err, ErrLogin) || p != nil || w != (Welcome{}) ||
				words.English.Sentence(err) != "Login error (username/password do not match)" {
				t.Errorf("Login(%q, %q) = %+v, %v", name, password, w, err)
			}
		}
		n.Quit(ctx, p, s)
		time.Sleep(time.Hour)
		_, w, err = n.Login(ctx, "Alice", secretOf("Alice"), s)
		if err != nil || w.Failed != 2 || !w.LastLogin.Equal(first) {
			t.Errorf("Login after two failures: %+v, %v", w, err)
		}
		if _, w, err = n.Login(ctx, "Alice", secretOf("Alice"), s); err != nil || w.Failed != 0 ||
			!w.LastLogin.Equal(time.Now()) {
			t.Errorf("Login after that: %+v, %v", w, err)
		}
		if s := n.Stats(ctx); s.Logins != 3 || s.Refused != 7 || s.Online != 1 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

// TestAuthenticate tests that somebody who has shown who he is is not online, and that nothing is written.
func TestAuthenticate(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	register(t, n, "Alice")
	before, err := n.account(ctx, "alice")
	must(t, err)
	proof, err := n.Authenticate(ctx, Try{Name: "alice", Typed: secretOf("Alice"), Source: new(seat).Source()})
	must(t, err)
	if proof.User != before.user() || !proof.Mark.FoundIn(secretOf("Alice")) || proof.Reset {
		t.Errorf("authenticated as %+v", proof)
	}
	for _, password := range []string{"wrong", ""} {
		proof, err := n.Authenticate(ctx, Try{Name: "alice", Typed: password, Source: new(seat).Source()})
		wantErr(t, err, ErrLogin)
		if proof != (Proof{}) {
			t.Errorf("with %q: %+v", password, proof)
		}
	}
	n.background.Wait()
	if s := n.Stats(ctx); s.Online != 0 || s.Logins != 0 || s.Refused != 2 {
		t.Errorf("stats = %+v", s)
	}
	after, err := n.account(ctx, "alice")
	must(t, err)
	if after.Failed != 2 || !after.LastLogin.IsZero() || after.Hash != before.Hash {
		t.Errorf("the account is %+v", after) // only the failures are written
	}
}

// TestEnter tests who comes in without a password, by the word of the caller, and who does not.
func TestEnter(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	users := make(map[string]User)
	for _, name := range []string{"alice", "disabled", "banned", "deleted", "again"} {
		g, s := guest(t, n)
		must(t, n.Register(ctx, By(g), name, secretOf(name)))
		n.Quit(ctx, g, s)
		proof, err := n.Authenticate(ctx, Try{Name: name, Typed: secretOf(name), Source: new(seat).Source()})
		must(t, err)
		users[name] = proof.User
	}
	must(t, n.Disable(ctx, AtConsole(), "disabled"))
	_, err := n.Ban(ctx, AtConsole(), target("banned"), 0, Clean(""))
	must(t, err)
	must(t, n.DeleteAccount(ctx, AtConsole(), "deleted"))
	must(t, n.DeleteAccount(ctx, AtConsole(), "again"))
	register(t, n, "again")
	users["guest"] = User{Name: "guest", ID: "guest", Guest: true}
	users[""] = User{}
	for name, want := range map[string]error{
		"alice": nil, "disabled": ErrLogin, "banned": ErrBanned, "deleted": ErrLogin, "again": ErrLogin,
		"guest": ErrLogin, "": ErrLogin,
	} {
		p, _, err := n.Enter(ctx, users[name], new(seat))
		if want == nil && (err != nil || p.User != users[name]) || want != nil && (p != nil || !errors.Is(err, want)) {
			t.Errorf("%q enters: %v, want %v", name, err, want)
		}
	}
	if s := n.Stats(ctx); s.Online != 1 || s.Logins != 1 {
		t.Errorf("stats = %+v", s)
	}
}

// TestRefusalsAlike tests that nobody learns from a refused login why it was, nor from how many tries there are.
func TestRefusalsAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{Exempt: Sources{}})
		register(t, n, "alice", "bob", "carol")
		must(t, n.Disable(ctx, AtConsole(), "bob"))
		for i, tt := range []struct{ name, password string }{
			{"alice", "wrong"}, {"alice", ""}, {"bob", "wrong"}, {"bob", secretOf("bob")}, {"nobody", "wrong"},
			{"a1ice", "wrong"}, {"not a name", "wrong"}, {"", ""},
			{"guest", "wrong"}, {"admin", "wrong"}, {"a\xffb", "wrong"},
		} {
			from := fmt.Sprintf("203.0.113.%d", i)
			for range budget.PerPair {
				if err := tryLogin(t, n, tt.name, tt.password,
					from); words.English.Sentence(err) != words.English.Sentence(ErrLogin) {
					t.Errorf("%q with %q: %v", tt.name, tt.password, err)
				}
			}
			for range 2 {
				if err := tryLogin(t, n, tt.name, tt.password,
					from); words.English.Sentence(err) != "Too many tries. Please wait 10m, then try again." {
					t.Errorf("%q with %q, after too many: %v", tt.name, tt.password, err)
				}
			}
			time.Sleep(budget.AccountPeriod) // several of these names are one to the limits
		}
	})
}

func TestHashUpgrade(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	hashOf := func(n *Node) string {
		a, err := n.account(ctx, "alice")
		must(t, err)
		return a.Hash
	}
	n := newTestNode(t, Options{Store: store})
	register(t, n, "alice")
	old := hashOf(n)
	login(t, n, "alice")
	if hashOf(n) != old {
		t.Error("hashed anew without need")
	}
	n = newTestNode(t, Options{Store: store, Hash: HashParams{Memory: 16, Time: 2}})
	if _, _, err := n.Login(ctx, "alice", "wrong", new(seat)); !errors.Is(err, ErrLogin) {
		t.Fatal(err)
	}
	if hashOf(n) != old {
		t.Error("hashed anew for a wrong password")
	}
	login(t, n, "alice")
	if got := hashOf(n); !strings.Contains(got, "m=16,t=2") {
		t.Errorf("hash after login with higher costs: %s", got)
	}
	login(t, n, "alice") // with the new hash
	n = newTestNode(t, Options{Store: store})
	login(t, n, "alice")
	if got := hashOf(n); !strings.Contains(got, "m=16,t=2") {
		t.Errorf("hash after login with lower costs: %s", got)
	}
}

func TestTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{})
		alice, old := come(t, n, "alice")
		bob, _ := come(t, n, "bob")
		_, err := n.Start(ctx, alice, Clean("tea"))
		must(t, err)
		_, err = n.Start(ctx, bob, Clean("coffee"))
		must(t, err)
		_, err = n.Join(ctx, alice, 1)
		must(t, err)
		for range 3 {
			alice.Entered()
		}
		alice.Take()
		bob.Take()
		_, _, err = n.Tell(ctx, bob, "alice", Clean("unread"))
		must(t, err)
		time.Sleep(time.Hour)

		p, s := login(t, n, "alice")
		if p != alice || p.Lines() != 3 {
			t.Errorf("moved to another presence, with %d lines", p.Lines())
		}
		wantErr(t, old.ended(), ErrMoved)
		if s.ended() != nil || s.woken() == 0 {
			t.Errorf("the new connection: ended %v, woken %d times", s.ended(), s.woken())
		}
		if p.entry().Idle() != 0 {
			t.Errorf("idle %v after she came", p.entry().Idle())
		}
		wantRead(t, p, "[Private] bob: unread")
		n.Quit(ctx, alice, old) // the old connection ends: that is nobody's quitting
		wantRead(t, bob)
		rooms := n.desk.RoomsOf(alice.User)
		if len(rooms) != 2 || rooms[0].Leader != alice.User {
			t.Errorf("rooms after moving: %+v", rooms)
		}
		must(t, n.Say(ctx, bob, 1, Clean("still there?")))
		wantRead(t, p, "[Room 1] *bob*: still there?")

		// To log in once more where one sits ends nothing.
		if _, _, err := n.Login(ctx, "alice", secretOf("alice"), s); err != nil || s.ended() != nil {
			t.Errorf("Login at the same connection: %v, ended %v", err, s.ended())
		}
		n.Quit(ctx, p, s)
		wantRead(t, bob, "[Room 1] *bob*: still there?", "[Room 1] alice left.")
	})
}

// A slowDesk lets a test stand between the steps of coming and going.
type slowDesk struct {
	Desk
	enter, quit, open chan struct{} // if not nil, each waits for it
	broken            error
}

func (d *slowDesk) OpenRoom(ctx context.Context, topic Text, leader User) (Room, error) {
	if d.open != nil {
		<-d.open
	}
	return d.Desk.OpenRoom(ctx, topic, leader)
}

func (d *slowDesk) Enter(ctx context.Context, e Entry, l Listener) error {
	if d.enter != nil {
		<-d.enter
	}
	if d.broken != nil {
		return d.broken
	}
	return d.Desk.Enter(ctx, e, l)
}

func (d *slowDesk) Quit(ctx context.Context, e Entry) error {
	if d.quit != nil {
		<-d.quit
	}
	return d.Desk.Quit(ctx, e)
}

// TestLoginWhileLeaving logs in while the one who was there before is on the way out.
func TestLoginWhileLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &slowDesk{Desk: NewMemoryDesk()}
		n := newTestNode(t, Options{Desk: d})
		alice, old := come(t, n, "alice")
		_, err := n.Start(t.Context(), alice, Clean("tea"))
		must(t, err)
		d.quit = make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { n.Quit(t.Context(), alice, old) })
		synctest.Wait()

		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := n.Login(impatient, "alice", secretOf("alice"), new(seat)); !errors.Is(err,
			context.DeadlineExceeded) {
			t.Errorf("Login that gives up: %v", err)
		}
		s := new(seat)
		var p *Presence
		wg.Go(func() {
			var err error
			if p, _, err = n.Login(t.Context(), "alice", secretOf("alice"), s); err != nil {
				t.Errorf("Login: %v", err)
			}
		})
		synctest.Wait()
		close(d.quit)
		wg.Wait()
		if p == nil || p == alice || s.ended() != nil || old.ended() != nil {
			t.Fatalf("presence %p after %p; ended: %v and %v", p, alice, s.ended(), old.ended())
		}
		if who := n.Who(); !slices.Equal(who, []string{"alice"}) {
			t.Errorf("Who = %q", who)
		}
		wantRead(t, p)
		must(t, n.Shout(t.Context(), p, Clean("here I am")))
		wantRead(t, p, "!!alice!!: here I am")
		n.Quit(t.Context(), p, s)
		wantEmpty(t, n)
	})
}

// TestLoginWhileComing logs in twice; the first is not yet announced when the second comes.
func TestLoginWhileComing(t *testing.T) {
	for _, broken := range []error{nil, errors.New("broken")} {
		synctest.Test(t, func(t *testing.T) {
			d := &slowDesk{Desk: NewMemoryDesk(), enter: make(chan struct{})}
			n := newTestNode(t, Options{Desk: d})
			register(t, n, "alice")
			var wg sync.WaitGroup
			try := func(p **Presence, s *seat, err *error) {
				wg.Go(func() { *p, _, *err = n.Login(t.Context(), "alice", secretOf("alice"), s) })
				synctest.Wait()
			}
			var p1, p2 *Presence
			var s1, s2 seat
			var err1, err2 error
			try(&p1, &s1, &err1)
			try(&p2, &s2, &err2)
			if err2 != nil || p2 != nil {
				t.Error("the second is in before the first is announced")
			}
			d.broken = broken
			d.enter <- struct{}{}
			synctest.Wait()
			d.broken = nil
			close(d.enter)
			wg.Wait()
			switch {
			case err2 != nil || p2 == nil || s2.ended() != nil:
				t.Errorf("the second: %p, %v, ended %v", p2, err2, s2.ended())
			case broken == nil && (p1 != p2 || !errors.Is(s1.ended(), ErrMoved)):
				t.Errorf("the first: %p, %v, ended %v", p1, err1, s1.ended())
			case broken != nil && !errors.Is(err1, broken):
				t.Errorf("the first: %v, want %v", err1, broken)
			}
			must(t, n.Shout(t.Context(), p2, Clean("hey")))
			wantRead(t, p2, "!!alice!!: hey")
			n.Quit(t.Context(), p2, &s2)
			wantEmpty(t, n)
		})
	}
}

// TestQuitWhileStarting quits while a room is being opened: the room must not outlive its leader.
func TestQuitWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &slowDesk{Desk: NewMemoryDesk(), open: make(chan struct{})}
		n := newTestNode(t, Options{Desk: d})
		alice, s := come(t, n, "alice")
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := n.Start(t.Context(), alice, Clean("tea")); err != nil {
				t.Errorf("Start: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() { n.Quit(t.Context(), alice, s) })
		synctest.Wait()
		wg.Go(func() {
			_, err := n.Start(t.Context(), alice, Clean("more"))
			wantErr(t, err, ErrMoved)
		})
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := n.Start(impatient, alice, Clean("x"))
		wantErr(t, err, context.DeadlineExceeded)
		close(d.open)
		wg.Wait()
		wantEmpty(t, n)
	})
}

// TestGuestNumbersComeBack tests that a guest who did not get in leaves no hole.
func TestGuestNumbersComeBack(t *testing.T) {
	d := &slowDesk{Desk: NewMemoryDesk(), broken: errors.New("broken")}
	n := newTestNode(t, Options{Desk: d})
	for range 3 {
		if _, err := n.Guest(t.Context(), new(seat)); !errors.Is(err, d.broken) {
			t.Errorf("Guest = %v, want %v", err, d.broken)
		}
	}
	d.broken = nil
	for _, want := range []string{"guest", "guest2"} {
		if p, _ := guest(t, n); p.User.Name != want {
			t.Errorf("guest is called %s, want %s", p.User.Name, want)
		}
	}
	// One whom another node let in under the next name is passed over.
	other := Entry{ID: "of another node", User: User{Name: "guest3", ID: newGuestID(), Guest: true}, Since: time.Now()}
	must(t, d.Enter(t.Context(), other, new(counter)))
	if p, _ := guest(t, n); p.User.Name != "guest4" {
		t.Errorf("guest is called %s, want guest4", p.User.Name)
	}
	must(t, d.Desk.Quit(t.Context(), other))
	if p, _ := guest(t, n); p.User.Name != "guest3" {
		t.Errorf("guest is called %s, want guest3", p.User.Name)
	}
}

// A failingStore fails, or panics, when told to.
type failingStore struct {
	Store
	get, put error
	panics   bool
	conflict int // how many Puts to refuse
	puts     int
}

func (s *failingStore) Get(ctx context.Context, bucket, key string) (Record, error) {
	if s.get != nil {
		return Record{}, s.get
	}
	return s.Store.Get(ctx, bucket, key)
}

func (s *failingStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	s.puts++
	switch {
	case s.panics:
		panic("store")
	case s.put != nil:
		return 0, s.put
	case s.conflict > 0:
		s.conflict--
		return 0, ErrConflict
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

func TestStoreBroken(t *testing.T) {
	ctx := t.Context()
	s := &failingStore{Store: NewMemoryStore()}
	n := newTestNode(t, Options{Store: s})
	register(t, n, "alice", "bob")
	broken := errors.New("disk on fire")

	s.put = broken
	wantErr(t, n.Register(ctx, AtConsole(), "carol", "open sesame"), broken)
	alice, seatA := login(t, n, "alice") // who cannot be kept out for that
	wantErr(t, n.SetInfo(ctx, alice, Clean("x")), broken)
	_, err := n.Block(ctx, alice, "bob")
	wantErr(t, err, broken)
	if got := alice.Blocked(); len(got) != 0 {
		t.Errorf("blocked %q, which is not on disk", got)
	}
	n.Quit(ctx, alice, seatA)
	wantEmpty(t, n)

	s.put, s.get = nil, broken
	_, _, err = n.Login(ctx, "alice", secretOf("alice"), new(seat))
	wantErr(t, err, broken)
	_, err = n.HasAccount(ctx, "alice")
	wantErr(t, err, broken)
	s.get = nil

	s.conflict, s.puts = maxRetries-1, 0
	alice, seatA = login(t, n, "alice")
	if s.puts != maxRetries {
		t.Errorf("%d tries, want %d", s.puts, maxRetries)
	}
	s.conflict = 1 << 20
	if err := n.SetInfo(ctx, alice, Clean("x")); err == nil || IsRefusal(err) {
		t.Errorf("SetInfo of an account that changes for ever: %v", err)
	}
	if err := n.Register(ctx, AtConsole(), "carol", "open sesame"); err == nil {
		t.Error("registered without a record")
	}
	s.conflict = 0

	// A panic takes neither the name nor the next login.
	s.panics = true
	func() {
		defer func() { _ = recover() }()
		n.Quit(ctx, alice, seatA)
	}()
	s.panics = false
	wantEmpty(t, n)
	login(t, n, "alice")
}

// A hangingUpDesk calls meanwhile when a user takes over a seat.
type hangingUpDesk struct {
	Desk
	meanwhile func()
}

func (d *hangingUpDesk) Update(ctx context.Context, e Entry) error {
	if d.meanwhile != nil {
		d.meanwhile()
	}
	return d.Desk.Update(ctx, e)
}

// A severalStore is shared with other servers, for which Put waits.
type severalStore struct {
	Store
	waits int
}

func (s *severalStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	s.waits++
	return s.Store.Put(ctx, bucket, key, value, revision)
}

func (s *severalStore) Quick() Store { return s.Store }

// TestLoginBesideSlowServer tests that other servers have what was registered, and that no login waits for them.
func TestLoginBesideSlowServer(t *testing.T) {
	ctx := t.Context()
	store := &severalStore{Store: NewMemoryStore()}
	n := newTestNode(t, Options{Store: store})
	must(t, n.Register(ctx, AtConsole(), "alice", "s3cret"))
	if store.waits != 1 {
		t.Errorf("Register waited %d times for the other servers, want once", store.waits)
	}
	for i := range 2 {
		store.waits = 0
		s := new(seat)
		p, w, err := n.Login(ctx, "alice", "s3cret", s)
		must(t, err)
		if store.waits > 0 || w.LastLogin.IsZero() != (i == 0) {
			t.Errorf("login %d waited %d times; last login %v", i, store.waits, w.LastLogin)
		}
		if n.Quit(ctx, p, s); store.waits > 0 {
			t.Errorf("leaving waited %d times", store.waits)
		}
	}
}

// TestLostAtLogin loses the connection just when it has taken over a seat: the seat is held, as it would be later.
func TestLostAtLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &hangingUpDesk{Desk: NewMemoryDesk()}
		n := newTestNode(t, Options{Desk: d, Hold: testHold})
		alice, _ := come(t, n, "alice")
		_, err := n.Start(t.Context(), alice, Clean("tea"))
		must(t, err)
		ctx, hangUp := context.WithCancel(t.Context())
		d.meanwhile = hangUp
		_, _, err = n.Login(ctx, "alice", secretOf("alice"), new(seat))
		wantErr(t, err, context.Canceled)
		d.meanwhile = nil
		_, w, err := n.Login(t.Context(), "alice", secretOf("alice"), new(seat))
		must(t, err)
		if w.Held == nil {
			t.Error("the seat was not held")
		}
		if rooms := n.RoomsOf(alice); len(rooms) != 1 {
			t.Errorf("she is in the rooms %v", rooms)
		}
	})
}
