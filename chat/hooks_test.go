package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hooked returns a node where alice leads a room that has a hook, with the secret of that.
func hooked(t *testing.T) (n *Node, alice *Presence, number int, secret string) {
	t.Helper()
	n = newTestNode(t, Options{})
	register(t, n, "alice", "olga")
	must(t, n.Promote(t.Context(), AtConsole(), "olga"))
	alice, _ = login(t, n, "alice")
	r, err := n.Start(t.Context(), alice, Clean("builds"))
	must(t, err)
	secret, h, err := n.Hook(t.Context(), alice, r.Number)
	must(t, err)
	if h.Number != 1 || h.By != alice.User || len(secret) != 26 {
		t.Errorf("the hook is %+v, its secret %q", h, secret)
	}
	return n, alice, r.Number, secret
}

// TestHookInData tests that alice reads where she has a hook.
func TestHookInData(t *testing.T) {
	n, alice, _, _ := hooked(t)
	data, err := n.DataOf(t.Context(), alice)
	if err != nil || !slices.ContainsFunc(data, func(d Datum) bool { return fmt.Sprint(d.Name) == "datum hook" }) {
		t.Errorf("DataOf = %v, %v", data, err)
	}
}

// TestHookGuesses tests that wrong secrets are counted by source, and hold up neither another source nor a right one.
func TestHookGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, _, secret := hooked(t)
		speak := func(secret string) error {
			_, err := n.SpeakByHook(t.Context(), elsewhere, secret, Clean("red"))
			return err
		}
		for range 5 {
			wantErr(t, speak("A"+secret[1:]+"A"), ErrNoSuchHook)
		}
		wantErr(t, speak(""), ErrManyTries)
		must(t, speak(secret))
		_, err := n.SpeakByHook(t.Context(), elsewhere.Next(), strings.ToLower(secret), Clean("red"))
		wantErr(t, err, ErrNoSuchHook)
		time.Sleep(time.Hour)
		wantErr(t, speak(secret[1:]), ErrNoSuchHook)
	})
}

// TestHookMaker tests that a hook is silent while who has made it may not speak, or is no more.
func TestHookMaker(t *testing.T) {
	for name, silence := range map[string]func(ctx context.Context, n *Node) error{
		"muted": func(ctx context.Context, n *Node) error {
			_, err := n.Mute(ctx, AtConsole(), "alice", 0, Text{})
			return err
		},
		"disabled": func(ctx context.Context, n *Node) error {
			return n.Disable(ctx, AtConsole(), "alice")
		},
		"deleted": func(ctx context.Context, n *Node) error {
			return n.DeleteAccount(ctx, AtConsole(), "alice")
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, _, number, secret := hooked(t)
			_, err := n.Keep(t.Context(), AtConsole(), number, "builds")
			must(t, err)
			must(t, silence(t.Context(), n))
			_, err = n.SpeakByHook(t.Context(), elsewhere, secret, Clean("red"))
			if name == "deleted" {
				wantErr(t, err, ErrNoSuchHook)
			} else {
				wantErr(t, err, ErrHookSilent)
			}
		})
	}
}

// TestHookIsStoredHashed tests that the hook of a standing room is stored, and its secret is not; and that a room that
// is closed takes its hooks along.
func TestHookIsStoredHashed(t *testing.T) {
	n, alice, number, secret := hooked(t)
	r, err := n.Keep(t.Context(), AtConsole(), number, "builds")
	must(t, err)
	there, err := n.store.Get(t.Context(), standingBucket, skeleton("builds"))
	must(t, err)
	s, err := decodeStanding(there)
	must(t, err)
	if len(s.Hooks) != 1 || s.Hooks[0].Key != hookKey(secret) || strings.Contains(string(there.Value), secret) {
		t.Errorf("stored is %s", there.Value)
	}
	_, err = n.Unhook(t.Context(), alice, r.Number, 1)
	must(t, err)
	if there, err = n.store.Get(t.Context(), standingBucket, skeleton("builds")); err != nil ||
		strings.Contains(string(there.Value), hookKey(secret)) {
		t.Errorf("behind its end there is still %s, %v", there.Value, err)
	}
	secret, _, err = n.Hook(t.Context(), alice, r.Number)
	must(t, err)
	_, err = n.Unkeep(t.Context(), AtConsole(), "builds")
	must(t, err)
	_, err = n.Leave(t.Context(), alice, r.Number)
	must(t, err)
	_, err = n.SpeakByHook(t.Context(), elsewhere, secret, Clean("red"))
	wantErr(t, err, ErrNoSuchHook)
}
