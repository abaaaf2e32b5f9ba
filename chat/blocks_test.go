package chat

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley/words"
)

func mustBlock(t testing.TB, n *Node, me *Presence, name string) {
	t.Helper()
	_, err := n.Block(t.Context(), me, name)
	must(t, err)
}

func wantBlocked(t *testing.T, p *Presence, want ...string) {
	t.Helper()
	if got := p.Blocked(); !slices.Equal(got, want) {
		t.Errorf("%s has blocked %q, want %q", p.User.Name, got, want)
	}
}

func TestBlock(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	n := newTestNode(t, Options{Store: store})
	alice, seatA := come(t, n, "alice")
	mallory, _ := come(t, n, "Mallory")
	bob, _ := come(t, n, "bob")
	register(t, n, "zoe")
	_, err := n.Start(ctx, mallory, Clean("hers"))
	must(t, err)
	_, err = n.Start(ctx, alice, Clean("tea"))
	must(t, err)
	_, err = n.Join(ctx, alice, 0)
	must(t, err)
	must(t, n.Shout(ctx, mallory, Clean("unread")))
	if name, err := n.Block(ctx, alice, "mALLORY"); err != nil || name != "Mallory" {
		t.Fatalf("Block = %q, %v", name, err)
	}
	wantRead(t, alice, "!!system!!: alice created room 1, topic: tea") // what was not read is left out as well
	mallory.Take()

	_, _, err = n.Tell(ctx, mallory, "alice", Clean("x"))
	wantErr(t, err, ErrBlocked)
	if want := "You have been blocked by alice."; words.English.Sentence(err) != want {
		t.Errorf("got %q, want %q", words.English.Sentence(err), want)
	}
	must(t, n.Shout(ctx, mallory, Clean("x")))
	must(t, n.Say(ctx, mallory, 0, Clean("x")))
	_, err = n.Join(ctx, mallory, 1)
	must(t, err)
	must(t, n.Say(ctx, mallory, 1, Clean("x")))
	_, err = n.Leave(ctx, mallory, 1)
	must(t, err)
	_, err = n.Start(ctx, mallory, Clean("more of hers"))
	must(t, err)
	wantRead(t, alice)
	wantRead(t, mallory, "!!Mallory!!: x", "[Room 0] *Mallory*: x", "[Room 1] *Mallory*: x",
		"!!system!!: Mallory created room 2, topic: more of hers")
	must(t, n.Say(ctx, alice, 0, Clean("y")))
	wantRead(t, mallory, "[Room 0] *alice*: y") // a block has one direction
	_, err = n.Leave(ctx, mallory, 0)
	must(t, err)
	wantRead(t, alice, "[Room 0] *alice*: y", "!!system!!: Room 0(topic: hers) closed")
	must(t, n.Shout(ctx, bob, Clean("I am not")))
	wantRead(t, alice, "!!bob!!: I am not")

	mustBlock(t, n, alice, "zoe") // who is not online
	wantBlocked(t, alice, "Mallory", "zoe")
	wantBlocked(t, bob)

	// The account keeps the blocks, on another node too.
	n.Quit(ctx, alice, seatA)
	n2 := newTestNode(t, Options{Store: store})
	again, _ := login(t, n2, "alice")
	wantBlocked(t, again, "Mallory", "zoe")
	other, _ := login(t, n2, "Mallory")
	must(t, n2.Shout(ctx, other, Clean("x")))
	wantRead(t, again)
	if name, err := n2.Unblock(ctx, again, "mallory"); err != nil || name != "Mallory" {
		t.Errorf("Unblock = %q, %v", name, err)
	}
	must(t, n2.Shout(ctx, other, Clean("now")))
	wantRead(t, again, "!!Mallory!!: now")
	wantBlocked(t, again, "zoe")
}

func TestBlockRefused(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "Alice")
	bob, _ := come(t, n, "Bob")
	block := func(p *Presence, name string) error { _, err := n.Block(ctx, p, name); return err }
	unblock := func(p *Presence, name string) error { _, err := n.Unblock(ctx, p, name); return err }
	must(t, block(alice, "bob"))
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"again", block(alice, "BOB"), "User Bob is already blocked."},
		{"oneself", block(alice, "aLICE"), "You cannot block yourself."},
		{"nobody", block(alice, "b0b"), `User b0b does not exist. Type "who" to see who is online.`},
		{"unblock who is not blocked", unblock(bob, "alice"), "User Alice is not blocked."},
		{"unblock nobody", unblock(alice, "carol\x1b"), `User carol� does not exist. Type "who" to see who is online.`},
		{"unblock a guest who is gone", unblock(alice, "guest2"),
			`User guest2 does not exist. Type "who" to see who is online.`},
	} {
		if tt.err == nil || words.English.Sentence(tt.err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, tt.err, tt.want)
		}
	}
	must(t, unblock(alice, "BOB"))
	wantErr(t, unblock(alice, "bob"), ErrNotBlocked)
}

func TestTooManyBlocks(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	register(t, n, "last")
	_, err := n.changeAccount(ctx, "alice", func(a *account) error {
		for i := range MaxBlocks - 1 {
			a.Blocks = append(a.Blocks, block{Name: fmt.Sprint("u", i), ID: fmt.Sprint("u", i)})
		}
		return nil
	})
	must(t, err)
	mustBlock(t, n, alice, "last")
	g, _ := guest(t, n)
	_, err = n.Block(ctx, alice, g.User.Name)
	wantErr(t, err, ErrTooManyBlocks)
	want := `You have already blocked 500 users, which is the limit. Type "unblock <user>" first.`
	if words.English.Sentence(err) != want {
		t.Errorf("got %q, want %q", words.English.Sentence(err), want)
	}
	_, err = n.Unblock(ctx, alice, "u7")
	must(t, err)
	mustBlock(t, n, alice, g.User.Name)
}

// TestBlockedGuest tests that a guest who is blocked stays so under the account that the guest makes.
func TestBlockedGuest(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{Guests: GuestsChat})
	alice, _ := come(t, n, "alice")
	pest, seatP := guest(t, n)
	nice, seatN := guest(t, n)
	mustBlock(t, n, alice, pest.User.Name)
	must(t, n.Shout(ctx, pest, Clean("x")))
	must(t, n.Shout(ctx, nice, Clean("good day")))
	wantRead(t, alice, "!!guest2!!: good day")

	must(t, n.Register(ctx, By(pest), "pest", secretOf("pest")))
	must(t, n.Register(ctx, By(nice), "nice", secretOf("nice")))
	n.Quit(ctx, pest, seatP)
	n.Quit(ctx, nice, seatN)
	asUser, seatU := login(t, n, "pest")
	niceUser, _ := login(t, n, "nice")
	must(t, n.Shout(ctx, asUser, Clean("x")))
	must(t, n.Shout(ctx, niceUser, Clean("good night")))
	wantRead(t, alice, "!!nice!!: good night")
	_, _, err := n.Tell(ctx, asUser, "alice", Clean("x"))
	wantErr(t, err, ErrBlocked)

	// The next guest has the name, and nothing else, in common.
	next, err := n.Guest(ctx, &seat{source: netip.MustParseAddr("192.0.2.7")})
	must(t, err)
	if next.User.Name != pest.User.Name {
		t.Fatalf("the next guest is called %s", next.User.Name)
	}
	must(t, n.Shout(ctx, next, Clean("hello")))
	wantRead(t, alice, "!!guest!!: hello")

	wantBlocked(t, alice, "guest")
	if name, err := n.Unblock(ctx, alice, "pest"); err != nil || name != "pest" {
		t.Errorf("Unblock of the account whose guest was blocked = %q, %v", name, err)
	}
	must(t, n.Shout(ctx, asUser, Clean("sorry")))
	wantRead(t, alice, "!!pest!!: sorry")
	n.Quit(ctx, asUser, seatU)

	mustBlock(t, n, alice, "guest")
	if name, err := n.Unblock(ctx, alice, "GUEST"); err != nil || name != "guest" {
		t.Errorf("Unblock by the name of the guest = %q, %v", name, err)
	}
}

// TestBlockedGuestReturns tests that a block holds for the address and name of a guest for an hour, after a restart
// too, and is listed no longer than it holds.
func TestBlockedGuestReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		store := NewMemoryStore()
		n := newTestNode(t, Options{Guests: GuestsChat, Store: store})
		alice, seatA := come(t, n, "alice")
		bob, _ := come(t, n, "bob")
		enter := func(n *Node, address string) (*Presence, *seat) {
			t.Helper()
			s := &seat{source: netip.MustParseAddr(address)}
			g, err := n.Guest(ctx, s)
			must(t, err)
			return g, s
		}
		hears := func(n *Node, p, g *Presence, want bool) {
			t.Helper()
			must(t, n.Shout(ctx, g, Clean("x")))
			if got := len(p.Take()) > 0; got != want {
				t.Errorf("%s hears %s: %t, want %t", p.User.Name, g.User.Name, got, want)
			}
		}
		listed := func(n *Node, p *Presence, want ...string) {
			t.Helper()
			if s, err := n.Status(ctx, p, p.User.Name); err != nil || !slices.Equal(s.Blocked, want) {
				t.Errorf("the list is %q, %v, want %q", s.Blocked, err, want)
			}
		}
		pest, seatP := enter(n, "2001:db8::1")
		other, seatO := enter(n, "2001:db8::1") // guest2
		mustBlock(t, n, alice, "guest")
		hears(n, alice, pest, false)
		hears(n, alice, other, true)
		n.Quit(ctx, pest, seatP)
		n.Quit(ctx, other, seatO)
		pest, seatP = enter(n, "2001:db8::ffff") // the same household
		hears(n, alice, pest, false)
		hears(n, bob, pest, true)
		mustBlock(t, n, bob, "guest")
		n.Quit(ctx, pest, seatP)
		nice, seatN := enter(n, "192.0.2.7")
		hears(n, alice, nice, true)
		n.Quit(ctx, nice, seatN)
		time.Sleep(30 * time.Minute)
		listed(n, alice, "guest")

		// A restart ends nothing.
		n.Quit(ctx, alice, seatA)
		n2 := newTestNode(t, Options{Guests: GuestsChat, Store: store})
		alice, _ = login(t, n2, "alice")
		pest, seatP = enter(n2, "2001:db8::1")
		hears(n2, alice, pest, false)
		must(t, n2.Register(ctx, By(pest), "pest", secretOf("pest")))
		n2.Quit(ctx, pest, seatP)
		asUser, seatU := login(t, n2, "pest")
		hears(n2, alice, asUser, false)

		time.Sleep(30 * time.Minute)
		listed(n2, alice, "guest") // the account that the guest made is here
		n2.Quit(ctx, asUser, seatU)
		listed(n2, alice)
		again, _ := enter(n2, "2001:db8::1")
		hears(n2, alice, again, true)
		listed(n2, alice)
	})
}

// TestGuestBlocks tests that the blocks of a guest last as long as the session.
func TestGuestBlocks(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{Guests: GuestsChat})
	bob, _ := come(t, n, "bob")
	g, s := guest(t, n)
	mustBlock(t, n, g, "bob")
	_, err := n.Block(ctx, g, "Bob")
	wantErr(t, err, ErrAlreadyBlocked)
	_, err = n.Block(ctx, g, "guest")
	wantErr(t, err, ErrBlockSelf)
	must(t, n.Shout(ctx, bob, Clean("x")))
	wantRead(t, g)
	wantBlocked(t, g, "bob")
	must(t, n.Register(ctx, By(g), "self", secretOf("self")))
	me, _ := login(t, n, "self")
	if _, err := n.Block(ctx, me, "guest"); !errors.Is(err, ErrBlockSelf) {
		t.Errorf("Block of the guest that one was: %v", err)
	}
	n.Quit(ctx, g, s)
	next, _ := guest(t, n)
	wantBlocked(t, next)
	must(t, n.Shout(ctx, bob, Clean("hello")))
	wantRead(t, next, "!!bob!!: hello")
	mustBlock(t, n, next, "bob")
	_, err = n.Unblock(ctx, next, "bob")
	must(t, err)
	must(t, n.Shout(ctx, bob, Clean("again")))
	wantRead(t, next, "!!bob!!: again")
}

// TestBlockByMonotonicClock tests that when a block ends, and how far one has read, goes by the clock that nobody sets:
// what is said, and compared with that, has its time from there.
func TestBlockByMonotonicClock(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	register(t, n, "bob")
	_, err := n.BlockOn(ctx, alice, "bob", BlockTerms{Lasts: time.Hour})
	must(t, err)
	must(t, n.SetAlias(ctx, alice, "x", Clean("who"))) // which has the account read
	must(t, n.SpeakToAll(ctx, alice, Shouted, Clean("hello")))
	until, read := alice.blocksNow()["bob"].Until, alice.mark(Place{Kind: Shouts}).At
	for what, at := range map[string]time.Time{"the end of the block": until, "the mark": read} {
		if at.IsZero() || at == at.Round(0) {
			t.Errorf("%s is %v, by the clock on the wall", what, at)
		}
	}
}

// TestBlockEndedBefore has a block end by itself, and then something else be set: what was said after the end is read.
func TestBlockEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{})
		alice, _ := come(t, n, "alice")
		bob, _ := come(t, n, "bob")
		register(t, n, "carol")
		_, err := n.BlockOn(ctx, alice, "bob", BlockTerms{Lasts: time.Hour})
		must(t, err)
		must(t, n.SpeakToAll(ctx, bob, Shouted, Clean("before")))
		time.Sleep(2 * time.Hour)
		must(t, n.SpeakToAll(ctx, bob, Shouted, Clean("after")))
		must(t, n.SetAlias(ctx, alice, "x", Clean("who")))
		for _, name := range []string{"guests", "carol"} {
			lines, err := n.Review(ctx, alice, Place{Kind: Shouts})
			if err != nil || len(lines) != 1 || lines[0].Event.Text != Clean("after") {
				t.Errorf("Review = %v, %v", lines, err)
			}
			mustBlock(t, n, alice, name)
		}
	})
}
