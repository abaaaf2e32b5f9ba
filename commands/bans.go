package commands

import (
	"net/netip"
	"strings"

	"parley/chat"
)

// banTarget reads whom a ban concerns: a user, an address, or a network such as 192.0.2.0/24. A word that could be a
// name is one: names begin with a letter, and have neither a colon nor a slash. Whether there is such a user is for
// package chat to say. It returns ErrBadTarget.
func banTarget(word string) (t chat.BanTarget, err error) {
	first := (word + " ")[0] | 0x20 // in lower case
	switch {
	case first >= 'a' && first <= 'z' && !strings.ContainsAny(word, ":/"):
		return chat.BanTarget{Name: word}, nil
	case strings.Contains(word, "/"):
		t.Network, err = netip.ParsePrefix(word)
	default:
		t.Addr, err = netip.ParseAddr(word)
	}
	if err != nil {
		return chat.BanTarget{}, chat.ErrBadTarget.With(word)
	}
	return t, nil
}
