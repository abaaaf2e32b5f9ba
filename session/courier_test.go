package session

import (
	"fmt"
	"strings"
	"testing"

	"parley/chat"
)

// TestRender tests that a bag renders as the screen prints, for every width, however much was rendered before.
func TestRender(t *testing.T) {
	b := &bag{rows: make(map[rendered]string)}
	for i := range 2 * maxRendered {
		e := &chat.Event{Line: fmt.Sprintf("[Room 0] *bob*: %d %s", i, strings.Repeat("hello ", i%30))}
		for _, width := range []int{0, 40, 79} {
			for range 2 {
				if got, want := b.render(e, width), string(appendLines(nil, e.Line, width)); got != want {
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
