package web

import (
	"net/netip"
	"testing"
)

func proxyOf(a netip.Addr) bool {
	return netip.MustParsePrefix("10.0.0.0/8").Contains(a) || a == netip.MustParseAddr("2001:db8::1")
}

// TestForwardedFor tests that who comes by proxies is the last who is not trusted, whatever stands before.
func TestForwardedFor(t *testing.T) {
	for _, tt := range []struct {
		headers []string
		want    string // "" for nobody
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"192.0.2.1"}, "192.0.2.1"},
		{[]string{"203.0.113.9, 192.0.2.1"}, "192.0.2.1"},
		{[]string{"203.0.113.9", "192.0.2.1"}, "192.0.2.1"},
		{[]string{"203.0.113.9, 192.0.2.1", "10.1.2.3", "10.1.2.4"}, "192.0.2.1"},
		{[]string{"192.0.2.1,10.1.2.3 ,\t2001:db8::1"}, "192.0.2.1"},
		{[]string{"10.0.0.1, 10.0.0.2"}, "10.0.0.1"},
		{[]string{"rubbish, 192.0.2.1"}, "192.0.2.1"},
		{[]string{"192.0.2.1, rubbish"}, ""},
		{[]string{"192.0.2.1, unknown, 10.0.0.1"}, ""},
		{[]string{"192.0.2.1,"}, ""},
		{[]string{"192.0.2.1", ""}, ""},
		{[]string{"192.0.2.1:4711"}, "192.0.2.1"},
		{[]string{"192.0.2.1:99999"}, ""},
		{[]string{"2001:db8::7"}, "2001:db8::7"},
		{[]string{"[2001:db8::7]"}, "2001:db8::7"},
		{[]string{"[2001:db8::7]:443"}, "2001:db8::7"},
		{[]string{"[2001:db8::7"}, ""},
		{[]string{"[192.0.2.1]"}, ""},
		{[]string{"fe80::1%eth0"}, "fe80::1"},
		{[]string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{[]string{"192.0.2.1, ::ffff:10.0.0.1"}, "192.0.2.1"},
		{[]string{"127.0.0.1"}, "127.0.0.1"},
		{[]string{"192.0.2.01"}, ""},
		{[]string{"\"192.0.2.1\""}, ""},
	} {
		got, ok := forwardedFor(tt.headers, proxyOf)
		if ok != (tt.want != "") || ok && got != netip.MustParseAddr(tt.want) {
			t.Errorf("%q: %v, %v, want %q", tt.headers, got, ok, tt.want)
		}
	}
}

// FuzzForwardedFor tests that nothing that stands left of the last hop counts unless that is trusted, and that whoever
// is named is an address without a zone.
func FuzzForwardedFor(f *testing.F) {
	f.Add("203.0.113.9, 192.0.2.1", "10.0.0.1")
	f.Add("[2001:db8::7]:443", "::ffff:10.0.0.1")
	f.Add(",", "fe80::1%x")
	f.Fuzz(func(t *testing.T, before, last string) {
		got, ok := forwardedFor([]string{before, last}, proxyOf)
		if ok && (!got.IsValid() || got.Zone() != "" || got.Is4In6()) {
			t.Errorf("%q, %q: %v", before, last, got)
		}
		alone, fine := forwardedFor([]string{last}, proxyOf)
		if fine && !proxyOf(alone) && (!ok || got != alone) {
			t.Errorf("%q in front of %q makes it %v", before, last, got)
		}
	})
}
