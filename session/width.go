package session

import (
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/width"

	"parley/chat"
)

// clusterAt returns where the grapheme cluster begins and ends that holds the byte of s at offset i.
func clusterAt(s string, i int) (start, end int) {
	// Between an ASCII character and a printable one there always is a boundary, so the walk need not begin at the
	// start of the line.
	start = i
	for start > 0 && (!plainASCII(s[start]) || s[start-1] >= utf8.RuneSelf) {
		start--
	}
	for {
		end = start + len(firstCluster(s[start:]))
		if end > i {
			return start, end
		}
		start = end
	}
}

// firstCluster returns the grapheme cluster (UAX #29) that s, which is not empty, begins with, and what stands behind
// it that is not printable.
func firstCluster(s string) string {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || plainASCII(s[1])) {
		return s[:1]
	}
	_, rest, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		if chat.Printable(r) {
			break
		}
		rest = rest[size:]
	}
	return s[:len(s)-len(rest)]
}

// plainASCII reports whether b is a printable ASCII character.
func plainASCII(b byte) bool { return ' ' <= b && b < 0x7f }

// boundary returns the first offset in s, from i on, where a grapheme cluster begins or s ends.
func boundary(s string, i int) int {
	if i <= 0 || i >= len(s) {
		return min(max(i, 0), len(s))
	}
	start, end := clusterAt(s, i)
	if start == i {
		return i
	}
	return end
}

// cells returns how many columns most terminals take for s. A terminal may think otherwise of emoji and combining
// marks.
func cells(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			i = max(i-1, 0) // a mark may belong to the ASCII character before it
			return i + uniseg.StringWidth(s[i:])
		}
	}
	return len(s)
}

// certain reports whether all terminals agree on cells(s).
func certain(s string) bool {
	for s != "" {
		cluster := firstCluster(s)
		s = s[len(cluster):]
		r, size := utf8.DecodeRuneInString(cluster)
		if size < len(cluster) || r >= utf8.RuneSelf && (!unicode.IsLetter(r) || ambiguous(r) || joining(r)) {
			return false
		}
	}
	return true
}

// ambiguous reports whether r is narrow or wide as the terminal is set up, for the fonts of East Asia (UAX #11, section
// 5).
func ambiguous(r rune) bool { return width.LookupRune(r).Kind() == width.EastAsianAmbiguous }

// joining reports whether r is a vowel or a final of Hangul that joins the letters before it, for which terminals take
// a column or none where it stands alone.
func joining(r rune) bool { return 0x1160 <= r && r <= 0x11FF || 0xD7B0 <= r && r <= 0xD7FF }

// typedCells is maxCells for what is being typed, where a character that is wider than was thought would do more harm
// than to run over the edge: Greek and Cyrillic letters count in full too, and marks that an older terminal may not
// know.
func typedCells(s string) int {
	n := 0
	for _, r := range s {
		n += typedRuneCells(r)
	}
	return n
}

func typedRuneCells(r rune) int {
	switch {
	case r < 0x7F:
		return 1
	case ambiguous(r):
		return 2
	case r >= 0x10000 && unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Variation_Selector, r):
		return 1
	}
	return maxRuneCells(r)
}

// maxCells returns the most columns that a terminal may take for s: emoji, signs that are wide in East Asia and parts
// of joined emoji count in full. A row of no more than this never runs over the edge of the terminal.
func maxCells(s string) int {
	n := 0
	for _, r := range s {
		n += maxRuneCells(r)
	}
	return n
}

func maxRuneCells(r rune) int {
	switch {
	case r < 0x7F, r == '\uFE0F': // the variation selector that makes emoji of digits
		return 1
	case r == '\u200C', r == '\u200D', unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r == '\u2E3A':
		return 3
	case r == '\u2E3B':
		return 4
	case r >= 0x2000 && r < 0x2C00, unicode.Is(unicode.So, r), !unicode.IsGraphic(r): // emoji, also of times to come
		return 2
	}
	if unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) &&
		width.LookupRune(r).Kind() != width.EastAsianFullwidth {
		// A terminal can be told to draw them wide, for the fonts of old East Asian systems (UAX #11, section 5). To
		// count them so would leave everybody who writes in them half a row, for the sake of those few.
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
		return 2
	}
	return 1
}
