package chat

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/words"
)

// testHold is for how long nodes in tests keep the seat of a user whose connection was lost.
const testHold = 2 * time.Minute

// holding returns a node that keeps seats for testHold.
func holding(t testing.TB) *Node {
	return newTestNode(t, Options{Hold: testHold, Guests: GuestsChat})
}

func readAll(p *Presence) string {
	var lines []string
	for _, e := range p.Take() {
		lines = append(lines, string(words.English.AppendEvent(nil, e.Kind.String(), e)))
	}
	return strings.Join(lines, "\n")
}

func wantText(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

func wantMembers(t testing.TB, n *Node, room int, want ...string) {
	t.Helper()
	r, err := n.desk.Room(room)
	if len(want) == 0 {
		wantErr(t, err, ErrNotFound)
		return
	}
	must(t, err)
	wantText(t, "members", strings.Join(r.Names(), " "), strings.Join(want, " "))
}

// tea returns room 0, which alice leads and bob is in.
func tea(t *testing.T, n *Node) (alice, bob *Presence, atAlice *seat) {
	alice, atAlice = come(t, n, "alice")
	bob, _ = come(t, n, "bob")
	_, err := n.Start(t.Context(), alice, Clean("tea"))
	must(t, err)
	_, err = n.Join(t.Context(), bob, 0)
	must(t, err)
	readAll(alice)
	readAll(bob)
	return alice, bob, atAlice
}

func TestHeldSeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := holding(t)
		alice, bob, at := tea(t, n)
		n.PutDown(t.Context(), alice, at, Unfinished{Line: "say 0 hel", Cursor: 4, Talk: &Target{Room: 0}})
		n.Lose(t.Context(), alice, at)
		wantText(t, "bob", readAll(bob), "[Room 0] alice's connection was lost; the room closes in 2:00.")
		time.Sleep(time.Minute)
		must(t, n.Say(t.Context(), bob, 0, Clean("there?")))
		_, err := n.Kick(t.Context(), AtConsole(), "nobody", Text{})
		wantErr(t, err, ErrNoUser)
		readAll(bob)
		again := new(seat)
		p, w, err := n.Login(t.Context(), "ALICE", secretOf("alice"), again)
		must(t, err)
		if p != alice || w.Held == nil || w.Held.Ago() != time.Minute {
			t.Errorf("resumed is %v, held %+v", p == alice, w.Held)
		}
		wantText(t, "alice", readAll(alice), "[Room 0] *bob*: there?")
		wantText(t, "bob", readAll(bob), "[Room 0] alice is back.")
		if u := p.TakeUnfinished(); u == nil || u.Line != "say 0 hel" || u.Cursor != 4 || u.Talk == nil {
			t.Errorf("unfinished is %+v", u)
		}
		if p.HasUnfinished() {
			t.Error("what was unfinished comes twice")
		}
		// What the connection before does late is nothing.
		n.Lose(t.Context(), alice, at)
		n.Quit(t.Context(), alice, at)
		time.Sleep(3 * time.Minute) // the first hold is over, of which nothing is left
		synctest.Wait()
		wantMembers(t, n, 0, "alice", "bob")
		n.Lose(t.Context(), alice, again)
		time.Sleep(2*time.Minute - time.Second)
		synctest.Wait()
		wantMembers(t, n, 0, "alice", "bob")
		time.Sleep(time.Second)
		synctest.Wait()
		wantMembers(t, n, 0)
		wantText(t, "bob", readAll(bob), "[Room 0] alice's connection was lost; the room closes in 2:00.\n"+
			"!!system!!: Room 0(topic: tea) closed")
		status, err := n.Status(t.Context(), bob, "alice")
		must(t, err)
		if status.Online || time.Since(status.Since) > time.Second {
			t.Errorf("after the hold: %+v", status)
		}
	})
}

// TestHeldSeatEnds has everything end a held seat at once that ends a session.
func TestHeldSeatEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(t *testing.T, n *Node) error
	}{
		{"kick", func(t *testing.T, n *Node) error {
			_, err := n.Kick(t.Context(), AtConsole(), "alice", Clean("noise"))
			return err
		}},
		{"disable", func(t *testing.T, n *Node) error { return n.Disable(t.Context(), AtConsole(), "alice") }},
		{"delete", func(t *testing.T, n *Node) error { return n.DeleteAccount(t.Context(), AtConsole(), "alice") }},
		{"ban", func(t *testing.T, n *Node) error {
			_, err := n.Ban(t.Context(), AtConsole(), target("alice"), 0, Text{})
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := holding(t)
				alice, _, at := tea(t, n)
				n.Lose(t.Context(), alice, at)
				must(t, tt.end(t, n))
				wantMembers(t, n, 0)
				time.Sleep(3 * time.Minute)
			})
		})
	}
}

func TestHeldSeatOfNobody(t *testing.T) {
	n := holding(t)
	p, at := guest(t, n)
	n.Lose(t.Context(), p, at)
	off := newTestNode(t, Options{})
	alice, at := come(t, off, "alice")
	off.Lose(t.Context(), alice, at)
	for _, n := range []*Node{n, off} {
		if names := n.Who(); len(names) > 0 {
			t.Errorf("online are %q", names)
		}
	}
}

// TestHeldSeatIsBounded says more to a held seat than it has room for.
func TestHeldSeatIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := holding(t)
		alice, bob, at := tea(t, n)
		n.Lose(t.Context(), alice, at)
		const lines = 400
		filler := strings.Repeat("x", 1000)
		for i := range lines {
			must(t, n.Say(t.Context(), bob, 0, Clean(fmt.Sprint(i, filler))))
			bob.Take()
		}
		if alice.Unread() > HeldBytes {
			t.Errorf("%d bytes wait", alice.Unread())
		}
		login(t, n, "alice")
		must(t, n.Say(t.Context(), bob, 0, Clean("there?")))
		events := alice.Take()
		told := len(events) - 2
		if e := events[0]; e.Kind != LostShouts || e.Count != lines-told || told < HeldBytes/2000 {
			t.Errorf("before %d of %d lines she reads %+v", told, lines, e)
		}
		if e := events[told]; e.Text.String() != fmt.Sprint(lines-1, filler) {
			t.Errorf("the last line before she came is %.10q", e.Text)
		}
		if e := events[told+1]; e.Text.String() != "there?" {
			t.Errorf("at last she reads %+v", e)
		}
	})
}

// TestHeldSeatRace lets logins, the end of the hold and a kick meet: whoever is online has all, or nothing.
func TestHeldSeatRace(t *testing.T) {
	for round := range 50 {
		synctest.Test(t, func(t *testing.T) {
			n := holding(t)
			alice, _, at := tea(t, n)
			n.Lose(t.Context(), alice, at)
			time.Sleep(testHold - time.Duration(round%2)) // as the hold ends, or just before
			next := make([]*seat, 3)
			for i := range next {
				next[i] = new(seat)
				go func() {
					if _, _, err := n.Login(t.Context(), "alice", secretOf("alice"), next[i]); err != nil {
						t.Error(err)
					}
				}()
			}
			synctest.Wait()
			there := 0
			for _, s := range next {
				if s.ended() == nil {
					there++
				}
			}
			if there != 1 {
				t.Errorf("%d connections have the seat", there)
			}
			if e, err := n.desk.Find("alice"); err != nil || e.Held != nil {
				t.Errorf("at the desk she is %+v, %v", e, err)
			}
			if r, err := n.desk.Room(0); err == nil && !r.Has(alice.User) {
				t.Errorf("a room without its leader: %q", fmt.Sprint(r.Names()))
			}
		})
	}
}
