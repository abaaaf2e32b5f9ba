package chat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// texts returns what lines say.
func texts(lines []Line) (all []string) {
	for _, l := range lines {
		all = append(all, l.Event.Text.String())
	}
	return all
}

// readAgain returns what p may read again.
func readAgain(t *testing.T, n *Node, p *Presence, at Place) []string {
	t.Helper()
	lines, err := n.Review(t.Context(), p, at)
	must(t, err)
	return texts(lines)
}

// checkSize tests that what the pasts count is what they have, and within the bounds.
func checkSize(t *testing.T, p *pasts) {
	t.Helper()
	total := 0
	for topic, place := range p.places {
		bytes := 0
		for _, l := range place.lines {
			bytes += l.size()
		}
		if bytes != place.bytes || bytes > MaxPlaceBytes || len(place.lines) > MaxLines ||
			len(place.arrivals) > maxArrivals {
			t.Fatalf("%s: %d bytes, counted as %d, in %d lines, and %d arrivals", topic, bytes, place.bytes,
				len(place.lines), len(place.arrivals))
		}
		total += place.size()
	}
	if total != p.bytes || total > MaxPastBytes {
		t.Fatalf("%d bytes, counted as %d", total, p.bytes)
	}
}

func saidIn(p *pasts, number int, text string) {
	p.say(RoomTopic(number), newEvent(Said, User{Name: "bob", ID: "bob"}, number, Clean(text)))
}

// TestPastsBounds says more than is kept: of one place, and of all together. What is lost is the oldest, and numbers
// stay.
func TestPastsBounds(t *testing.T) {
	var p pasts
	for i := range MaxLines + 10 {
		saidIn(&p, 0, fmt.Sprint(i))
	}
	past, err := p.of(RoomTopic(0), User{})
	must(t, err)
	first, last := past.Lines[0], past.Lines[len(past.Lines)-1]
	if len(past.Lines) != MaxLines || first.Number != 11 || first.Event.Text.String() != "10" ||
		last.Number != MaxLines+10 {
		t.Errorf("%d lines, the first is %d: %v", len(past.Lines), first.Number, first.Event.Text)
	}
	checkSize(t, &p)
	long := strings.Repeat("x", MaxLine)
	for room := range MaxRooms {
		for range 40 {
			saidIn(&p, room, long)
		}
	}
	checkSize(t, &p)
	if len(p.places) != MaxRooms {
		t.Errorf("%d places, want %d", len(p.places), MaxRooms)
	}
	for room := range MaxRooms {
		if past, err := p.of(RoomTopic(room), User{}); err != nil || len(past.Lines) == 0 {
			t.Fatalf("room %d has nothing: %v", room, err)
		}
	}
}

// TestPastsArrivals lets more come than are known one by one: nobody reads what was said before, and who was there
// longer loses no more than that.
func TestPastsArrivals(t *testing.T) {
	var p pasts
	topic := RoomTopic(0)
	user := func(i int) User { return User{Name: guestName(i), ID: fmt.Sprint("guest#", i)} }
	for i := range 3 * maxArrivals {
		saidIn(&p, 0, fmt.Sprint(i))
		p.tell(Telling{Topic: topic, Comes: "x", User: user(i)})
		checkSize(t, &p)
		past, err := p.of(topic, user(i))
		if err != nil || len(past.Lines) != 0 {
			t.Fatalf("who just came reads %q, %v", texts(past.Lines), err)
		}
	}
	saidIn(&p, 0, "last")
	for i := range 3 * maxArrivals {
		past, _ := p.of(topic, user(i))
		for _, l := range past.Lines {
			if l.Number <= i+1 {
				t.Fatalf("who came after line %d reads line %d", i+1, l.Number)
			}
		}
		if got := texts(past.Lines); !slices.Contains(got, "last") {
			t.Fatalf("guest %d does not read the last line", i)
		}
	}
}

// TestPastsClosed tests that what was said in a room that is closed is forgotten in time, and that nothing is kept that
// is said too late.
func TestPastsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pasts
		bob := User{Name: "bob", ID: "bob"}
		for room := range maxClosed + 10 {
			if room%2 == 0 {
				saidIn(&p, room, "hello")
			}
			closed := newEvent(Closed, bob, room, Clean("tea"))
			p.tell(Telling{Topic: RoomTopic(room), Event: closed, Ends: true, Were: MembersOf(bob)})
			saidIn(&p, room, "too late")
			checkSize(t, &p)
		}
		if len(p.places) != maxClosed {
			t.Errorf("%d closed rooms are kept, want %d", len(p.places), maxClosed)
		}
		past, err := p.of(RoomTopic(100), bob)
		if got := texts(past.Lines); err != nil || !slices.Equal(got, []string{"hello"}) ||
			past.Topic.String() != "tea" {
			t.Errorf("%q, %v", got, err)
		}
		time.Sleep(TranscriptTime)
		saidIn(&p, 5000, "hello")
		if len(p.places) != 1 || len(p.closed) != 0 {
			t.Errorf("%d places, %d closed rooms", len(p.places), len(p.closed))
		}
		checkSize(t, &p)
	})
}

// TestToldBounds tests what is kept of what users alone were told: so many lines of each, and no count goes astray when
// they leave.
func TestToldBounds(t *testing.T) {
	n := newTestNode(t, Options{Guests: GuestsChat})
	alice, aliceSeat := guest(t, n)
	bob, _ := guest(t, n)
	for i := range MaxTells + 10 {
		_, _, err := n.Tell(t.Context(), bob, alice.User.Name, Clean(fmt.Sprint(i)))
		must(t, err)
		alice.Take()
	}
	if got := readAgain(t, n, alice, Place{Kind: Tells}); len(got) != MaxTells || got[0] != "10" {
		t.Errorf("%d lines from %q on", len(got), got[0])
	}
	for range 100 {
		_, _, err := n.Tell(t.Context(), bob, alice.User.Name, Clean(strings.Repeat("x", MaxLine)))
		must(t, err)
		alice.Take()
	}
	if got := n.toldBytes.Load(); got > MaxTellBytes || got < MaxTellBytes/2 {
		t.Errorf("%d bytes are kept", got)
	}
	n.Quit(t.Context(), alice, aliceSeat)
	if got := n.toldBytes.Load(); got != 0 {
		t.Errorf("%d bytes are kept of who has left", got)
	}
	alice.keepTold(newEvent(Told, bob.User, 0, Clean("too late")))
	if got := n.toldBytes.Load(); got != 0 {
		t.Errorf("%d bytes are kept of who has left", got)
	}
}

// TestHeardMoves tests that a user who moves to another node reads there what could be read here, and no more.
func TestHeardMoves(t *testing.T) {
	ctx := t.Context()
	store, desks := NewMemoryStore(), NewMemoryDesks("a", "b", "c")
	a, b := newTestNode(t, Options{Store: store, Desk: desks[0]}), newTestNode(t, Options{Store: store, Desk: desks[1]})
	alice, _ := come(t, a, "alice")
	bob, _ := come(t, b, "bob")
	shout := func(text string) { must(t, b.Shout(ctx, bob, Clean(text))) }
	tell := func(text string) {
		_, _, err := b.Tell(ctx, bob, "alice", Clean(text))
		must(t, err)
	}
	r, err := a.Start(ctx, alice, Clean("tea"))
	must(t, err)
	_, err = b.Join(ctx, bob, r.Number)
	must(t, err)
	must(t, b.Say(ctx, bob, r.Number, Clean("one")))
	tell("two")
	shout("three")
	_, err = a.Block(ctx, alice, "bob")
	must(t, err)
	must(t, b.Say(ctx, bob, r.Number, Clean("four")))
	_, err = a.Unblock(ctx, alice, "bob")
	must(t, err)
	before := readAgain(t, a, alice, Place{})
	alice.spokeAt(Place{Kind: InRoom, Room: r.Number})
	moved, _, err := b.Enter(ctx, alice.User, new(seat))
	must(t, err)
	if a.toldBytes.Load() != 0 {
		t.Errorf("the other node keeps %d bytes of who has moved", a.toldBytes.Load())
	}
	if got := readAgain(t, b, moved, Place{}); !slices.Equal(got, before) ||
		!slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("%q, and before the move %q", got, before)
	}
	left, err := b.Unread(ctx, moved)
	if err != nil || len(left) != 2 || left[0].Place.Kind != Tells || left[1].Place.Kind != Shouts {
		t.Errorf("unread after the move: %v, %v", left, err)
	}
	tell("five")
	lines, err := b.Review(ctx, moved, Place{Kind: Tells})
	if err != nil || len(lines) != 2 || lines[1].Number != 2 {
		t.Errorf("%v, %v", lines, err)
	}
}

// TestMarkSurvives tests that how far a user has read is on disk when Next has returned: another node that begins with
// what is stored knows it.
func TestMarkSurvives(t *testing.T) {
	store := NewMemoryStore()
	n := newTestNode(t, Options{Store: store})
	alice, _ := come(t, n, "alice")
	bob, _ := come(t, n, "bob")
	_, _, err := n.Tell(t.Context(), bob, "alice", Clean("hello"))
	must(t, err)
	next, left, err := n.Next(t.Context(), alice, 10)
	if err != nil || !slices.Equal(texts(next.Lines), []string{"hello"}) || len(left) > 0 {
		t.Fatalf("%v, %v, %v", next, left, err)
	}
	killed := newTestNode(t, Options{Store: store})
	again, _ := login(t, killed, "alice")
	if m := again.mark(Place{Kind: Tells}); m.At.IsZero() || !m.covers(Line{Event: next.Lines[0].Event}) {
		t.Errorf("the mark is %v", m)
	}
	// What cannot be saved is not read.
	moody := &moodyStore{Store: store}
	full := newTestNode(t, Options{Store: moody})
	again, _ = login(t, full, "alice")
	bob, _ = login(t, full, "bob")
	_, _, err = full.Tell(t.Context(), bob, "alice", Clean("more"))
	must(t, err)
	moody.refuse(ErrDiskFull)
	_, _, err = full.Next(t.Context(), again, 10)
	wantErr(t, err, ErrDiskFull)
	if left, err := full.Unread(t.Context(), again); err != nil || len(left) != 1 {
		t.Errorf("unread: %v, %v", left, err)
	}
}
