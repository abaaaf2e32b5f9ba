package chat

import "testing"

// TestNobodyWatchesForEver tests that whoever acts beside a seat, or is not let into one, is among those who watch
// others no longer than that.
func TestNobodyWatchesForEver(t *testing.T) {
	ctx := t.Context()
	store, desks := NewMemoryStore(), NewMemoryDesks("a", "b")
	n := newTestNode(t, Options{Store: store, Desk: desks[0], Hold: testHold})
	other := newTestNode(t, Options{Store: store, Desk: desks[1], Hold: testHold})
	register(t, n, "bob")
	alice, s := come(t, n, "alice")
	_, err := n.Watch(ctx, alice, "bob")
	must(t, err)
	n.Quit(ctx, alice, s)
	for range 3 {
		p, err := n.Beside(ctx, alice.User, new(seat))
		must(t, err)
		if !p.Watches(User{Name: "bob", ID: "bob"}) {
			t.Error("she watches nobody: this is no test")
		}
	}

	held, s := login(t, other, "alice")
	other.Lose(ctx, held, s)
	n.presences.add(alice) // she comes here just now
	wantErr(t, n.takeSeat(ctx, &Order{User: alice.User, Entry: held.stay().id}), ErrNotFound)
	n.presences.remove(alice)
	if watching := len(n.watchers.ids); watching > 0 {
		t.Errorf("%d watch still", watching)
	}
}
