package slots

import (
	"net/netip"
	"testing"
)

// TestShares tests that one source leaves slots for the others, and that all together hold no more than there are.
func TestShares(t *testing.T) {
	s := NewShares(3, 2)
	at := func(last byte) Share { return s.Of(netip.AddrFrom4([4]byte{192, 0, 2, last})) }
	try := func(what string, got, want bool) {
		t.Helper()
		if got != want {
			t.Errorf("%s: took a slot: %t, want %t", what, got, want)
		}
	}
	try("the first of one source", at(1).Try(), true)
	try("its second", at(1).Try(), true)
	try("its third", at(1).Try(), false)
	try("another source", at(2).Try(), true)
	try("that one again", at(2).Try(), false)
	try("who may hold all, when none is free", s.All().Try(), false)
	at(1).Give()
	try("who may hold all", s.All().Try(), true)
	s.All().Give()
	try("the second of one source again", at(1).Try(), true)
	at(1).Give()
	at(1).Give()
	at(2).Give()
	if len(s.held) > 0 || len(s.all) > 0 {
		t.Errorf("%v and %d slots are held by nobody", s.held, len(s.all))
	}
	for range 3 {
		try("who may hold all", s.All().Try(), true)
	}
}
