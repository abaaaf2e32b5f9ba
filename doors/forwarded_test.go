package doors

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"parley/internal/rawconn"
)

// TestGateNamed tests that who comes by a proxy counts for nobody until the proxy has said who it is, and then for that
// source, like all others from there.
func TestGateNamed(t *testing.T) {
	g := &Gate{Exempt: func(a netip.Addr) bool { return a.IsLoopback() }}
	proxy := netip.MustParseAddr("192.0.2.1")
	source := netip.MustParseAddr("203.0.113.9")
	var all []*Pass
	for i := range maxNewOfSource + 2 {
		nc, other := net.Pipe()
		defer other.Close()
		p, err := g.enter(proxy, &forwarding{rawconn.Of(nc)})
		if err != nil || !p.Forwards() || !p.Proxied() {
			t.Fatal(i, err)
		}
		all = append(all, p)
	}
	if s := g.Stats(); s.Conns != len(all) || s.Open != 0 || s.New != 0 {
		t.Errorf("before anybody is named: %+v", s)
	}
	for i, p := range all {
		name := source
		if i == len(all)-1 {
			name = netip.MustParseAddr("::1")
		}
		err := p.From(name)
		var refused Refusal
		if i == maxNewOfSource != (errors.As(err, &refused) && refused.Reason == ManyNew) || p.Forwards() ||
			p.Source() != name {
			t.Errorf("%d: from %v, %v", i, p.Source(), err)
		}
	}
	if s := g.Stats(); s.Open != maxNewOfSource || s.New != maxNewOfSource || s.Silent != maxNewOfSource {
		t.Errorf("when all are named: %+v", s)
	}
	for _, p := range all {
		p.leave()
		p.closed()
	}
	if s := g.Stats(); s.Conns != 0 || s.Open != 0 || s.New != 0 || s.Silent != 0 {
		t.Errorf("when all have left: %+v", s)
	}
}

// TestForwardedDoor tests that a trusted proxy may begin with something else than a header at a door that reads its
// word later, and that nothing of that is lost; and that a header is obeyed there all the same, and must be whole.
func TestForwardedDoor(t *testing.T) {
	for _, tt := range []struct {
		sent, left string
		forwarded  bool
		from       string // "" for an error
	}{
		{"POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", true, "pipe"},
		{"\x16\x03\x01rest", "\x16\x03\x01rest", true, "pipe"},
		{"PROXY TCP4 203.0.113.9 198.51.100.1 5 4000\r\nGET", "GET", true, "203.0.113.9:5"},
		{"PROXY TCP4 a b 1 2\r\nGET", "", true, ""},
		{"GET / HTTP/1.1\r\n", "", false, ""},
	} {
		nc, peer := net.Pipe()
		go func() {
			defer peer.Close()
			_, _ = peer.Write([]byte(tt.sent))
		}()
		got, err := proxied(nc, tt.forwarded)
		if (err != nil) != (tt.from == "") {
			t.Errorf("%q: %v", tt.sent, err)
		}
		if err == nil {
			_ = got.SetDeadline(time.Now().Add(10 * time.Second))
			text := make([]byte, len(tt.left))
			for n := 0; n < len(text); {
				more, err := got.Read(text[n:])
				if err != nil {
					t.Fatal(err)
				}
				n += more
			}
			if string(text) != tt.left || got.RemoteAddr().String() != tt.from {
				t.Errorf("%q: %q is left, from %v", tt.sent, text, got.RemoteAddr())
			}
		}
		nc.Close()
	}
}
