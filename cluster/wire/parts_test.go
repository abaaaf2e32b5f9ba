package wire

import (
	"bytes"
	"slices"
	"testing"
)

func TestParts(t *testing.T) {
	message := bytes.Repeat([]byte("0123456789"), 10)
	for size := partHeader + 1; size <= len(message)+2; size++ {
		var g gathering
		var got [][]byte
		pieces := split(message, 7, size)
		slices.Reverse(pieces)
		for _, p := range slices.Concat(pieces[:len(pieces)-1], pieces) { // all but one arrive twice
			if len(p) > size {
				t.Fatalf("size %d: a piece of %d bytes", size, len(p))
			}
			if m := g.add("a", p); m != nil {
				got = append(got, m)
			}
		}
		if len(got) != 1 || !bytes.Equal(got[0], message) {
			t.Errorf("size %d: got %q, want the message once", size, got)
		}
		if size <= len(message) && len(g.messages) != 0 {
			t.Errorf("size %d: %d messages are left", size, len(g.messages))
		}
	}
	if split(make([]byte, maxParts*20), 1, partHeader+10) != nil {
		t.Error("a message of too many parts is not refused")
	}
}

// TestPartsLost has more messages lose a part than are kept.
func TestPartsLost(t *testing.T) {
	var g gathering
	for number := range uint64(100) {
		g.add("a", split(make([]byte, 100), number, 50)[0])
		g.add("b", split(make([]byte, 100), number, 50)[0])
	}
	if len(g.messages) != maxIncomplete || g.bytes != maxIncomplete*(50-partHeader) {
		t.Errorf("%d messages of %d bytes are kept", len(g.messages), g.bytes)
	}
	large := split(make([]byte, maxGathered), 1000, maxGathered/2)
	for _, p := range large[:2] {
		g.add("c", p)
	}
	if g.bytes > maxGathered {
		t.Errorf("%d bytes are kept", g.bytes)
	}
	for _, p := range split([]byte("and this one arrives"), 2000, 20) {
		if m := g.add("a", p); m != nil {
			return
		}
	}
	t.Error("a message did not arrive after others had been lost")
}

// FuzzGathering feeds bytes that may be a piece between the pieces of a message, which arrives all the same.
func FuzzGathering(f *testing.F) {
	message := []byte("a message in parts")
	for _, p := range split(message, 1, partHeader+7) {
		f.Add(p)
	}
	f.Add([]byte{})
	f.Add([]byte("whole"))
	f.Add([]byte("x of a later version"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var g gathering
		var got []byte
		for _, p := range split(message, 1, partHeader+7) {
			g.add("b", b)
			if m := g.add("a", p); m != nil {
				got = m
			}
		}
		if !bytes.Equal(got, message) {
			t.Errorf("got %q", got)
		}
		if len(g.messages) > 1 || g.bytes > len(b) {
			t.Errorf("%d messages, %d bytes are kept of %d", len(g.messages), g.bytes, len(b))
		}
	})
}
