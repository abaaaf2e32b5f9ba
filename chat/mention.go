package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mentions reports whether t has name in it, in any letter case, as a whole word: what could go on as another name is
// no mention, but a full stop, hyphens and low lines around it, as in "alice." or "_alice_", are not taken for that.
func (t Text) Mentions(name string) bool { return FindName(t.s, name) >= 0 }

// FindName returns where s has name in it as [Text.Mentions] says, or -1.
func FindName(s, name string) (at int) {
	at = -1
	eachName(s, func(i int, word string) {
		if at < 0 && compareNames(word, name) == 0 {
			at = i
		}
	})
	return at
}

// Names are the words of a text that may be somebody's name, as a set that may seem to hold more than it does. The zero
// value is empty. So a text is looked through once for all who read it.
type Names [4]uint64

// Names returns the words of t that may be names.
func (t Text) Names() (n Names) {
	eachName(t.s, func(_ int, word string) {
		h := hashName(word)
		n[h>>6&3] |= 1 << (h & 63)
	})
	return n
}

// May reports whether name, in any letter case, may be among n. If it reports false it is not.
func (n *Names) May(name string) bool {
	h := hashName(name)
	return n[h>>6&3]&(1<<(h&63)) != 0
}

// hashName is FNV-1a of the folded name.
func hashName(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(lower(name[i]))) * 16777619
	}
	return h ^ h>>16
}

// eachName calls f with every word of s that may be a name, and where it stands: whole, and without the signs around
// it.
func eachName(s string, f func(at int, word string)) {
	const signs = "_-."
	for i := 0; i < len(s); {
		end := strings.IndexFunc(s[i:], func(r rune) bool { return !inName(r) })
		if end < 0 {
			end = len(s) - i
		}
		bare := strings.TrimLeft(s[i:i+end], signs)
		at := i + end - len(bare)
		for ; bare != ""; bare = bare[:len(bare)-1] {
			if len(bare) <= MaxName {
				f(at, bare)
			}
			if !strings.Contains(signs, bare[len(bare)-1:]) {
				break
			}
		}
		if i += end; i < len(s) {
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
		}
	}
}

// inName reports whether r belongs to a word that a name would be part of: letters of all scripts, too, although no
// name has them.
func inName(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return isLetter(r) || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.'
	}
	return unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark) || joiner(r)
}
