package chat

import (
	"net/netip"
	"testing"
	"testing/synctest"

	"parley/chat/budget"
)

func TestSources(t *testing.T) {
	networks := Sources{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	tests := []struct {
		name    string
		sources Sources
		addr    string
		want    bool
	}{
		{"loopback by default", nil, "127.0.0.9", true},
		{"IPv6 loopback by default", nil, "::1", true},
		{"IPv4 loopback written as IPv6", nil, "::ffff:127.0.0.1", true},
		{"elsewhere by default", nil, "192.0.2.7", false},
		{"loopback when nobody is", Sources{}, "127.0.0.1", false},
		{"IPv4", networks, "192.0.2.7", true},
		{"IPv4 written as IPv6", networks, "::ffff:192.0.2.7", true},
		{"IPv6", networks, "2001:db8::7", true},
		{"IPv6 with a zone", networks, "2001:db8::7%eth0", true},
		{"none of them", networks, "198.51.100.7", false},
		{"loopback is not among them", networks, "127.0.0.1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.sources.Has(netip.MustParseAddr(tt.addr)); got != tt.want {
				t.Errorf("Has(%s) = %v, want %v", tt.addr, got, tt.want)
			}
		})
	}
}

// A stranger is a seat of which nobody knows where it is.
type stranger struct{ seat }

func (*stranger) Source() netip.Addr { return netip.Addr{} }

// What is unknown is one source like any other, and never exempt.
func TestUnknownSource(t *testing.T) {
	everywhere := Sources{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	for _, s := range []Sources{nil, {}, everywhere} {
		if s.Has(netip.Addr{}) {
			t.Errorf("%v has the unknown source", s)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, Options{})
		register(t, n, "alice")
		must(t, tryUnknown(t, n, secretOf("alice")))
		for range budget.PerPair {
			wantErr(t, tryUnknown(t, n, "guess"), ErrLogin)
		}
		before := looked(n)
		wantErr(t, tryUnknown(t, n, "guess"), ErrManyTries)
		if got := looked(n); got != before {
			t.Error("guesses from an unknown source are not limited")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, Options{})
		guest, err := n.Guest(t.Context(), new(stranger))
		must(t, err)
		for i := range budget.RegistrationsPerSource {
			must(t, n.Register(t.Context(), By(guest), "user"+string(rune('a'+i))+"x", "s3cret word"))
		}
		wantErr(t, n.Register(t.Context(), By(guest), "onemore", "s3cret word"), ErrTooManyRegistered)
	})
}

// tryUnknown is tryLogin as alice from a source that nobody knows.
func tryUnknown(t *testing.T, n *Node, password string) error {
	t.Helper()
	s := new(stranger)
	p, _, err := n.Login(t.Context(), "alice", password, s)
	if err == nil {
		n.Quit(t.Context(), p, s)
	}
	return err
}

func TestBanOfTheUnknown(t *testing.T) {
	for _, word := range []string{"0.0.0.0", "::", "0.0.0.0/0", "::/0"} {
		t.Run(word, func(t *testing.T) {
			n := newTestNode(t, Options{})
			s := new(stranger)
			_, err := n.Guest(t.Context(), s)
			must(t, err)
			must(t, n.MayConnect(t.Context(), netip.Addr{}))
			_, err = n.Ban(t.Context(), AtConsole(), target(word), 0, Text{})
			must(t, err)
			wantErr(t, n.MayConnect(t.Context(), netip.Addr{}), ErrAddressBanned)
			if s.ended() == nil {
				t.Error("who was there stays")
			}
		})
	}
	n := newTestNode(t, Options{})
	_, err := n.Ban(t.Context(), AtConsole(), target("192.0.2.0/24"), 0, Text{})
	must(t, err)
	must(t, n.MayConnect(t.Context(), netip.Addr{}))
}

func TestSourceOf(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.7":                "192.0.2.7",
		"::ffff:192.0.2.7":         "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":     "2001:db8:1:2::",
		"2001:db8:1:2::":           "2001:db8:1:2::",
		"2001:db8:1:3:3:4:5:6":     "2001:db8:1:3::",
		"fe80::1:2:3:4%eth0":       "fe80::",
		"::1":                      "::",
		"2001:db8:1:2:ffff:1:1:99": "2001:db8:1:2::",
	} {
		if got := SourceOf(netip.MustParseAddr(addr)); got != netip.MustParseAddr(want) {
			t.Errorf("SourceOf(%s) = %s, want %s", addr, got, want)
		}
	}
	if got := SourceOf(netip.Addr{}); got.IsValid() {
		t.Errorf("SourceOf of no address = %s", got)
	}
}
