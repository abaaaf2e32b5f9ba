package commands

import (
	"errors"
	"net/netip"
	"testing"

	"parley/chat"
)

func TestBanTarget(t *testing.T) {
	name := func(s string) chat.BanTarget { return chat.BanTarget{Name: s} }
	addr := func(s string) chat.BanTarget { return chat.BanTarget{Addr: netip.MustParseAddr(s)} }
	network := func(s string) chat.BanTarget { return chat.BanTarget{Network: netip.MustParsePrefix(s)} }
	for word, want := range map[string]chat.BanTarget{
		"bob": name("bob"), "Bob": name("Bob"), "fe80": name("fe80"), "a.b": name("a.b"), "no good": name("no good"),
		"192.0.2.7": addr("192.0.2.7"), "192.0.2.7/24": network("192.0.2.7/24"), "2001:DB8::0:7": addr("2001:db8::7"),
		"fe80::1": addr("fe80::1"), "fe80::1%eth0": addr("fe80::1%eth0"), "::/0": network("::/0"),
		"2001:db8::7/128": network("2001:db8::7/128"), "::ffff:192.0.2.7": addr("::ffff:192.0.2.7"),
	} {
		if got, err := banTarget(word); err != nil || got != want {
			t.Errorf("%s is %+v, %v, want %+v", word, got, err, want)
		}
	}
	for _, word := range []string{"", "192.0.2", "192.0.2.300", "192.0.2.0/33", "1.2.3.4/", "/24", "bob/24", ":::",
		"fe80::1%eth0/64", "7up", "192.0.2.7 ", "192.0.2.7/x", "@", "{"} {
		if got, err := banTarget(word); !errors.Is(err, chat.ErrBadTarget) || got != (chat.BanTarget{}) {
			t.Errorf("%q is %+v, %v", word, got, err)
		}
	}
}
