package chat

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestTranscriptOfDeleted tests that who has the name of a deleted account reads nothing that the one before heard: in
// a room that was closed before, and in one that closed because of the deletion.
func TestTranscriptOfDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{})
		alice, _ := come(t, n, "alice")
		bob, at := come(t, n, "bob")
		for room, leader := range []*Presence{bob, alice} {
			_, err := n.Start(ctx, leader, Clean("topic"))
			must(t, err)
			for _, p := range []*Presence{alice, bob} {
				if p != leader {
					_, err := n.Join(ctx, p, room)
					must(t, err)
				}
			}
			must(t, n.Say(ctx, bob, room, Clean("secret")))
		}
		_, err := n.Leave(ctx, bob, 0)
		must(t, err)
		reads := func(p *Presence, room int) {
			t.Helper()
			if past, err := n.Transcript(ctx, p, room); err != nil || len(past.Lines) != 1 {
				t.Errorf("%s reads of room %d: %v, %v", p.User.Name, room, past.Lines, err)
			}
		}
		n.Quit(ctx, alice, alice.receiver)
		alice, _ = login(t, n, "alice") // the same as before
		reads(alice, 0)
		reads(alice, 1)
		reads(bob, 0)
		reads(bob, 1)
		time.Sleep(time.Second)
		n.Quit(ctx, bob, at)
		deleteAlice(t, n)
		again, _ := come(t, n, "alice")
		reads(bob, 0)
		for room := range 2 {
			_, err := n.Transcript(ctx, again, room)
			wantErr(t, err, ErrNoTranscript)
			_, err = n.Review(ctx, again, Place{Kind: InRoom, Room: room})
			wantErr(t, err, ErrNoRoom)
		}
	})
}
