package chat

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A panickyDesk panics once when it is to be told something of a user.
type panickyDesk struct {
	Desk
	panics bool
}

func (d *panickyDesk) Update(ctx context.Context, e Entry) error {
	if d.panics {
		d.panics = false
		panic("desk")
	}
	return d.Desk.Update(ctx, e)
}

// A fullStore takes no ban while it is full, and panics at each write while it is to.
type fullStore struct {
	Store
	full, panics atomic.Bool
}

func (s *fullStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	switch {
	case s.panics.Load():
		panic("store")
	case bucket == bansBucket && s.full.Load():
		return 0, ErrDiskFull
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

// survive calls f, which panics.
func survive(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("there was no panic: this is no test")
		}
	}()
	f()
}

// TestPanicAtLogin has a login panic that takes over a seat: the next one gets it.
func TestPanicAtLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		d := &panickyDesk{Desk: NewMemoryDesk()}
		n := newTestNode(t, Options{Desk: d})
		come(t, n, "alice")
		d.panics = true
		survive(t, func() { _, _, _ = n.Login(ctx, "alice", secretOf("alice"), new(seat)) })
		s := new(seat)
		p, _, err := n.Login(ctx, "alice", secretOf("alice"), s)
		must(t, err)
		n.Quit(ctx, p, s)
	})
}

// TestPanicAtHold has a panic where a seat is given up whose connection was lost: others are given up all the same.
func TestPanicAtHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, store := t.Context(), &fullStore{Store: NewMemoryStore()}
		n := newTestNode(t, Options{Store: store, Hold: testHold})
		for _, name := range []string{"alice", "bob"} {
			p, s := come(t, n, name)
			n.Lose(ctx, p, s)
			time.Sleep(time.Second)
		}
		store.panics.Store(true)
		time.Sleep(testHold - 2*time.Second)
		synctest.Wait()
		store.panics.Store(false)
		time.Sleep(testHold)
		if who := n.Who(); len(who) > 0 {
			t.Errorf("Who = %q", who)
		}
	})
}

// TestPanicAtFailures has a panic where a refused login is written down: the user can log in.
func TestPanicAtFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		store := &fullStore{Store: NewMemoryStore()}
		n := newTestNode(t, Options{Store: store})
		register(t, n, "alice")
		store.panics.Store(true)
		_, _, err := n.Login(ctx, "alice", "guess", new(seat))
		wantErr(t, err, ErrLogin)
		synctest.Wait()
		store.panics.Store(false)
		_, _, err = n.Login(ctx, "alice", secretOf("alice"), new(seat))
		must(t, err)
	})
}

// TestPanicAtSaving has a panic where a ban is saved that the disk did not take: it is saved later.
func TestPanicAtSaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &fullStore{Store: NewMemoryStore()}
		store.full.Store(true)
		n := newTestNode(t, Options{Store: store})
		_, err := n.Ban(t.Context(), AtConsole(), target("192.0.2.7"), 0, Text{})
		must(t, err)
		store.panics.Store(true)
		time.Sleep(time.Minute)
		store.panics.Store(false)
		store.full.Store(false)
		time.Sleep(time.Minute)
		must(t, n.Unsaved())
	})
}

// An askDesk panics whenever another node is asked for something.
type askDesk struct{ Desk }

func (askDesk) Ask(context.Context, string, *Order) (Answer, error) { panic("desk") }

// TestPanicAtDrain has a panic with every seat that a node is to give up: it ends all the same.
func TestPanicAtDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, store, desks := t.Context(), NewMemoryStore(), NewMemoryDesks("a", "b")
		n := newTestNode(t, Options{Store: store, Desk: askDesk{desks[0]}, Hold: testHold})
		newTestNode(t, Options{Store: store, Desk: desks[1], Hold: testHold})
		for i := range drainWidth + 1 {
			p, s := come(t, n, fmt.Sprint("user", i))
			n.Lose(ctx, p, s)
		}
		n.leaving.Store(suspended)
		if moved, left := n.Drain(ctx); moved != 0 || left != drainWidth+1 {
			t.Errorf("Drain = %d, %d", moved, left)
		}
	})
}
