package session

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
)

// TestRender tests that a bag renders as the screen prints, for every width, however much was rendered before.
func TestRender(t *testing.T) {
	b := &bag{rows: make(map[rendered]string)}
	for i := range 2 * maxRendered {
		text := chat.Clean(fmt.Sprintf("%d %s", i, strings.Repeat("hello ", i%30)))
		e := &chat.Event{Kind: chat.Said, From: chat.User{Name: "bob"}, Text: text}
		for _, width := range []int{0, 40, 79} {
			for range 2 {
				line := "[Room 0] *bob*: " + text.String()
				if got, want := b.render(e, View{width}), string(appendLines(nil, line, width)); got != want {
					t.Fatalf("width %d: got %q, want %q", width, got, want)
				}
			}
		}
	}
	if len(b.rows) > maxRendered {
		t.Errorf("%d renderings are kept", len(b.rows))
	}
	b.empty()
	if len(b.rows) > 0 {
		t.Error("an empty bag holds on to events")
	}
}

// TestCall tests that couriers visit in the order in which they were called, and nobody twice for one call.
func TestCall(t *testing.T) {
	c := couriers{working: 1 << 10} // so that none starts
	sessions := make([]*Session, 4)
	for i := range sessions {
		sessions[i] = new(Session)
		c.call(sessions[i])
		c.call(sessions[0])
	}
	for i, want := range sessions {
		if got := c.next(); got != want {
			t.Fatalf("visit %d goes elsewhere", i)
		}
	}
	c.call(sessions[2])
	if c.next() != sessions[2] || c.next() != nil || c.first != nil || c.last != nil {
		t.Error("the queue is not what it should be")
	}
}

// TestLate tests that others help once a session that was called for has waited for too long, and no longer than until it is visited.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := couriers{working: 1 << 10} // so that none starts
		sessions := make([]*Session, 5)
		call := func(some ...int) {
			for _, i := range some {
				sessions[i] = new(Session)
				c.call(sessions[i])
			}
		}
		late := func(want ...int) {
			t.Helper()
			for _, i := range want {
				if c.nextLate() != sessions[i] {
					t.Fatalf("session %d is not the next", i)
				}
			}
			if c.nextLate() != nil {
				t.Fatal("to help goes on")
			}
		}
		late()
		call(0)
		time.Sleep(patience)
		late()
		time.Sleep(time.Nanosecond)
		call(1, 2)
		late(0)
		time.Sleep(2 * patience) // nobody was called for meanwhile: there is nothing to hold back
		late()
		call(3)
		time.Sleep(patience + 1)
		if c.next() != sessions[1] { // a courier is at work too
			t.Fatal("session 1 is not the next")
		}
		late(2, 3)
		call(4)
		late()
		if c.next() != sessions[4] || c.next() != nil || c.waiting != 0 {
			t.Error("the queue is not what it should be")
		}
	})
}

// BenchmarkRender is an event as the rows of a terminal: made anew, and made for a terminal of the same width before.
func BenchmarkRender(b *testing.B) {
	for _, bb := range []struct {
		name, text string
		width      int
	}{
		{"whole", strings.Repeat("hello ", 16), 0},
		{"wrapped", strings.Repeat("hello ", 16), 79},
		{"wide", strings.Repeat("你好，", 16), 79},
	} {
		e := &chat.Event{Kind: chat.Said, From: chat.User{Name: "bob"}, Text: chat.Clean(bb.text)}
		b.Run(bb.name, func(b *testing.B) {
			bag := &bag{rows: make(map[rendered]string)}
			b.ReportAllocs()
			for b.Loop() {
				clear(bag.rows)
				bag.render(e, View{bb.width})
			}
		})
		b.Run(bb.name+" again", func(b *testing.B) {
			bag := &bag{rows: make(map[rendered]string)}
			b.ReportAllocs()
			for b.Loop() {
				bag.render(e, View{bb.width})
			}
		})
	}
}
