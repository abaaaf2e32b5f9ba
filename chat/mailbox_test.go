package chat

import (
	"slices"
	"strings"
	"testing"
)

func eventOf(text string) *Event {
	return newEvent(Told, User{Name: "bob"}, 0, Clean(text))
}

// TestMailboxHasNoGap lets an event not fit: smaller ones that would fit do not get in either, until the mailbox is
// taken.
func TestMailboxHasNoGap(t *testing.T) {
	var m mailbox
	big, small := eventOf(strings.Repeat("x", 1000)), eventOf("x")
	var want []*Event
	for m.bytes+big.size() <= MailboxBytes {
		if first, overflow := m.put(big); first != (len(want) == 0) || overflow {
			t.Fatalf("event %d: first %v, overflow %v", len(want), first, overflow)
		}
		want = append(want, big)
	}
	if m.bytes+small.size() > MailboxBytes {
		t.Fatal("there is no room for a small event, so this proves nothing")
	}
	if first, overflow := m.put(big); first || !overflow {
		t.Errorf("the event that does not fit: first %v, overflow %v", first, overflow)
	}
	for range 3 {
		for _, e := range []*Event{small, big} {
			if first, overflow := m.put(e); first || overflow {
				t.Errorf("after the overflow: first %v, overflow %v", first, overflow)
			}
		}
	}
	if got := m.unread(); got != len(want)*big.size() {
		t.Errorf("%d bytes unread, want %d", got, len(want)*big.size())
	}
	if got := m.take(nil); !slices.Equal(got, want) {
		t.Errorf("%d events taken, want the %d before the gap", len(got), len(want))
	}
	if m.unread() != 0 {
		t.Errorf("%d bytes unread of nothing", m.unread())
	}
	// Taken, it takes again.
	if first, overflow := m.put(small); !first || overflow {
		t.Errorf("after take: first %v, overflow %v", first, overflow)
	}
	if got := m.take(nil); !slices.Equal(got, []*Event{small}) {
		t.Errorf("%d events, want the one", len(got))
	}
}

// TestMailboxOrder puts and takes in rounds of all lengths up to several bundles.
func TestMailboxOrder(t *testing.T) {
	var m mailbox
	for n := range 60 {
		var want []*Event
		for range n {
			e := eventOf("x")
			want = append(want, e)
			m.put(e)
		}
		if got := m.take([]*Event{}); !slices.Equal(got, want) {
			t.Fatalf("of %d events %d came, or in another order", n, len(got))
		}
	}
}
