package chat

import (
	"cmp"
	"slices"
	"strings"

	"parley/words"
)

// MaxName is how many characters a user name may have.
const MaxName = 16

// Names are folded twice. FoldName makes letter case irrelevant, and is how a name that somebody typed finds a user;
// skeleton makes look-alikes equal, and is what an account is unique by. "alice" finds Alice, "a1ice" finds nobody, and
// neither can be registered beside her.

// FoldName returns name without regard to letter case: the key under which a user who is online is found.
func FoldName(name string) string { return strings.ToLower(name) }

// compareNames orders names as FoldName would, and makes no garbage: large rooms are searched for every word that is
// said.
func compareNames(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[i]), lower(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// skeleton returns what is left of a name when all that a hasty reader mistakes is made one: letter case, 0 and o, 1
// and i and l, rn and m, and the signs _ - . in between. Taking it twice is taking it once.
//
// It is the idea of the skeleton in UTS #39, section 4, for the few characters that a name may have.
func skeleton(name string) string {
	b := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := lower(name[i])
		switch c {
		case '_', '-', '.':
			continue
		case '0':
			c = 'o'
		case '1', 'i':
			c = 'l'
		}
		if c == 'n' && len(b) > 0 && b[len(b)-1] == 'r' {
			b[len(b)-1] = 'm'
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

// ValidRoomName says whether a standing room may be called name, as far as its letters go. It returns ErrBadName.
func ValidRoomName(name string) error { return wellFormed(name) }

// checkName says whether an account may be called name: 1 to 16 ASCII letters, digits, '_', '-' or '.', the first a
// letter, and neither one of the reserved words nor a look-alike of one. It returns ErrBadName, with the rule that was
// broken, or ErrReservedName.
func (n *Node) checkName(name string) error {
	if err := wellFormed(name); err != nil {
		return err
	}
	if n.reserved.has(name) || strings.HasPrefix(skeleton(name), guestPrefix) {
		return ErrReservedName.With(name)
	}
	return nil
}

// nobodys are words that are nobody's name: whoever had one of them would be taken for somebody who speaks for the
// server, for many, or for none. Accounts that have such a name keep it.
var nobodys = strings.Fields(System + " " + Console + `
	admin admins administrator administrators operator operators op ops oper opers sysop sysops sysadmin root superuser
	moderator moderators mod mods owner owners staff support helpdesk security official server servers service services
	daemon webmaster postmaster hostmaster abuse parley
	all everyone everybody anyone anybody someone somebody here room rooms channel channels
	mention mentions notice notices reader
	ci
	nobody noone none null undefined unknown anonymous you me`)

// reserved are words that are nobody's name: for the skeleton of each, how many times a small i is in it.
type reserved map[string]int

// reserve returns nobodys and others.
func reserve(others []string) reserved {
	r := make(reserved)
	for _, word := range slices.Concat(nobodys, others) {
		s := skeleton(word)
		r[s] = max(r[s], dots(FoldName(word)))
	}
	return r
}

// has reports whether name is one of the words, or looks like one. A small i is never taken for an l: it has a dot. So
// Ali does not look like "all", but AlI does.
func (r reserved) has(name string) bool {
	inWord, ok := r[skeleton(name)]
	return ok && dots(name) <= inWord
}

func dots(s string) int { return strings.Count(s, "i") }

func wellFormed(name string) error {
	for _, r := range name {
		switch {
		case r >= 0x80 && (Blank(r) || !Printable(r)):
			return ErrBadName.With(words.Say("name unseen"))
		case r >= 0x80:
			return ErrBadName.With(words.Say("name letters"))
		case !isLetter(r) && !(r >= '0' && r <= '9') && r != '_' && r != '-' && r != '.':
			return ErrBadName.With(words.Say("name signs"))
		}
	}
	switch {
	case name == "" || !isLetter(rune(name[0])):
		return ErrBadName.With(words.Say("name start"))
	case len(name) > MaxName:
		return ErrBadName.With(words.Say("name long", MaxName))
	}
	return nil
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
