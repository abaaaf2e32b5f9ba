package commands

import (
	"context"
	"testing"

	"parley/chat"
)

// A countingStore counts what is written.
type countingStore struct {
	chat.Store
	written int
}

func (s *countingStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	s.written++
	return s.Store.Put(ctx, bucket, key, value, revision)
}

// TestQuietOff tests that it ends all that quiet has begun, or nothing: in one write.
func TestQuietOff(t *testing.T) {
	store, r := &countingStore{Store: chat.NewMemoryStore()}, New()
	n := chat.New(chat.Options{Store: store, Reserved: r.Reserved(), Hash: chat.HashParams{Memory: 8, Time: 1}})
	defer n.Close()
	p := (&stage{t, n, r}).user("alice")
	p.does("quiet")
	p.does("quiet joins")
	if len(p.me.Settings()) != 2 {
		t.Fatalf("set: %v", p.me.Settings())
	}
	before := store.written
	p.does("quiet off")
	if len(p.me.Settings()) > 0 || store.written != before+1 {
		t.Errorf("set: %v, after %d writes", p.me.Settings(), store.written-before)
	}
}
