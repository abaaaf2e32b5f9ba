package chat

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// An awayDesk is a desk that cannot be reached for a while, as at the start of one of several nodes, or where a node of
// the version before does not know what is asked for.
type awayDesk struct {
	Desk
	why atomic.Pointer[Refusal] // nil while it can be reached
}

func (d *awayDesk) Operate(ctx context.Context) (func(), error) {
	if why := d.why.Load(); why != nil {
		return nil, why
	}
	return d.Desk.Operate(ctx)
}

// TestStartAway starts a node that reaches no desk at first: later it ends what a deletion has left, and opens rooms.
func TestStartAway(t *testing.T) {
	for _, why := range []*Refusal{ErrNoDesk, ErrUnsure, ErrOldNode} {
		t.Run(why.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := newTestNode(t, Options{Hold: testHold})
				alice, _ := come(t, before, "alice")
				bob, _ := come(t, before, "bob")
				noteAlice(t, before, alice, bob)
				_, err := before.bury(t.Context(), "alice", before.now(), func(*account) error { return nil })
				must(t, err)

				desk := &awayDesk{Desk: NewMemoryDesks("a")[0]}
				desk.why.Store(why)
				n := newTestNode(t, Options{Store: before.store, Desk: desk})
				n.SweepGraves(t.Context())
				n.OpenStanding(t.Context(), nil)
				time.Sleep(10 * time.Second)
				if _, stored := notesOf(t, n, "alice"); stored == 0 {
					t.Fatal("nothing is noted: this is no test")
				}
				if _, err := n.RoomNamed(t.Context(), "tea"); err == nil {
					t.Fatal("a room is open without a desk")
				}
				desk.why.Store(nil)
				time.Sleep(retryStartMost)
				if open, stored := notesOf(t, n, "alice"); open != 0 || stored != 0 {
					t.Errorf("something is noted in %d rooms, and in %d that are stored", open, stored)
				}
				_, err = n.RoomNamed(t.Context(), "tea")
				must(t, err)
			})
		})
	}
}

// TestCloseAway closes a node whose desk does not come: it waits for nobody.
func TestCloseAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewMemoryDesks("a", "b")
		done, err := shared[1].Operate(t.Context()) // and so the turn of others does not come
		must(t, err)
		defer done()
		desk := &awayDesk{Desk: shared[0]}
		desk.why.Store(ErrNoDesk)
		n := newTestNode(t, Options{Desk: desk})
		n.OpenStanding(t.Context(), nil)
		desk.why.Store(nil)
		time.Sleep(2 * retryStart)
		n.Close()
	})
}
