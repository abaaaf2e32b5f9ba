package chat

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The flags of four regions, each one character of six to eight runes.
const (
	england  = "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F"
	scotland = "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"
	wales    = "🏴\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F"
	texas    = "🏴\U000E0075\U000E0073\U000E0074\U000E0078\U000E007F"
)

func TestClean(t *testing.T) {
	mark := "\u0301"
	tests := []struct {
		name, in, want string
	}{
		{"nothing", "", ""},
		{"ascii", "hello, everyone!", "hello, everyone!"},
		{"blanks", "  a  b  ", "  a  b  "},
		{"tab", "a\tb", "a b"},
		{"C0", "a\x00\x01\x07\x08\n\x0b\x0c\r\x1fb", "ab"},
		{"escape sequence", "\x1b[2J\x1b]0;title\x07x", "[2J]0;titlex"},
		{"DEL", "a\x7fb", "ab"},
		{"C1", "a\u0080\u009b\u009fb", "ab"},
		{"bare C1 byte", "a\x9b31mb", "a\uFFFD31mb"},
		{"invalid UTF-8", "a\xff\xc3b\xed\xa0\x80", "a\uFFFD\uFFFDb\uFFFD\uFFFD\uFFFD"},
		{"what separates lines", "a\u2028b\u2029c\u0085d", "a b c d"},
		{"bidi overrides", "a\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069b", "ab"},
		{"bidi marks", "a\u200e\u200f\u061cb", "ab"},
		{"soft hyphen, BOM, zero width space, word joiner", "a\u00ad\ufeff\u200b\u2060b", "ab"},
		{"flags", england + scotland + wales + texas, england + scotland + wales + texas},
		{"tags without a flag", "a" + england[4:] + "b", "ab"},
		{"tags on something else", "🏳" + england[4:], "🏳"},
		{"a flag without its end", england[:len(england)-4] + "b", "🏴b"},
		{"a flag that is too short", "🏴\U000E0067\U000E0062\U000E007F", "🏴"},
		{"a text in tags", "🏴" + strings.Repeat(england[4:8], 7) + "\U000E007F", "🏴"},
		{"other tags in a flag", "🏴\U000E0067\U000E0041\U000E0062\U000E007F", "🏴"},
		{"tags behind a flag", england + england[4:], england},
		{"a flag and a text in tags", england[:len(england)-4] + england, "🏴" + england},
		{"signs that enclose a number", "\u0600\u0605\u06DD\u070F\u0890\u08E2\U000110BD\U000110CD",
			"\u0600\u0605\u06DD\u070F\u0890\u08E2\U000110BD\U000110CD"},
		{"hieroglyphs", "\U00013000\U00013430\U00013000", "\U00013000\U00013430\U00013000"},
		{"noncharacters", "a\ufffe\uffff\ufdd0\U0001ffffb", "ab"},
		{"no-break space", "a\u00a0b", "a\u00a0b"},
		{"other scripts", "Grüße, мир, 世界, مرحبا, שלום", "Grüße, мир, 世界, مرحبا, שלום"},
		{"ZWJ kept", "👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"},
		{"ZWNJ kept", "می\u200cخواهم", "می\u200cخواهم"},
		{"variation selector kept", "❤\ufe0f", "❤\ufe0f"},
		{"six marks", "a" + strings.Repeat(mark, 6) + "b", "a" + strings.Repeat(mark, 6) + "b"},
		{"tower of marks", "a" + strings.Repeat(mark, 100) + "b" + mark, "a" + strings.Repeat(mark, 6) + "b" + mark},
		{"tower of marks and joiners", "a" + strings.Repeat(mark+mark+"\u200d", 50),
			"a" + strings.Repeat(mark+mark+"\u200d", 2)},
		{"tower with controls between", "a" + strings.Repeat(mark+"\x01", 9), "a" + strings.Repeat(mark, 6)},
		{"enclosing marks", "a" + strings.Repeat("\u20dd", 9), "a" + strings.Repeat("\u20dd", 6)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in).String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	for _, s := range []string{"", " ", "\t \t", "\u00a0\u3000", "\u200d\u200c", "\u2800", "\u3164\u115f\u1160\uffa0",
		"\u115f", "\u1160", "\u3164", "\uffa0", " \u2800\u200d",
		"\ufe0f", "\u034f", "\x1b\u202e", "\U000E0041", "\U00013430\U00013441", "\U0001D159", "\u17b4", "\u2065",
		"\U000E0100", "\u0085\u2028"} {
		if !Clean(s).Empty() {
			t.Errorf("%q: there is something to see", s)
		}
	}
	for _, s := range []string{".", " a ", "世", "\u0301", "\ufffd", england, "\u0600", "❤\ufe0f", "\xff"} {
		if Clean(s).Empty() {
			t.Errorf("%q: there is nothing to see", s)
		}
	}
}

func TestPrintable(t *testing.T) {
	for r := rune(-1); r <= unicode.MaxRune+1; r++ {
		want := utf8.ValidRune(r) && !unicode.Is(unicode.Cc, r) && !unicode.In(r, unicode.Zl, unicode.Zp) &&
			!unicode.Is(unicode.Noncharacter_Code_Point, r) &&
			(!unicode.Is(unicode.Cf, r) || r == 0x200C || r == 0x200D || r >= 0xE0020 && r <= 0xE007F ||
				r >= 0x13430 && r <= 0x1343F || unicode.Is(unicode.Prepended_Concatenation_Mark, r))
		if got := Printable(r); got != want {
			t.Errorf("Printable(%U) = %v", r, got)
		}
		if Printable(r) && unicode.In(r, unicode.Bidi_Control, unicode.Pattern_White_Space) && r != ' ' {
			t.Errorf("%U, which moves the cursor or turns the text, is printable", r)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"", "hello", "a\tb", "\x1b[31mred\x1b[0m", "a\xffb", "\u202eevil", "\u2028", "a" + strings.Repeat("\u0301", 40),
		"e\u0301\u200d\u0301\u200d\u0301\u200d\u0301\u200d", "👩\u200d👩\u200d👧\ufe0f", "\U000E0041", "\ufdd0\ufffe",
		"\x9b2J", "\u3164",
		england, england[:20] + scotland, "🏴" + scotland[4:] + wales[8:], "\u0600\u0661",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s).String()
		if !utf8.ValidString(got) {
			t.Fatalf("Clean(%q) = %q is not UTF-8", s, got)
		}
		marks := 0
		for _, r := range got {
			if !Printable(r) {
				t.Fatalf("Clean(%q) = %q holds %U", s, got, r)
			}
			if marks = countMarks(marks, r); marks > maxMarks {
				t.Fatalf("Clean(%q) = %q holds a tower of marks", s, got)
			}
		}
		if again := Clean(got).String(); again != got {
			t.Fatalf("Clean(%q) = %q, cleaned again %q", s, got, again)
		}
		if isClean(s) && got != s {
			t.Fatalf("Clean(%q) = %q, although it was clean", s, got)
		}
	})
}
