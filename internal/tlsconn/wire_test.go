package tlsconn

import (
	"errors"
	"testing"

	"parley/internal/rawconn"
	"parley/telnet/telnettest"
)

// TestKept tests that what package tls writes for a peer that does not read is bounded, and never waits.
func TestKept(t *testing.T) {
	peer, nc := telnettest.Pipe()
	defer peer.Close()
	defer nc.Close()
	w := &wire{Conn: rawconn.Of(nc)}
	record := make([]byte, 1000)
	written := 0
	for {
		n, err := w.Write(record)
		if errors.Is(err, errKept) {
			break
		}
		if n != len(record) || err != nil {
			t.Fatal(n, err)
		}
		if written += n; written > 1<<20 {
			t.Fatal("there is no bound")
		}
	}
	if len(w.kept) > maxKept || len(w.kept) < maxKept-len(record) {
		t.Errorf("%d bytes are kept", len(w.kept))
	}
	if err := nc.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.flush(); err == nil {
		t.Error("what is kept was sent")
	}
}
