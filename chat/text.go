package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLine is how many bytes of text one line may hold.
const MaxLine = 1024

// maxMarks is how many combining marks may stand on one character. No living script needs more; a tower of them covers
// the rows of other people.
const maxMarks = 6

// Text is what somebody wrote, safe to show on anybody's terminal: valid UTF-8 without control characters, escape
// sequences, line separators or bidirectional controls. The only way to make one from input is [Clean]; the zero Text
// is empty.
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
	return strings.TrimFunc(t.s, Blank) == ""
}

// Blank reports whether r shows nothing by itself. Beside what Unicode calls a space there are joiners, selectors of a
// variant, letters that are blank, the Braille pattern without a dot, and what only arranges hieroglyphs.
func Blank(r rune) bool {
	if r < utf8.RuneSelf {
		return unicode.IsSpace(r)
	}
	switch r {
	case '\u2800', '\U0001D159', '\U00013441', '\U00013442':
		return true
	}
	return unicode.IsSpace(r) || joiner(r) || tag(r) || hieroglyphFormat(r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func joiner(r rune) bool { return r == '\u200C' || r == '\u200D' }

// tag reports whether r is one of the invisible letters that a flag is spelt with (UTS #51, section 1.4.6).
func tag(r rune) bool { return r >= 0xE0020 && r <= tagEnd }

func hieroglyphFormat(r rune) bool { return r >= 0x13430 && r <= 0x1343F }

// flagLength returns the length of the flag of a region that s begins with, such as that of England, 0 if it begins
// with none: a black flag, the region's code in three to six tags, and the tag that ends it.
func flagLength(s string) int {
	rest, ok := strings.CutPrefix(s, "\U0001F3F4")
	for n := 0; ok && rest != ""; n++ {
		r, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		switch {
		case r == tagEnd && n >= 3:
			return len(s) - len(rest)
		case n == 6, !(r >= 0xE0061 && r <= 0xE007A || r >= 0xE0030 && r <= 0xE0039):
			return 0
		}
	}
	return 0
}

const tagEnd = 0xE007F

// Clean makes a Text of what somebody sent. Runes that are not [Printable] are left out, and tags that are not part of
// a flag; a tab and whatever separates lines become a blank, bytes that are not UTF-8 become U+FFFD, and combining
// marks past the sixth on one character are left out. Cleaning twice is cleaning once.
func Clean(s string) Text {
	if isClean(s) {
		return Text{s}
	}
	var b strings.Builder
	b.Grow(len(s))
	marks, flag := 0, 0
	for i, r := range s {
		switch {
		case r == '\t' || lineSeparator(r):
			r = ' '
		case !Printable(r), tag(r) && i >= flag:
			continue
		case r == '\U0001F3F4':
			flag = i + flagLength(s[i:])
		}
		if marks = countMarks(marks, r); marks > maxMarks {
			continue
		}
		b.WriteRune(r)
	}
	return Text{b.String()}
}

// marked returns s, which somebody typed, for the same person to read: what [Clean] would leave out of it is U+FFFD.
func marked(s string) string {
	return Clean(strings.Map(func(r rune) rune {
		if r != '\t' && !lineSeparator(r) && !Printable(r) {
			return utf8.RuneError
		}
		return r
	}, s)).String()
}

// isClean reports whether Clean would change nothing.
func isClean(s string) bool {
	if isPlain(s) { // as most texts are
		return true
	}
	if !utf8.ValidString(s) {
		return false
	}
	marks, flag := 0, 0
	for i, r := range s {
		if !Printable(r) || tag(r) && i >= flag {
			return false
		}
		if r == '\U0001F3F4' {
			flag = i + flagLength(s[i:])
		}
		if marks = countMarks(marks, r); marks > maxMarks {
			return false
		}
	}
	return true
}

// isPlain reports whether s is printable ASCII alone.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// countMarks returns how many marks stand on the character that r belongs to, r counted. A joiner does not begin a
// character: it counts, or a tower could be built of short ones.
func countMarks(marks int, r rune) int {
	if r >= 0x300 && (joiner(r) || unicode.In(r, unicode.Mn, unicode.Me)) {
		return marks + 1
	}
	return 0
}

// lineSeparator reports whether r ends a line for those who know it: NEL, and Unicode's separators of lines and
// paragraphs.
func lineSeparator(r rune) bool { return r == '\u0085' || r == '\u2028' || r == '\u2029' }

// Printable reports whether r may stand in user text: no C0 or C1 control, no DEL, no line or paragraph separator, and
// no invisible format character (bidirectional controls, soft hyphen, byte order mark), except those that some scripts
// and emoji are written with: the two joiners, tags, the signs that enclose a number, and what arranges hieroglyphs.
//
// UTR #36, section 3.1 (bidirectional spoofing), gives the reason for most of these.
func Printable(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r < 0xA0:
		return false
	case r < 0xAD:
		return true
	case joiner(r), tag(r), hieroglyphFormat(r), unicode.Is(unicode.Prepended_Concatenation_Mark, r):
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
