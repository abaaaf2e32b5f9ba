package chat

import (
	"context"
	"testing"
	"time"
)

// TestSpreadOfTheOver tests that what was over before another node learned of it is not without end there.
func TestSpreadOfTheOver(t *testing.T) {
	ctx := t.Context()
	store, desks := NewMemoryStore(), NewMemoryDesks("a", "b")
	a, b := newTestNode(t, Options{Store: store, Desk: desks[0]}), newTestNode(t, Options{Store: store, Desk: desks[1]})
	s := newSanction("bob", Console, time.Minute, Text{})
	must(t, a.spread(ctx, a.bans, "bob", &s))
	if _, found, err := b.bans.Find(ctx, "bob"); err != nil || !found {
		t.Errorf("a ban that holds: %v, %v", found, err)
	}
	s.Until = time.Now().Add(-time.Second)
	must(t, a.spread(ctx, a.bans, "bob", &s))
	if _, found, err := b.bans.Find(ctx, "bob"); err != nil || found {
		t.Errorf("a ban that is over: %v, %v", found, err)
	}
}

// A storeMeanwhile does something after the next record was read, and returns what it was before.
type storeMeanwhile struct {
	Store
	meanwhile func()
}

func (s *storeMeanwhile) Get(ctx context.Context, bucket, key string) (Record, error) {
	r, err := s.Store.Get(ctx, bucket, key)
	if f := s.meanwhile; f != nil && bucket == accountsBucket {
		s.meanwhile = nil
		f()
	}
	return r, err
}

// TestDemotedWhileComing tests that a role holds that was changed while the user's account was being read.
func TestDemotedWhileComing(t *testing.T) {
	ctx := t.Context()
	store := &storeMeanwhile{Store: NewMemoryStore()}
	n := newTestNode(t, Options{Store: store})
	alice, at := come(t, n, "alice")
	_, err := n.changeAccount(ctx, "alice", func(a *account) error { a.Operator = true; return nil })
	must(t, err)
	var done <-chan Answer
	store.meanwhile = func() {
		_, done = orders{n}.Do(ctx, &Order{Kind: SetRole, User: alice.User})
	}
	must(t, n.recheck(ctx, alice, at))
	<-done
	if e, err := n.desk.Find("alice"); err != nil || e.Operator || alice.Operator() {
		t.Errorf("she is an operator still: %v, %v, %v", alice.Operator(), e.Operator, err)
	}
}
