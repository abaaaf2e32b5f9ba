package chat

import (
	"net/netip"
	"testing"
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
	if !(Sources{}).Has(netip.Addr{}) {
		t.Error("an unknown address is limited")
	}
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
