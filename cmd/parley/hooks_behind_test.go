package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"

	"parley/chat"
	"parley/chat/record"
	"parley/words"
)

// A behindStore is one that others have left behind, while behind is set.
type behindStore struct {
	chat.Store
	behind bool
}

func (s *behindStore) Get(ctx context.Context, bucket, key string) (chat.Record, error) {
	if s.behind {
		return chat.Record{}, record.ErrBehind
	}
	return s.Store.Get(ctx, bucket, key)
}

// TestHookBehind tests that who speaks by a hook at a node that is behind is told so, and that this is no error in the
// log.
func TestHookBehind(t *testing.T) {
	ctx, store := t.Context(), &behindStore{Store: chat.NewMemoryStore()}
	node := chat.New(chat.Options{Store: store, Hash: chat.HashParams{Memory: 8, Time: 1}})
	defer node.Close()
	if err := node.AddUser(ctx, chat.AtConsole(), "alice", "quicksand"); err != nil {
		t.Fatal(err)
	}
	proof, err := node.Authenticate(ctx, chat.Try{Name: "alice", Typed: "quicksand", Source: passer{}.Source()})
	if err != nil {
		t.Fatal(err)
	}
	alice, _, err := node.Enter(ctx, proof.User, passer{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := node.Start(ctx, alice, chat.Clean("builds"))
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := node.Hook(ctx, alice, r.Number)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := &service{log: slog.New(slog.NewTextHandler(&log, nil))}
	store.behind = true
	answer := s.sayByHook(node)(ctx, netip.IPv6Loopback(), secret, "red")
	if answer.Status != http.StatusInternalServerError || answer.Text != words.English.Sentence(record.ErrBehind) {
		t.Errorf("got %+v", answer)
	}
	if log.Len() > 0 {
		t.Errorf("the log says %q", &log)
	}
	store.behind = false
	if answer := s.sayByHook(node)(ctx, netip.IPv6Loopback(), secret, "red"); answer.Status != http.StatusOK {
		t.Errorf("when it has caught up: %+v", answer)
	}
}
