package session

import (
	"strings"
	"testing"
)

func TestPainter(t *testing.T) {
	tests := []struct{ text, plain, painted string }{
		{"plain", "plain", "plain"},
		{"a\tb", "a       b", "a       b"},
		{"12345678\tb", "12345678        b", "12345678        b"},
		{"\x1b[31mred\x1b[0m", "red", "\x1b[31mred\x1b[0m\x1b[0m"},
		{"\x1b[31mred\nand on\x1b[mthen\nplain", "red\nand onthen\nplain",
			"\x1b[31mred\x1b[0m\n\x1b[31mand on\x1b[mthen\x1b[0m\nplain"},
		{"\x1b[31m\ttab", "        tab", "\x1b[31m        tab\x1b[0m"},
		{"a\x1b[2Jb\x1b[Hc\x1b[?25ld", "abcd", "abcd"},
		{"a\x1b]0;title\ab", "a]0;title\uFFFDb", "a]0;title\uFFFDb"},
		{"a\x1b", "a", "a"}, {"a\x1b[", "a", "a"}, {"a\x1b[31", "a", "a"},
		{"a\x1b[31\x1b[1mb", "ab", "a\x1b[1mb\x1b[0m"},
		{"\x1b[" + strings.Repeat("1;", 100) + "mx", "x", "x"},
		{"a\x1b[>4mb", "ab", "ab"},
	}
	for _, tt := range tests {
		var p painter
		var plain, painted []string
		for line := range strings.SplitSeq(tt.text, "\n") {
			a, b := p.line(line)
			plain, painted = append(plain, a), append(painted, b)
			if len(p.holds) > maxSGR {
				t.Errorf("%q: %d bytes hold", tt.text, len(p.holds))
			}
		}
		if a, b := strings.Join(plain, "\n"), strings.Join(painted, "\n"); a != tt.plain || b != tt.painted {
			t.Errorf("%q: got %q and %q, want %q and %q", tt.text, a, b, tt.plain, tt.painted)
		}
	}
}

// TestPaintedTexts tests that the operator's colours are shown where there are colours, and nowhere else.
func TestPaintedTexts(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		long := strings.Repeat("wide ", 30)
		h.server.Texts = func() Texts {
			return Texts{Name: "Here", Banner: "\x1b[36mWelcome\tall\x1b[0m", MOTD: "\x1b[1mNews\nmore\n" + long}
		}
		g := h.guest()
		_ = g
		f := newFake()
		one := h.comes(f, f, nearby)
		h.sees(one, "\x1b[36mWelcome all\x1b[0m\x1b[0m\r\n")
		one.types("guest\n")
		if text := one.shown(); !strings.Contains(text, "\x1b[1mNews\x1b[0m\r\n\x1b[1mmore\x1b[0m\r\n") ||
			strings.Contains(text, "mwide") {
			t.Errorf("with colours: %q", text)
		}
		nobody := dull{newFake()}
		two := h.comes(nobody, nobody.fake, nearby)
		two.types("guest\n")
		if text := two.shown(); strings.Contains(text, "\x1b") || !strings.Contains(text, "Welcome all\r\n") {
			t.Errorf("without colours: %q", text)
		}
	})
}

// TestNarrowTexts tests that a line that is too long for its row loses the blanks in front of it, and no other does.
func TestNarrowTexts(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		h.server.Texts = func() Texts {
			return Texts{Name: "Here", MOTD: strings.Repeat(" ", 24) + "-=-= AUTHORIZED USERS =-=-\n  kept\n\nend"}
		}
		f := newFake()
		f.columns = 40
		one := h.comes(f, f, nearby)
		one.types("guest\n")
		if text := one.shown(); !strings.Contains(text, ": -=-= AUTHORIZED USERS =-=-\r\n  kept\r\n\r\nend\r\n") {
			t.Errorf("got %q", text)
		}
	})
}

// dull is a terminal without a name.
type dull struct{ *fake }

func (dull) Name() string { return "" }
