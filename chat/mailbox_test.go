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

// TestMailboxPrepend puts events before those of a mailbox that has lost some: at its end, or, while nobody reads, at
// its beginning.
func TestMailboxPrepend(t *testing.T) {
	early, big := []*Event{eventOf("early")}, eventOf(strings.Repeat("x", 1000))
	full := func(m *mailbox) (put int) {
		for lost := int32(0); lost < 5; lost = m.lost {
			m.put(big)
			put++
		}
		return put
	}
	var open mailbox
	fitted := full(&open) - 5
	if !open.prepend(early) || open.lost < 5 {
		t.Errorf("%d of those that did not fit are known", open.lost)
	}
	if got := open.take(nil); got[0] != early[0] || len(got) < fitted || len(got) > fitted+1 {
		t.Errorf("%d events are read, want about %d", len(got), fitted)
	}
	var held mailbox
	held.hold()
	put := full(&held)
	if held.prepend(early); held.unread() > HeldBytes {
		t.Errorf("%d bytes are kept", held.unread())
	}
	held.resume()
	got := held.take(nil)
	if got[0].Kind != LostShouts || got[0].Count+len(got)-1 != put+1 {
		t.Errorf("%d events and %d lost, want %d", len(got)-1, got[0].Count, put+1)
	}
	var room mailbox // in which there is room for all
	room.hold()
	room.lost = 3 // of what was dropped before
	room.put(big)
	room.prepend(early)
	room.resume()
	got = room.take(nil)
	if len(got) != 3 || got[0] != early[0] || got[1].Kind != LostShouts || got[1].Count != 3 || got[2] != big {
		t.Errorf("%d events are read", len(got))
	}
}
