package chat

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// wantKnown tests which of the sources are known, at the ledger and at one that reads what it has written down.
func wantKnown(t *testing.T, l *Ledger, now time.Duration, want map[string]bool) {
	t.Helper()
	again := restored(t, l)
	for source, want := range want {
		addr := netip.MustParseAddr(source)
		if got := l.Known(addr, now); got != want {
			t.Errorf("after %v: %s is known: %v, want %v", now, source, got, want)
		}
		if got := again.Known(addr, now); got != want {
			t.Errorf("after %v, written down and read again: %s is known: %v, want %v", now, source, got, want)
		}
	}
}

func seatFrom(name, node, source string) Entry {
	return Entry{ID: name, Node: node, User: testUser(name), Source: netip.MustParseAddr(source)}
}

// TestSourcesKnown tests that the sources of seats are known for as long as somebody is online from there, and a while
// longer: also of seats that were lost with a node.
func TestSourcesKnown(t *testing.T) {
	l := NewLedger()
	const start = time.Hour
	for _, e := range []Entry{seatFrom("alice", "a", "192.0.2.1"), seatFrom("bob", "a", "192.0.2.2"),
		seatFrom("carol", "b", "2001:db8::1"), seatFrom("dave", "b", "192.0.2.2"),
		seatFrom("eve", "b", "::ffff:192.0.2.5")} {
		must(t, l.Apply(&Op{Kind: OpEnter, Entry: &e}, 0).Err)
	}
	wantKnown(t, l, start+24*time.Hour, map[string]bool{"192.0.2.1": true, "192.0.2.2": true, "192.0.2.3": false,
		"2001:db8::9": true, "2001:db8:0:1::1": false, "192.0.2.5": true})

	// One of two leaves, and the node of the other one dies.
	l.Apply(&Op{Kind: OpQuit, Entry: new(seatFrom("dave", "b", "192.0.2.9"))}, start) // the source is that of the seat
	wantKnown(t, l, start+24*time.Hour, map[string]bool{"192.0.2.2": true, "192.0.2.9": false})
	l.Apply(&Op{Kind: OpGone, Node: "a"}, start+time.Minute)
	last := start + time.Minute + KnownTime
	wantKnown(t, l, last-1, map[string]bool{"192.0.2.1": true, "192.0.2.2": true})
	wantKnown(t, l, last, map[string]bool{"192.0.2.1": false, "192.0.2.2": false, "2001:db8::1": true})

	// Who is somewhere else now is there, by an update and by a move, and not where that was before.
	must(t, l.Apply(&Op{Kind: OpUpdate, Entry: new(seatFrom("carol", "b", "192.0.2.6"))}, start).Err)
	must(t, l.Apply(&Op{Kind: OpMove, Entry: new(seatFrom("eve", "c", "192.0.2.7"))}, start).Err)
	wantKnown(t, l, last, map[string]bool{"192.0.2.6": true, "192.0.2.7": true, "2001:db8::1": false,
		"192.0.2.5": false})
	if len(l.sources.seats) != 2 {
		t.Errorf("counted are %v", l.sources.seats)
	}
}

// TestSourcesBounded tests that no more of those who have left are remembered than may be, and that those who are
// online are known nevertheless.
func TestSourcesBounded(t *testing.T) {
	l := NewLedger()
	const most = 1 << 16
	source := func(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&0xff, i&0xff) }
	for i := range most + 2 {
		e := seatFrom(fmt.Sprint("u", i), "a", source(i))
		must(t, l.Apply(&Op{Kind: OpEnter, Entry: &e}, 0).Err)
		if i <= most {
			l.Apply(&Op{Kind: OpQuit, Entry: &e}, time.Second)
		}
	}
	for i, want := range map[int]bool{0: true, most - 1: true, most: false, most + 1: true} {
		if got := l.Known(netip.MustParseAddr(source(i)), time.Second); got != want {
			t.Errorf("number %d is known: %v, want %v", i, got, want)
		}
	}
	// When these are forgotten there is room for others.
	late := seatFrom(fmt.Sprint("u", most+1), "a", source(most+1))
	l.Apply(&Op{Kind: OpQuit, Entry: &late}, time.Second+KnownTime)
	if !l.Known(netip.MustParseAddr(source(most+1)), time.Second+KnownTime) {
		t.Error("who leaves later is not known")
	}
}

// TestSourcesOfVersionBefore reads a ledger that a version before has written down, which has nobody who has left.
func TestSourcesOfVersionBefore(t *testing.T) {
	l := NewLedger()
	must(t, l.Apply(&Op{Kind: OpEnter, Entry: new(seatFrom("alice", "a", "192.0.2.1"))}, 0).Err)
	data, err := json.Marshal(l)
	must(t, err)
	var all map[string]json.RawMessage
	must(t, json.Unmarshal(data, &all))
	for _, left := range []json.RawMessage{nil, json.RawMessage("null")} {
		if all["left"] = left; left == nil {
			delete(all, "left")
		}
		data, err := json.Marshal(all)
		must(t, err)
		again := NewLedger()
		must(t, json.Unmarshal(data, again))
		wantKnown(t, again, 0, map[string]bool{"192.0.2.1": true, "192.0.2.2": false})
		again.Apply(&Op{Kind: OpGone, Node: "a"}, time.Second)
		wantKnown(t, again, time.Second, map[string]bool{"192.0.2.1": true})
	}
}
