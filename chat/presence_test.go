package chat

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestEntry tests that the desk knows at once what changes of a user who is online, but for the time of the last
// line, which the node itself adds.
func TestEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{})
		find := func(name string) Entry {
			t.Helper()
			e, err := n.desk.Find(name)
			must(t, err)
			return e
		}
		alice, _ := come(t, n, "Alice")
		g, _ := guest(t, n)
		came := find("alice")
		if came.User != alice.User || came.ID == "" || came.ID == find("guest").ID || came.Operator ||
			!came.LastInput.Equal(came.Since) {
			t.Errorf("the entry of who has come is %+v", came)
		}
		time.Sleep(time.Hour)
		alice.Entered()
		time.Sleep(time.Minute)
		must(t, n.Promote(ctx, AtConsole(), "alice"))
		must(t, n.SetInfo(ctx, g, Clean("just looking")))
		from := netip.MustParseAddr("192.0.2.7")
		_, _, err := n.Login(ctx, "alice", secretOf("Alice"), &seat{source: from})
		must(t, err)
		now := find("alice")
		if now.ID != came.ID || !now.Since.Equal(came.Since) || now.Source != from || !now.Operator {
			t.Errorf("the entry of an operator who comes from elsewhere is %+v", now)
		}
		if info := find("guest").Info.String(); info != "just looking" {
			t.Errorf("the guest's entry has the info %q", info)
		}
		time.Sleep(time.Minute)
		all, err := n.Online(ctx)
		must(t, err)
		if len(all) != 2 || all[0].Idle() != time.Minute || all[1].Idle() != time.Hour+2*time.Minute {
			t.Errorf("online are %+v", all)
		}
		if came.Operator || came.Source == from {
			t.Errorf("an entry that was read has become %+v", came)
		}
	})
}

// TestComeWhileDeaf tests that a user whose mailbox overflows while another connection is about to take the seat over
// comes anew there, and hears again.
func TestComeWhileDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{Guests: GuestsChat})
		alice, before := come(t, n, "alice")
		g, _ := guest(t, n)
		must(t, alice.wait(ctx))
		var now *Presence
		var err error
		var coming sync.WaitGroup
		coming.Go(func() { now, _, err = n.Enter(ctx, alice.User, new(seat)) })
		synctest.Wait() // it waits for the turn
		for before.ended() == nil {
			alice.Hear(ctx, newEvent(Told, g.User, 0, Clean("word")))
		}
		wantErr(t, before.ended(), ErrTooSlow)
		synctest.Wait() // to quit takes the turn after that
		alice.yield()
		coming.Wait()
		must(t, err)
		now.Take()
		_, err = n.TellUser(ctx, g, alice.User, Clean("are you there?"))
		must(t, err)
		wantRead(t, now, "[Private] guest: are you there?")
	})
}

// TestDeafen tests that of two connections the one ends that has the seat when the mailbox overflows, and that no other
// gets it afterwards, not even one that is lost: else nobody would end the presence, and the user could not come anew.
func TestDeafen(t *testing.T) {
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	now := new(seat)
	if _, ok := alice.attach(now); !ok {
		t.Fatal("the seat was not to be had")
	}
	if at, ok := alice.deafen(); at != Receiver(now) || !ok {
		t.Errorf("deafen = %v, %v", at, ok)
	}
	if _, ok := alice.attach(new(seat)); ok {
		t.Error("another connection has the seat")
	}
	if alice.keep(now, new(keeper)) {
		t.Error("the seat is kept")
	}
	if _, ok := alice.deafen(); ok {
		t.Error("it is ended twice")
	}
	n.Quit(t.Context(), alice, now)
	if n.here(alice.User) != nil {
		t.Error("the user is there still")
	}
}

// TestBlocksAtOnce tests that nothing is lost of what several connections of one user block at a time.
func TestBlocksAtOnce(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{Guests: GuestsChat})
	alice, _ := come(t, n, "alice")
	g, _ := guest(t, n)
	names := make([]string, 20)
	for i := range names {
		names[i] = fmt.Sprint("u", i)
	}
	register(t, n, names...)
	for _, p := range []*Presence{alice, g} {
		var wg sync.WaitGroup
		errs := make([]error, len(names))
		for i, name := range names {
			wg.Go(func() { _, errs[i] = n.Block(ctx, p, name) })
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		for _, name := range names {
			if p.hears(testUser(name)) {
				t.Errorf("%s hears %s, who was blocked", p.User.Name, name)
			}
		}
		if !p.hears(g.User) || len(p.Blocked()) != len(names) {
			t.Errorf("%s has blocked %q", p.User.Name, p.Blocked())
		}
	}
}
