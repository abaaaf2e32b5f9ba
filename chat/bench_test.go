package chat

import (
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"
)

// crowdOf returns a node with that many guests, all in room 0, which the first leads.
func crowdOf(t testing.TB, size int) (*Node, []*Presence) {
	n := newTestNode(t, Options{Guests: GuestsChat})
	members := make([]*Presence, size)
	var read []*Event
	for i := range members {
		members[i], _ = guest(t, n)
		if i == 0 {
			_, err := n.Start(t.Context(), members[0], Clean("all"))
			must(t, err)
			continue
		}
		_, err := n.Join(t.Context(), members[i], 0)
		must(t, err)
		if i%100 == 0 || i == size-1 { // before a mailbox is full
			for _, m := range members[:i+1] {
				read = m.TakeInto(read)
			}
		}
	}
	for counts(n) { // who came into the room is told later, and nobody is to hear it in between
		time.Sleep(time.Millisecond)
	}
	must(t, n.Say(t.Context(), members[0], 0, Clean("all are told"))) // which all hear after that
	for _, m := range members {
		read = m.TakeInto(read)
	}
	return n, members
}

// counts reports whether somebody came into a room of n, or left one, of which nobody has been told yet.
func counts(n *Node) bool {
	l := n.desk.(*memoryDesk).ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.tallies {
		if c.counting() {
			return true
		}
	}
	return false
}

// TestDeliveryAllocates tests that saying something costs the same few allocations whatever the number of those who
// hear it and read it.
func TestDeliveryAllocates(t *testing.T) {
	var costs []float64
	for _, size := range []int{1, 500} {
		n, members := crowdOf(t, size)
		ctx, text := t.Context(), Clean("hello, everyone")
		var read []*Event
		least := math.Inf(1) // of some: on a busy machine the collector takes out of pools what is missing then
		for range 5 {
			heard := 0
			least = min(least, testing.AllocsPerRun(100, func() {
				if err := n.Say(ctx, members[0], 0, text); err != nil {
					t.Fatal(err)
				}
				for _, m := range members {
					read = m.TakeInto(read)
					heard += len(read)
				}
			}))
			if heard != 101*size {
				t.Errorf("%d members heard %d", size, heard)
			}
		}
		costs = append(costs, least)
	}
	if raceEnabled {
		t.Skip("the race detector makes pools lose some of what is put into them")
	}
	if costs[0] != costs[1] || costs[0] > 12 {
		t.Errorf("%v allocations for one member, %v for 500", costs[0], costs[1])
	}
}

func BenchmarkSay(b *testing.B) {
	for _, size := range []int{10, 1000, 10000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			n, members := crowdOf(b, size)
			ctx, text := b.Context(), Clean("The lecture starts in five minutes.")
			var read []*Event
			b.ReportAllocs()
			for b.Loop() {
				if err := n.Say(ctx, members[0], 0, text); err != nil {
					b.Fatal(err)
				}
				for _, m := range members {
					read = m.TakeInto(read)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/delivery")
		})
	}
}

// BenchmarkTell is what one says to another, who reads it.
func BenchmarkTell(b *testing.B) {
	n := newTestNode(b, Options{Guests: GuestsChat})
	a, _ := guest(b, n)
	o, _ := guest(b, n)
	ctx, text := b.Context(), Clean("The lecture starts in five minutes.")
	var read []*Event
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := n.Tell(ctx, a, o.User.Name, text); err != nil {
			b.Fatal(err)
		}
		read = o.TakeInto(read)
	}
}

// BenchmarkJoin is one more member coming into a room, and leaving it; the others read that.
func BenchmarkJoin(b *testing.B) {
	for _, size := range []int{10, 1000, 10000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			n, members := crowdOf(b, size)
			late, _ := guest(b, n)
			ctx := b.Context()
			var read []*Event
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Join(ctx, late, 0); err != nil {
					b.Fatal(err)
				}
				if _, err := n.Leave(ctx, late, 0); err != nil {
					b.Fatal(err)
				}
				for _, m := range members {
					read = m.TakeInto(read)
				}
			}
		})
	}
}

// BenchmarkEnter is a login and a quitting but for the hash and the store, with others online.
func BenchmarkEnter(b *testing.B) {
	for _, size := range []int{10, 10000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			n, _ := crowdOf(b, size)
			b.ReportAllocs()
			for b.Loop() {
				s := new(seat)
				p, err := n.Guest(b.Context(), s)
				if err != nil {
					b.Fatal(err)
				}
				n.Quit(b.Context(), p, s)
			}
		})
	}
}

// openRooms makes n have so many rooms, each with one user.
func openRooms(b *testing.B, n *Node, count int) {
	for i := range count {
		p, _, err := n.goOnline(b.Context(), testUser(fmt.Sprint("User", i)), nil, new(seat))
		must(b, err)
		_, err = n.Start(b.Context(), p, Clean("tea"))
		must(b, err)
		p.Take()
	}
}

// BenchmarkEnterBesideRooms is the same in a server that has so many rooms, in none of which the user is.
func BenchmarkEnterBesideRooms(b *testing.B) {
	for _, size := range []int{1, MaxRooms} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			n := newTestNode(b, Options{Guests: GuestsChat})
			openRooms(b, n, size)
			b.ReportAllocs()
			for b.Loop() {
				s := new(seat)
				p, err := n.Guest(b.Context(), s)
				if err != nil {
					b.Fatal(err)
				}
				n.Quit(b.Context(), p, s)
			}
		})
	}
}

// BenchmarkWho is the list of everyone online, and BenchmarkRooms that of all rooms.
func BenchmarkWho(b *testing.B) {
	for _, size := range []int{10, 1000, 10000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			n := newTestNode(b, Options{})
			for i := range size {
				_, _, err := n.goOnline(b.Context(), testUser(fmt.Sprint("User", i)), nil, new(seat))
				must(b, err)
			}
			b.ReportAllocs()
			for b.Loop() {
				n.Who()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/user")
		})
	}
}

func BenchmarkRooms(b *testing.B) {
	for _, size := range []int{10, 100, MaxRooms} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			n := newTestNode(b, Options{})
			openRooms(b, n, size)
			b.ReportAllocs()
			for b.Loop() {
				n.Rooms(b.Context())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/room")
		})
	}
}
