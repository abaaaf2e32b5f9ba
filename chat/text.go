package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLine is how many bytes of text one line may hold.
const MaxLine = 1024

// maxMarks is how many combining marks may stand on one character. No living script needs more; a tower of them covers the
// rows of other people.
const maxMarks = 6

// Text is what somebody wrote, safe to show on anybody's terminal: valid UTF-8 without control characters, escape sequences,
// line separators or bidirectional controls. The only way to make one from input is [Clean]; the zero Text is empty.
type Text struct{ s string }

// String returns the text.
func (t Text) String() string { return t.s }

// MarshalText makes a text travel as the string it is.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.s), nil }

// UnmarshalText reads it, and cleans it like any input. It returns no error.
func (t *Text) UnmarshalText(b []byte) error {
	*t = Clean(string(b))
	return nil
}

// Empty reports whether there is nothing to see: no text, or blanks alone.
func (t Text) Empty() bool {
	return strings.TrimFunc(t.s, blank) == ""
}

// blank reports whether r shows nothing by itself. Beside what Unicode calls a space there are joiners, selectors of a variant, letters
// that are blank, and the Braille pattern without a dot.
func blank(r rune) bool {
	return unicode.IsSpace(r) || joiner(r) || r == '\u2800' ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func joiner(r rune) bool { return r == '\u200C' || r == '\u200D' }

// Clean makes a Text of what somebody sent. Runes that are not [Printable] are left out, a tab becomes a blank, bytes that are
// not UTF-8 become U+FFFD, and combining marks past the sixth on one character are left out. Cleaning twice is cleaning once.
func Clean(s string) Text {
	if clean(s) {
		return Text{s}
	}
	var b strings.Builder
	b.Grow(len(s))
	marks := 0
	for _, r := range s {
		switch {
		case r == '\t':
			r = ' '
		case !Printable(r):
			continue
		}
		if marks = countMarks(marks, r); marks > maxMarks {
			continue
		}
		b.WriteRune(r)
	}
	return Text{b.String()}
}

// clean reports whether Clean would change nothing.
func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	marks := 0
	for _, r := range s {
		if !Printable(r) {
			return false
		}
		if marks = countMarks(marks, r); marks > maxMarks {
			return false
		}
	}
	return true
}

// countMarks returns how many marks stand on the character that r belongs to, r counted. A joiner does not begin a character: it
// counts, or a tower could be built of short ones.
func countMarks(marks int, r rune) int {
	if r >= 0x300 && (joiner(r) || unicode.In(r, unicode.Mn, unicode.Me)) {
		return marks + 1
	}
	return 0
}

// Printable reports whether r may stand in user text: no C0 or C1 control, no DEL, no line or paragraph separator, and no
// invisible format character (bidirectional controls, soft hyphen, byte order mark, tags), except the two joiners that
// emoji and some scripts are written with.
//
// UTR #36, section 3.1 (bidirectional spoofing), gives the reason for most of these.
func Printable(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r < 0xA0:
		return false
	case r < 0xAD:
		return true
	case joiner(r):
		return true
	case r == '\u2028', r == '\u2029':
		return false
	case r >= 0xD800 && r < 0xE000, r > unicode.MaxRune:
		return false
	case r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF: // noncharacters
		return false
	}
	return !unicode.Is(unicode.Cf, r)
}
