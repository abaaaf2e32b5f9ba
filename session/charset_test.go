package session

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"

	"parley/chat"
)

func TestFit(t *testing.T) {
	for _, tt := range []struct{ text, latin1, cp437, ascii string }{
		{"tea\x1b[7m\r\n", "tea\x1b[7m\r\n", "tea\x1b[7m\r\n", "tea\x1b[7m\r\n"},
		{"é", "é", "é", "e"},
		{"e\u0301", "é", "é", "e"},
		{"ÿ", "ÿ", "ÿ", "y"},
		{"€", "EUR", "EUR", "EUR"},
		{"日本", "Ri Ben ", "Ri Ben ", "Ri Ben "},
		{"π─│", "p-|", "π─│", "p-|"},
		{"½ “ß”…", "½ \"ß\"...", "½ \"ß\"...", " 1/2  \"ss\"..."},
		{"😀", "?", "?", "?"},
		{"👨‍👩‍👧❤️🇸🇮", "???", "???", "???"},
		{"\u009b", "?", "?", "?"},
		{"\u2028", " ", " ", " "},
		{"\ufffd", "?", "?", "?"},
	} {
		for c, want := range map[charset]string{charsetUTF8: tt.text, charsetLatin1: tt.latin1,
			charsetCP437: tt.cp437, charsetASCII: tt.ascii} {
			if got := c.fit(tt.text); got != want {
				t.Errorf("%d: fit(%q) = %q, want %q", c, tt.text, got, want)
			}
		}
	}
}

// TestSentIsRead tests that a terminal reads what it has sent, byte by byte.
func TestSentIsRead(t *testing.T) {
	for b := range 256 {
		for _, c := range []charset{charsetLatin1, charsetCP437, charsetASCII} {
			r := c.runeOf(byte(b))
			got, ok := c.byteOf(r)
			none := r == utf8.RuneError || !chat.Printable(r) && b >= 0x80
			if ok == none || ok && got != byte(b) {
				t.Errorf("charset %d: byte %#02x is %U, which is sent as %#02x, %t", c, b, r, got, ok)
			}
		}
	}
}

// FuzzCharset types whatever there is in each charset, in one piece and in pieces; and shows it.
func FuzzCharset(f *testing.F) {
	f.Add([]byte("say 0 \xe9\xff\x82\x7f\ttea\r\n\x1b[D\x80\x9b\n"), 3)
	f.Add([]byte("\x1b]\xe9\xe9\xe9\x07日本 😀 e\u0301\n\xc3"), 1)
	f.Add(append(bytes.Repeat([]byte{0xe9}, 3000), "\x1bb\x1b]\xb0\xb0\n"...), 500)
	f.Fuzz(func(t *testing.T, input []byte, size int) {
		for _, c := range []charset{charsetLatin1, charsetCP437, charsetASCII} {
			lines := typedIn(t, c, input, len(input)+1)
			if pieces := typedIn(t, c, input, 1+int(uint(size)%100)); !slices.Equal(lines, pieces) {
				t.Fatalf("charset %d, in pieces: got %q, want %q", c, pieces, lines)
			}
			shown := c.fit(string(input))
			for _, r := range shown {
				if _, ok := c.byteOf(r); !ok {
					t.Fatalf("charset %d: %U in what fits", c, r)
				}
			}
			if got, want := len(c.encode([]byte(shown))), utf8.RuneCountInString(shown); got != want {
				t.Fatalf("charset %d: %d bytes for %d characters", c, got, want)
			}
		}
	})
}

// typedIn returns the lines that come of p, typed in pieces of that size.
func typedIn(t *testing.T, c charset, p []byte, size int) (lines []string) {
	e := newLineEditor()
	for len(p) > 0 {
		used, action := c.feed(e, p[:min(len(p), size)])
		if used == 0 && action == None || used > len(p) {
			t.Fatalf("charset %d: %d of %q used", c, used, p)
		}
		p = p[used:]
		if action == Submit {
			line, err := e.Take()
			if !utf8.ValidString(line) {
				t.Fatalf("charset %d: line %q, %v", c, line, err)
			}
			lines = append(lines, line)
		}
	}
	return lines
}
