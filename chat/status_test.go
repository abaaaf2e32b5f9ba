package chat

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{Guests: GuestsChat})
		alice, seatA := come(t, n, "Alice")
		came := time.Now()
		bob, _ := come(t, n, "bob")
		g, _ := guest(t, n)
		register(t, n, "never")
		want := func(me *Presence, name string, want Status) {
			t.Helper()
			if got, err := n.Status(ctx, me, name); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("Status of %s for %s = %+v, %v, want %+v", name, me.User.Name, got, err, want)
			}
		}
		mustBlock(t, n, alice, "bob")
		mustBlock(t, n, alice, "guest")
		must(t, n.SetInfo(ctx, alice, Clean("here I am")))
		_, err := n.Start(ctx, bob, Clean("tea"))
		must(t, err)
		_, err = n.Start(ctx, alice, Clean("coffee"))
		must(t, err)
		_, err = n.Join(ctx, alice, 0)
		must(t, err)
		time.Sleep(10 * time.Minute)
		alice.Entered()
		time.Sleep(2 * time.Minute)

		want(alice, "alice", Status{User: alice.User, Info: Clean("here I am"), Blocked: []string{"bob", "guest"},
			Online: true,
			Rooms:  []string{"0", "1"}, Idle: 2 * time.Minute, Since: came})
		want(bob, "ALICE", Status{User: alice.User, Info: Clean("here I am"), Online: true, Rooms: []string{"0", "1"},
			Idle: 2 * time.Minute, Since: came})
		want(alice, "Bob", Status{User: bob.User, Online: true, Rooms: []string{"0"}, Idle: 12 * time.Minute,
			Since: came})
		want(bob, "never", Status{User: testUser("never")})
		must(t, n.SetInfo(ctx, g, Clean("passing by")))
		want(g, "guest", Status{User: g.User, Info: Clean("passing by"), Online: true, Idle: 12 * time.Minute,
			Since: came})

		if _, idle, err := n.Tell(ctx, alice, "bob", Clean("x")); err != nil || idle != 12*time.Minute {
			t.Errorf("Tell says idle for %v, %v", idle, err)
		}
		n.Quit(ctx, alice, seatA)
		left := time.Now().UTC()
		time.Sleep(time.Hour)
		want(bob, "alice", Status{User: alice.User, Info: Clean("here I am"), Since: left})
		_, err = n.Status(ctx, bob, "guest2")
		wantErr(t, err, ErrNoUser)
		_, err = n.Status(ctx, bob, "A1ice")
		wantErr(t, err, ErrNoUser)
	})
}

func TestWho(t *testing.T) {
	n := newTestNode(t, Options{})
	for _, name := range []string{"zoe", "Bob", "alice", "Al"} {
		come(t, n, name)
	}
	guest(t, n)
	if who := n.Who(); !slices.Equal(who, []string{"Al", "alice", "Bob", "guest", "zoe"}) {
		t.Errorf("Who = %q", who)
	}
}

// TestCountsClosed counts rooms that close when their leader quits, and not those that go on.
func TestCountsClosed(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, s := come(t, n, "alice")
	for _, topic := range []string{"tea", "chess"} {
		_, err := n.Start(ctx, alice, Clean(topic))
		must(t, err)
	}
	_, err := n.Keep(ctx, AtConsole(), 0, "tea")
	must(t, err)
	n.Quit(ctx, alice, s)
	if events := n.Stats(ctx).Events; events[Closed] != 1 || events[Left] != 1 {
		t.Errorf("counted %v", events)
	}
}
