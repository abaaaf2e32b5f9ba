package chat

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/testenv"
)

// stopped stops the server of n as the program does, while the users are at their seats, and returns what it leaves.
func stopped(t testing.TB, n *Node, seats map[*Presence]*seat) []byte {
	t.Helper()
	n.Suspend(t.Context())
	for p, at := range seats {
		if n.Suspended() {
			n.Lose(context.Background(), p, at)
		} else {
			n.Quit(context.Background(), p, at)
		}
	}
	data, count, err := n.SaveSeats()
	must(t, err)
	if data != nil && count == 0 {
		t.Error("no seats are saved")
	}
	n.Close()
	return data
}

func restarted(t testing.TB, store Store, data []byte, want int) *Node {
	t.Helper()
	n := newTestNode(t, Options{Hold: testHold, Guests: GuestsChat, Store: store})
	got, err := n.RestoreSeats(t.Context(), data)
	must(t, err)
	if got != want {
		t.Errorf("%d seats are restored, want %d", got, want)
	}
	return n
}

func TestSeatsOverRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		n := newTestNode(t, Options{Hold: testHold, Guests: GuestsChat, Store: store})
		alice, bob, atAlice := tea(t, n)
		atBob := bob.receiver.(*seat)
		carol, atCarol := come(t, n, "carol")
		dave, atDave := come(t, n, "dave")
		g, atGuest := guest(t, n)
		for _, p := range []*Presence{carol, dave, g} {
			_, err := n.Join(t.Context(), p, 0)
			must(t, err)
		}
		_, err := n.Start(t.Context(), g, Clean("of a guest"))
		must(t, err)
		_, err = n.Join(t.Context(), alice, 1)
		must(t, err)
		must(t, n.SetAway(t.Context(), carol, Clean("lunch")))
		alice.Take()
		must(t, n.Say(t.Context(), bob, 0, Clean("unread")))
		bob.Take()
		n.PutDown(t.Context(), alice, atAlice, Unfinished{Line: "half", Cursor: 2})
		alice.Entered()
		time.Sleep(time.Minute)
		n.Suspend(t.Context())
		n.Lose(t.Context(), g, atGuest) // first, so that what others read of it is always the same
		data := stopped(t, n, map[*Presence]*seat{alice: atAlice, bob: atBob, carol: atCarol, dave: atDave})
		if bytes.Contains(data, []byte("pw of")) {
			t.Error("a password is written down")
		}

		// While no server runs one account is disabled.
		console := newTestNode(t, Options{Store: store})
		must(t, console.Disable(t.Context(), AtConsole(), "dave"))
		time.Sleep(time.Hour)
		n = restarted(t, store, data, 3)
		wantMembers(t, n, 0, "alice", "bob", "carol")
		wantMembers(t, n, 1)
		entries, err := n.Online(t.Context())
		must(t, err)
		for _, e := range entries {
			if e.Held == nil || !e.Held.Restart || e.Idle() < time.Minute {
				t.Errorf("at the desk is %+v", e)
			}
		}
		alice, _ = login(t, n, "alice")
		if alice.Lines() != 1 {
			t.Errorf("she has entered %d lines", alice.Lines())
		}
		if u := alice.TakeUnfinished(); u == nil || u.Line != "half" || u.Cursor != 2 {
			t.Errorf("unfinished is %+v", u)
		}
		events := readAll(alice)
		want := "[Room 0] *bob*: unread\n[Room 0] guest left.\n" +
			"!!system!!: Room 1(topic: of a guest) closed\n[Room 0] dave left."
		wantText(t, "alice", events, want)
		carol, _ = login(t, n, "carol")
		if !carol.Absence().Away {
			t.Error("carol is no longer away")
		}
		_, err = n.Start(t.Context(), carol, Clean("the next"))
		must(t, err)
		wantMembers(t, n, 2, "carol")
		time.Sleep(testHold)
		synctest.Wait()
		wantMembers(t, n, 0, "alice", "carol")
		_, w, err := n.Login(t.Context(), "bob", secretOf("bob"), new(seat))
		if err != nil || w.Killed || w.Held != nil {
			t.Errorf("bob, who comes too late, is told %+v, %v", w, err)
		}
	})
}

// TestSeatsDamaged reads what SaveSeats has never written.
func TestSeatsDamaged(t *testing.T) {
	for _, data := range []string{"", "{", "[]", `{"desk":{"ledger":null}}`, `{"desk":{"ledger":{"online":[null]}}}`,
		`{"seats":[{"entry":{"id":"x"}}]}`} {
		n := holding(t)
		if got, err := n.RestoreSeats(t.Context(), []byte(data)); got != 0 || err == nil {
			t.Errorf("%s: %d seats, %v", data, got, err)
		}
		come(t, n, "alice")
	}
}

// TestKilled has users come who were online when the server stopped, with and without a warning.
func TestKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		first := newTestNode(t, Options{Store: store})
		come(t, first, "alice")
		bob, at := come(t, first, "bob")
		time.Sleep(time.Second)
		first.Quit(t.Context(), bob, at)
		must(t, first.Register(t.Context(), AtConsole(), "carol", secretOf("carol")))
		time.Sleep(time.Second)
		second := newTestNode(t, Options{Store: store}) // the first one just stands still
		for _, tt := range []struct {
			name string
			want bool
		}{{"alice", true}, {"alice", false}, {"bob", false}, {"carol", false}} {
			_, w, err := second.Login(t.Context(), tt.name, secretOf(tt.name), new(seat))
			must(t, err)
			if w.Killed != tt.want {
				t.Errorf("%s is told %v", tt.name, w.Killed)
			}
			time.Sleep(time.Second)
		}
	})
}

// TestKilledBeside has users come to a node of two that has outlived the other one.
func TestKilledBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, desks := NewMemoryStore(), NewMemoryDesks("a", "b")
		a := newTestNode(t, Options{Store: store, Desk: desks[0]})
		b := newTestNode(t, Options{Store: store, Desk: desks[1]})
		time.Sleep(time.Second)
		come(t, a, "alice")
		bob, at := come(t, a, "bob")
		come(t, b, "carol")
		time.Sleep(time.Second)
		a.Quit(t.Context(), bob, at)
		time.Sleep(time.Second)
		desk := desks[1].(*memoryDesk)
		desk.ledger.Apply(&Op{Kind: OpGone, Node: "a", At: time.Now()}, desk.now())
		time.Sleep(time.Second)
		for _, tt := range []struct {
			name string
			want bool
		}{{"alice", true}, {"alice", false}, {"bob", false}, {"carol", false}} {
			_, w, err := b.Login(t.Context(), tt.name, secretOf(tt.name), new(seat))
			must(t, err)
			if w.Killed != tt.want {
				t.Errorf("%s is told %v", tt.name, w.Killed)
			}
			time.Sleep(time.Second)
		}
	})
}

// seatedIn brings users online, who are in so many rooms, in each of which one line was said that nobody has read.
func seatedIn(t testing.TB, n *Node, users, rooms int) map[*Presence]*seat {
	t.Helper()
	seats := make(map[*Presence]*seat, users)
	all := make([]*Presence, users)
	for i := range users {
		p, at := come(t, n, fmt.Sprint("user", i))
		seats[p], all[i] = at, p
	}
	for i, p := range all {
		if i < rooms {
			_, err := n.Start(t.Context(), p, Clean(fmt.Sprint("room ", i)))
			must(t, err)
		} else {
			_, err := n.Join(t.Context(), p, i%rooms)
			must(t, err)
		}
	}
	for _, p := range all {
		p.Take()
	}
	for i := range rooms {
		must(t, n.Say(t.Context(), all[i], i, Clean(fmt.Sprint("line ", i))))
	}
	return seats
}

// TestManySeatsOverRestart is the promise: who comes back within the hold is in all rooms, and has missed nothing. They
// are 1,000 users where there is time.
func TestManySeatsOverRestart(t *testing.T) {
	users, rooms := 200, 50
	if testenv.IsLong() {
		users = 1000
	}
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		n := newTestNode(t, Options{Hold: testHold, Store: store})
		n = restarted(t, store, stopped(t, n, seatedIn(t, n, users, rooms)), users)
		for i := range users {
			p, _ := login(t, n, fmt.Sprint("user", i))
			in := n.RoomsOf(p)
			if len(in) != 1 || in[0].Number != i%rooms || in[0].Members.Len() != users/rooms {
				t.Fatalf("user %d is in %+v", i, in)
			}
			said := 0
			for _, e := range p.Take() {
				if e.Kind == Said {
					said++
				}
			}
			if said != 1 {
				t.Errorf("user %d reads %d lines", i, said)
			}
		}
	})
}

// BenchmarkRestoreSeats is the start of a server after one that was stopped with 1,000 users in 50 rooms: their seats.
func BenchmarkRestoreSeats(b *testing.B) {
	const users = 1000
	store := NewMemoryStore()
	n := newTestNode(b, Options{Hold: testHold, Store: store})
	data := stopped(b, n, seatedIn(b, n, users, 50))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		restarted(b, store, data, users).Close()
	}
	b.ReportMetric(float64(users)*float64(b.N)/b.Elapsed().Seconds(), "seats/s")
}
