package chat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/words"
)

// promote makes a user an operator from the console.
func promote(t testing.TB, n *Node, name string) {
	t.Helper()
	must(t, n.Promote(t.Context(), AtConsole(), name))
}

// as returns the user of that name as an actor, online or not, with an account or without.
func as(n *Node, name string) Actor {
	if p := n.presences.at(FoldName(name)); p != nil {
		return By(p)
	}
	return By(&Presence{User: User{Name: name, ID: skeleton(name)}, receiver: new(stranger)})
}

// comeFrom logs a user in from an address.
func comeFrom(t testing.TB, n *Node, name, address string) (*Presence, *seat, error) {
	t.Helper()
	s := &seat{source: netip.MustParseAddr(address)}
	p, _, err := n.Login(t.Context(), name, secretOf(name), s)
	return p, s, err
}

func TestOnlyOperatorsOperate(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{Stop: func() { t.Error("stopped") }})
	register(t, n, "olga", "bob", "Eve")
	promote(t, n, "olga")
	promote(t, n, "eve")
	must(t, n.Disable(ctx, as(n, "OLGA"), "eve"))
	g, _ := guest(t, n)
	deeds := map[string]func(by Actor) error{
		"promote":  func(by Actor) error { return n.Promote(ctx, by, "bob") },
		"demote":   func(by Actor) error { return n.Demote(ctx, by, "olga") },
		"kick":     func(by Actor) error { _, err := n.Kick(ctx, by, "bob", Text{}); return err },
		"mute":     func(by Actor) error { _, err := n.Mute(ctx, by, "bob", 0, Text{}); return err },
		"unmute":   func(by Actor) error { _, err := n.Unmute(ctx, by, "bob"); return err },
		"ban":      func(by Actor) error { _, err := n.Ban(ctx, by, target("bob"), 0, Text{}); return err },
		"unban":    func(by Actor) error { _, err := n.Unban(ctx, by, target("bob")); return err },
		"announce": func(by Actor) error { return n.Announce(ctx, by, Clean("x")) },
		"shutdown": func(by Actor) error { return n.ShutdownIn(ctx, by, time.Minute) },
		"cancel":   func(by Actor) error { _, err := n.CancelShutdown(ctx, by); return err },
		"add":      func(by Actor) error { return n.AddUser(ctx, by, "new", secretOf("new")) },
		"password": func(by Actor) error { return n.SetPassword(ctx, by, "bob", "open sesame") },
		"disable":  func(by Actor) error { return n.Disable(ctx, by, "bob") },
		"enable":   func(by Actor) error { return n.Enable(ctx, by, "eve") },
		"delete":   func(by Actor) error { return n.DeleteAccount(ctx, by, "bob") },
	}
	before, err := n.Audit(ctx, 0)
	must(t, err)
	for name, deed := range deeds {
		for who, by := range map[string]Actor{
			"no operator": as(n, "bob"), "disabled": as(n, "eve"), "no user": as(n, "nobody"), "a guest": By(g),
			"called as the console is": as(n, Console),
			"nobody":                   {}, "no presence": By(nil),
			"called as an operator is": By(&Presence{receiver: new(stranger), User: User{Name: "olga",
				ID: "guest#1", Guest: true}}),
		} {
			if err := deed(by); !errors.Is(err, ErrOperatorsOnly) {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
	after, err := n.Audit(ctx, 0)
	must(t, err)
	if len(after) != len(before) {
		t.Errorf("refused deeds are in the audit log: %v", after)
	}
	wantErr(t, n.Register(ctx, AtConsole(), "console", "open sesame"), ErrReservedName)
	wantErr(t, n.Register(ctx, Actor{}, "new", secretOf("new")), ErrRegistrationClosed)
	if (Actor{}).Operator() || (Actor{}).name() != "" || !By(nil).nobody() {
		t.Error("the zero Actor is somebody")
	}
}

func TestRoles(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	olga, _ := come(t, n, "olga")
	bob, _ := come(t, n, "Bob")
	if olga.Operator() {
		t.Error("who has just registered is an operator")
	}
	promote(t, n, "OLGA")
	wantRead(t, olga, `!!system!!: You are an operator now. Type "help" to see what you can do.`)
	wantErr(t, n.Promote(ctx, AtConsole(), "olga"), ErrIsOperator)
	wantErr(t, n.Promote(ctx, AtConsole(), "nobody"), ErrNoUser)
	wantErr(t, n.Demote(ctx, AtConsole(), "bob"), ErrNotOperator)
	wantErr(t, n.Demote(ctx, AtConsole(), "olga"), ErrLastOperator)
	wantErr(t, n.Disable(ctx, AtConsole(), "olga"), ErrLastOperator)
	wantErr(t, n.DeleteAccount(ctx, AtConsole(), "olga"), ErrLastOperator)
	_, err := n.Ban(ctx, AtConsole(), target("olga"), 0, Text{})
	wantErr(t, err, ErrLastOperator)
	_, err = n.Mute(ctx, AtConsole(), "olga", 0, Text{})
	wantErr(t, err, ErrLastOperator)
	if !olga.Operator() || bob.Operator() {
		t.Errorf("operators: olga %t, bob %t", olga.Operator(), bob.Operator())
	}
	must(t, n.Promote(ctx, as(n, "olga"), "bob"))
	must(t, n.Demote(ctx, as(n, "bob"), "olga"))
	wantRead(t, olga, "!!system!!: You are no longer an operator.")
	if olga.Operator() || !bob.Operator() {
		t.Errorf("operators: olga %t, bob %t", olga.Operator(), bob.Operator())
	}
	// An operator who is banned is not one to rely on.
	promote(t, n, "olga")
	_, err = n.Ban(ctx, AtConsole(), target("olga"), time.Hour, Text{})
	must(t, err)
	wantErr(t, n.Demote(ctx, AtConsole(), "bob"), ErrLastOperator)

	n.Quit(ctx, bob, bob.receiver)
	again, _ := login(t, n, "Bob")
	if !again.Operator() {
		t.Error("an operator who comes again is none")
	}
}

// Promote and a login cross: whoever comes second sees the other.
func TestPromoteDuringLogin(t *testing.T) {
	ctx := t.Context()
	for range 20 {
		n := newTestNode(t, Options{})
		register(t, n, "olga")
		var p *Presence
		var both sync.WaitGroup
		both.Go(func() { p, _ = login(t, n, "olga") })
		both.Go(func() { must(t, n.Promote(ctx, AtConsole(), "olga")) })
		both.Wait()
		if !p.Operator() {
			t.Fatal("logged in while being promoted, and no operator")
		}
	}
}

func TestKick(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	bob, _ := come(t, n, "bob")
	mallory, seatM := come(t, n, "Mallory")
	g, seatG := guest(t, n)
	for _, p := range []*Presence{mallory, bob} {
		_, err := n.Start(ctx, p, Clean("of "+p.User.Name))
		must(t, err)
	}
	_, err := n.Join(ctx, bob, 0)
	must(t, err)
	_, err = n.Join(ctx, mallory, 1)
	must(t, err)
	for _, p := range []*Presence{bob, mallory, g} {
		p.Take()
	}
	wakes := seatM.woken()

	ended, err := n.Kick(ctx, AtConsole(), "mallory", Clean("flooding."))
	if err != nil || !slices.Equal(ended.Users, []string{"Mallory"}) || ended.Operators != nil {
		t.Errorf("Kick = %+v, %v", ended, err)
	}
	if got := seatM.ended(); !errors.Is(got, ErrKicked) ||
		words.English.Sentence(got) != "You were disconnected by an operator: flooding." {
		t.Errorf("the kicked one reads %v", got)
	}
	if seatM.woken() != wakes {
		t.Error("the kicked one is told more than why")
	}
	wantRead(t, bob, "!!system!!: Room 0(topic: of Mallory) closed", "[Room 1] Mallory left.")
	_, err = n.Kick(ctx, AtConsole(), "mallory", Text{})
	wantErr(t, err, ErrNotOnline)
	_, err = n.Kick(ctx, AtConsole(), "nobody", Text{})
	wantErr(t, err, ErrNoUser)
	n.Quit(ctx, mallory, seatM) // as her session does in the end
	if _, err := n.Start(ctx, mallory, Clean("still here")); !errors.Is(err, ErrMoved) {
		t.Errorf("Start by her who was kicked: %v", err)
	}
	again, seatA := login(t, n, "Mallory")
	n.Quit(ctx, mallory, seatM)
	if who := n.Who(); !slices.Equal(who, []string{"bob", "guest", "Mallory"}) {
		t.Errorf("Who = %q", who)
	}

	_, err = n.Kick(ctx, AtConsole(), "guest", Text{})
	must(t, err)
	if got := seatG.ended(); got == nil || words.English.Sentence(got) != "You were disconnected by an operator." {
		t.Errorf("the kicked guest reads %v", got)
	}
	n.Quit(ctx, again, seatA)
	n.Quit(ctx, bob, bob.receiver)
	wantEmpty(t, n)
}

func TestAccounts(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	_, seatM := come(t, n, "Mallory")
	register(t, n, "alice")
	promote(t, n, "alice")

	must(t, n.Disable(ctx, as(n, "alice"), "mallory"))
	wantErr(t, seatM.ended(), ErrDisabled)
	wantErr(t, n.Disable(ctx, as(n, "alice"), "mallory"), ErrIsDisabled)
	wantErr(t, n.Disable(ctx, as(n, "alice"), "nobody"), ErrNoUser)
	if who := n.Who(); len(who) != 0 {
		t.Errorf("Who = %q", who)
	}
	_, _, err := n.Login(ctx, "mallory", secretOf("Mallory"), new(seat))
	wantErr(t, err, ErrLogin)
	if !strings.HasPrefix(words.English.Sentence(err), "Login error (") {
		t.Errorf("who is disabled reads %v", err)
	}
	users, err := n.Accounts(ctx)
	if err != nil || len(users) != 2 || users[0].Name != "alice" || !users[0].Operator || users[0].Disabled ||
		users[1].Name != "Mallory" || !users[1].Disabled || users[1].Online {
		t.Errorf("Users = %+v, %v", users, err)
	}
	must(t, n.Enable(ctx, as(n, "alice"), "mallory"))
	wantErr(t, n.Enable(ctx, as(n, "alice"), "mallory"), ErrNotDisabled)

	must(t, n.SetPassword(ctx, as(n, "alice"), "mallory", "new one"))
	wantErr(t, n.SetPassword(ctx, as(n, "alice"), "mallory", ""), ErrNoPassword)
	wantErr(t, n.SetPassword(ctx, as(n, "alice"), "nobody", "open sesame"), ErrNoUser)
	_, _, err = n.Login(ctx, "mallory", secretOf("Mallory"), new(seat))
	wantErr(t, err, ErrLogin)
	seatM = new(seat)
	mallory, _, err := n.Login(ctx, "mallory", "new one", seatM)
	must(t, err)
	_, err = n.Start(ctx, mallory, Clean("tea"))
	must(t, err)

	// Her name goes to somebody else, who has nothing of hers.
	_, err = n.Mute(ctx, as(n, "alice"), "mallory", 0, Text{})
	must(t, err)
	must(t, n.DeleteAccount(ctx, as(n, "alice"), "mallory"))
	wantErr(t, seatM.ended(), ErrDeleted)
	wantErr(t, n.DeleteAccount(ctx, as(n, "alice"), "mallory"), ErrNoUser)
	must(t, n.AddUser(ctx, as(n, "alice"), "ma1lory", "open sesame"))
	wantErr(t, n.AddUser(ctx, as(n, "alice"), "mallory", "open sesame"), ErrLookAlike)
	other, seatO, err := func() (*Presence, *seat, error) {
		s := new(seat)
		p, _, err := n.Login(ctx, "ma1lory", "open sesame", s)
		return p, s, err
	}()
	must(t, err)
	must(t, n.Shout(ctx, other, Clean("I am new")))
	if rooms := n.Rooms(ctx); len(rooms) != 0 {
		t.Errorf("Rooms = %v", rooms)
	}
	n.Quit(ctx, mallory, seatM)
	if seatO.ended() != nil {
		t.Error("the old session's end ended the new one")
	}
	wantErr(t, n.Register(ctx, AtConsole(), "mallory", "open sesame"), ErrLookAlike)
}

func TestAudit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		store := NewMemoryStore()
		n := newTestNode(t, Options{Store: store})
		come(t, n, "olga")
		come(t, n, "bob")
		promote(t, n, "OLGA")
		time.Sleep(time.Hour)
		_, err := n.Mute(ctx, as(n, "OLGA"), "BOB", 90*time.Minute, Clean("\x1b[31mloud"))
		must(t, err)
		_, err = n.Kick(ctx, as(n, "olga"), "nobody", Text{})
		wantErr(t, err, ErrNoUser)
		must(t, n.Announce(ctx, AtConsole(), Clean("be kind")))
		wantErr(t, n.Announce(ctx, AtConsole(), Clean(strings.Repeat("x", MaxLine+1))), ErrLineTooLong)
		wantErr(t, n.Announce(ctx, AtConsole(), Clean(" ")), ErrNothingSaid)
		want := []string{
			`2000-01-01 00:00:00 console promote "olga" 0s ""`,
			`2000-01-01 01:00:00 olga mute "bob" 1h30m0s "[31mloud"`,
			`2000-01-01 01:00:00 console announce "" 0s "be kind"`,
		}
		for limit, want := range map[int][]string{0: want, 5: want, 3: want, 2: want[1:]} {
			var got []string
			// Another node reads what the first has written.
			deeds, err := newTestNode(t, Options{Store: store}).Audit(ctx, limit)
			must(t, err)
			for _, d := range deeds {
				got = append(got, fmt.Sprintf("%s %s %s %q %v %q", d.Time.Format(time.DateTime), d.By, d.Action,
					d.Target, d.For, d.Reason.String()))
			}
			if !slices.Equal(got, want) {
				t.Errorf("Audit(%d):\n%q, want\n%q", limit, got, want)
			}
		}
	})
}

// The log goes on where it was, in the order of the deeds, and keeps the newest.
func TestAuditIsBounded(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	first := auditLog{next: MaxAudit - 1}
	for i := range 3 {
		must(t, first.record(ctx, store, Deed{Action: fmt.Sprint(i)}))
	}
	second, third := auditLog{}, auditLog{}
	for i := range 3 {
		must(t, second.record(ctx, store, Deed{Action: fmt.Sprint(3 + i)}))
	}
	must(t, third.record(ctx, store, Deed{Action: "6"}))
	must(t, second.record(ctx, store, Deed{Action: "7"})) // its number is taken
	n := newTestNode(t, Options{Store: store})
	deeds, err := n.Audit(ctx, 0)
	must(t, err)
	var got []string
	for _, d := range deeds {
		got = append(got, d.Action)
	}
	if want := []string{"0", "1", "2", "3", "4", "5", "6", "7"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	last := auditLog{next: 2*MaxAudit - 1}
	for range 3 { // pushes out numbers MaxAudit-1 to MaxAudit+1
		must(t, last.record(ctx, store, Deed{Action: "late"}))
	}
	if deeds, err = n.Audit(ctx, 0); err != nil || deeds[0].Action != "3" {
		t.Errorf("the oldest is %v (%v), want 3", deeds[0], err)
	}
}

// A store that takes no audit entries is no reason to keep a troublemaker.
func TestKickOnFullDisk(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{Store: noAudit{NewMemoryStore()}})
	_, s := come(t, n, "mallory")
	_, err := n.Kick(ctx, AtConsole(), "mallory", Text{})
	must(t, err)
	wantErr(t, s.ended(), ErrKicked)
}

type noAudit struct{ Store }

func (s noAudit) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if bucket == auditBucket {
		return 0, errors.New("disk full")
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		var stopped atomic.Int64 // so long after the start
		start := time.Now()
		n := newTestNode(t, Options{Stop: func() { stopped.Store(int64(time.Since(start))) }})
		bob, _ := come(t, n, "bob")
		at := func(d time.Duration, want ...string) {
			t.Helper()
			time.Sleep(time.Until(start.Add(d)))
			synctest.Wait()
			wantRead(t, bob, want...)
		}
		cancel := func() error { _, err := n.CancelShutdown(ctx, AtConsole()); return err }
		wantErr(t, cancel(), ErrNoShutdown)
		wantErr(t, n.ShutdownIn(ctx, AtConsole(), 0), ErrBadDuration)
		wantErr(t, n.ShutdownIn(ctx, AtConsole(), -time.Second), ErrBadDuration)
		wantErr(t, n.ShutdownIn(ctx, AtConsole(), MaxDuration+1), ErrBadDuration)
		must(t, n.ShutdownIn(ctx, AtConsole(), time.Hour))
		at(0, "!!system!!: The server shuts down in 1h.")
		at(58 * time.Minute)
		must(t, cancel())
		at(2*time.Hour, "!!system!!: The server does not shut down after all.")
		wantErr(t, cancel(), ErrNoShutdown)

		must(t, n.ShutdownIn(ctx, AtConsole(), time.Hour))
		must(t, n.ShutdownIn(ctx, AtConsole(), 2*time.Minute))
		at(2*time.Hour, "!!system!!: The server shuts down in 1h.", "!!system!!: The server shuts down in 2m.")
		at(2*time.Hour+61*time.Second, "!!system!!: The server shuts down in 1m.")
		at(2*time.Hour+111*time.Second, "!!system!!: The server shuts down in 10s.")
		if stopped.Load() != 0 {
			t.Fatal("stopped early")
		}
		at(4 * time.Hour)
		if got := time.Duration(stopped.Load()); got != 2*time.Hour+2*time.Minute {
			t.Errorf("stopped after %v", got)
		}
		must(t, n.ShutdownIn(ctx, AtConsole(), 10*time.Second))
		at(4*time.Hour, "!!system!!: The server shuts down in 10s.")
		n.Close() // does not wait for it
		if got := time.Duration(stopped.Load()); time.Since(start) != 4*time.Hour || got > 3*time.Hour {
			t.Errorf("closed after %v, stopped after %v", time.Since(start), got)
		}
	})
	n := newTestNode(t, Options{})
	wantErr(t, n.ShutdownIn(t.Context(), AtConsole(), time.Minute), ErrCannotStop)
}

// A muteDesk does not reach the others when they are to do something for their users.
type muteDesk struct{ Desk }

func (d muteDesk) All(_ context.Context, o *Order) ([]Answer, error) {
	if o.Kind == Expel || o.Kind == SetRole {
		return nil, ErrNoDesk
	}
	return d.Desk.All(context.Background(), o)
}

func (d muteDesk) Publish(context.Context, Topic, *Event) error { return ErrNoDesk }

// TestDeedsCutOff has operators do what cannot be told to all nodes: it stands, and is in the audit log.
func TestDeedsCutOff(t *testing.T) {
	for _, tt := range []struct {
		action string
		do     func(ctx context.Context, n *Node) error
		want   error
	}{
		{"promote", func(ctx context.Context, n *Node) error {
			return n.Promote(ctx, AtConsole(), "alice")
		}, ErrNoDesk},
		{"disable", func(ctx context.Context, n *Node) error {
			return n.Disable(ctx, AtConsole(), "alice")
		}, ErrNoDesk},
		{"ban", func(ctx context.Context, n *Node) error {
			_, err := n.Ban(ctx, AtConsole(), target("alice"), 0, Text{})
			return err
		}, ErrNoDesk},
		{"mute", func(ctx context.Context, n *Node) error {
			_, err := n.Mute(ctx, AtConsole(), "alice", 0, Text{})
			return err
		}, ErrNoDesk},
		{"delete", func(ctx context.Context, n *Node) error { return n.DeleteAccount(ctx, AtConsole(), "alice") }, nil},
	} {
		t.Run(tt.action, func(t *testing.T) {
			ctx := t.Context()
			n := newTestNode(t, Options{Desk: muteDesk{NewMemoryDesk()}})
			register(t, n, "alice")
			wantErr(t, tt.do(ctx, n), tt.want)
			deeds, err := n.Audit(ctx, 1)
			if err != nil || len(deeds) == 0 || deeds[0].Action != tt.action || deeds[0].Target != "alice" {
				t.Errorf("the audit log has %+v, %v", deeds, err)
			}
		})
	}
}
