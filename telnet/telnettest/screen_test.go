package telnettest

import (
	"slices"
	"strings"
	"testing"
)

// picture is everything a screen shows: finished lines, the cursor's with _ at the cursor, those below behind a "v".
func picture(s *Screen) []string {
	p := s.Finished()
	before, after := s.Line()
	p = append(p, before+"_"+after)
	for _, line := range s.Below() {
		p = append(p, "v"+line)
	}
	return p
}

func TestScreen(t *testing.T) {
	tests := []struct {
		name    string
		columns int
		input   string
		want    []string
	}{
		{"nothing", 80, "", []string{"_"}},
		{"text", 80, "hello", []string{"hello_"}},
		{"blanks before the cursor", 80, "name: ", []string{"name: _"}},
		{"lines", 80, "one\r\ntwo  \r\n\r\n> ", []string{"one", "two", "", "> _"}},
		{"line feed alone", 80, "one\ntwo", []string{"one", "   two_"}},
		{"carriage return alone", 80, "one\rtw", []string{"tw_e"}},
		{"backspace", 80, "\bab\bc\b\b", []string{"_ac"}},
		{"tab", 80, "a\tb\tc", []string{"a       b       c_"}},
		{"tab at the edge", 10, "a\t\t\tb", []string{"a        b_"}},
		{"bell and NUL", 80, "a\a\x00b", []string{"ab_"}},
		{"netcat shows IAC DO TTYPE", 80, "\xff\xfd\x18\rWelcome", []string{"Welcome_"}},

		{"full row waits", 5, "12345", []string{"12345_"}},
		{"full row and return", 5, "12345\r\n6", []string{"12345", "6_"}},
		{"full row and backspace", 5, "12345\bx", []string{"123x_5"}},
		{"full row and erase", 5, "12345\x1b[K", []string{"1234_"}},
		{"wrapped line is one line", 5, "1234567\r\n8", []string{"1234567", "8_"}},
		{"cursor in a wrapped line", 5, "1234567\x1b[A\x1b[D", []string{"1_234567"}},
		{"wrapped line erased", 5, "1234567\r\x1b[A\x1b[Jabc", []string{"abc_"}},
		{"wide character at the edge", 5, "1234\u4e16x", []string{"1234\u4e16x_"}},

		{"up and down", 80, "abc\r\ndef\x1b[Ax\x1b[By", []string{"abcx", "def y_"}},
		{"left and right", 80, "abcdef\x1b[4Dx\x1b[2Cy", []string{"abxdey_"}},
		{"column", 80, "abcdef\x1b[3Gx\x1b[Gy", []string{"y_bxdef"}},
		{"not beyond the edges", 4, "ab\x1b[9Dx\x1b[9A\x1b[99Cy", []string{"xb y_"}},
		{"position", 80, "\x1b[2;3Hx\x1b[Hy\x1b[3;fz", []string{"y", "  x", "z_"}},
		{"save and restore", 80, "ab\x1b7\r\ncd\x1b8e", []string{"abe_", "vcd"}},
		{"erase to the right", 80, "abcdef\x1b[3D\x1b[K", []string{"abc_"}},
		{"erase to the left", 80, "abcdef\x1b[3D\x1b[1K", []string{"   _ ef"}},
		{"erase line", 80, "abcdef\x1b[2K", []string{"      _"}},
		{"erase below", 80, "ab\r\ncd\r\nef\x1b[A\x1b[J", []string{"ab", "cd_"}},
		{"erase above", 80, "ab\r\ncd\r\nef\x1b[A\x1b[D\x1b[1J", []string{"", " _", "vef"}},
		{"erase screen", 80, "ab\r\ncd\x1b[2J\x1b[Hx", []string{"x_"}},
		{"message above a prompt", 80, "> hel\r\x1b[Kbob: hi\r\n> hel", []string{"bob: hi", "> hel_"}},
		{"colours make no difference", 80, "\x1b[1;38;5;200mred\x1b[m\x1b[?25l\x1b[?2004h", []string{"red_"}},

		{"wide", 80, "\u4e16\u754c\b\bx", []string{"\u4e16x_"}},
		{"half of a wide one overwritten", 80, "\u4e16\u754c\x1b[3Dx", []string{" x_\u754c"}},
		{"its right half erased", 80, "\u4e16\x1b[D\x1b[K", []string{" _"}},
		{"combining", 80, "e\u0301\bx", []string{"x_"}},
		{"combining in the last column", 3, "abe\u0301f", []string{"abe\u0301f_"}},
		{"combining with nothing before", 80, "\u0301a", []string{"a_"}},
		{"family is one", 80, "\U0001F469\u200D\U0001F469\u200D\U0001F467\b\bx", []string{"x_"}},
		{"flag is one", 80, "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7\b\bx", []string{"\U0001F1E9\U0001F1EAx_"}},
		{"emoji presentation makes wide", 80, "\u2764\uFE0F\bx", []string{" x_"}},
		{"emoji presentation at the edge", 3, "ab\u2764\uFE0Fx", []string{"ab\u2764\uFE0Fx_"}},
		{"broken UTF-8", 80, "a\xe4\xb8b\xffc", []string{"a\ufffdb\ufffdc_"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for piece := 1; piece <= len(tt.input)+1; piece++ {
				s := NewScreen(tt.columns, 24)
				for p := range slices.Chunk([]byte(tt.input), piece) {
					if n, err := s.Write(p); n != len(p) || err != nil {
						t.Fatalf("Write: %d, %v", n, err)
					}
				}
				if got := picture(s); !slices.Equal(got, tt.want) {
					t.Fatalf("in pieces of %d: got %q, want %q", piece, got, tt.want)
				}
				if s.Unknown() != nil {
					t.Errorf("unknown: %s", s.Unknown())
				}
			}
		})
	}
}

func TestScreenScrolls(t *testing.T) {
	s := NewScreen(10, 3)
	s.Write([]byte("1\r\n2\r\n3\r\n4\r\n5"))
	if got, want := s.String(), "3\n4\n5"; got != want {
		t.Errorf("visible: got %q, want %q", got, want)
	}
	s.Write([]byte("\x1b[9Ax\x1b[2;1Hy")) // the cursor cannot reach what has scrolled off
	if got, want := picture(s), []string{"1", "2", "3x", "y_", "v5"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScreenUnknown(t *testing.T) {
	tests := []struct{ input, unknown, shown string }{
		{"a\x1b[5Lb", `"\x1b[5L"`, "ab"},
		{"a\x1b[1;2Kb", `"\x1b[1;2K"`, "ab"},
		{"a\x1b[99999Cb", `"\x1b[99999C"`, "ab"},
		{"a\x1b[3Jb", `"\x1b[3J"`, "ab"},
		{"a\x1b[?1049hb", `"\x1b[?1049h"`, "ab"},
		{"a\x1bcb", `"\x1bc"`, "ab"},
		{"a\x1b]0;title\x07b", `"\x1b]0;title\a"`, "ab"},
		{"a\x1b]0;title\x1b\\b", `"\x1b]0;title\x1b\\"`, "ab"},
		{"a\x0eb", `"\x0e"`, "ab"},
		{"a\u009b2Jb", `"\u009b"`, "a2Jb"},
		{"a\x1b]" + strings.Repeat("x", maxSequence-3) + "\x1b\\b", "", "ab"},
	}
	for _, tt := range tests {
		s := NewScreen(80, 24)
		s.Write([]byte(tt.input))
		if len(s.Unknown()) == 0 || tt.unknown != "" && !slices.Equal(s.Unknown(), []string{tt.unknown}) {
			t.Errorf("%q: got unknown %s, want %s", tt.input, s.Unknown(), tt.unknown)
		}
		if before, after := s.Line(); before+after != tt.shown {
			t.Errorf("%q: shows %q, want %q", tt.input, before+after, tt.shown)
		}
	}
}

func TestScreenResize(t *testing.T) {
	tests := []struct {
		name    string
		columns int
		rows    int
		input   string
		resize  int
		want    []string
		visible string
	}{
		{"narrower", 10, 24, "hello world\r\n> hello", 5, []string{"hello world", "> hello_"},
			"hello\n worl\nd\n> hel\nlo"},
		{"wider joins what was wrapped", 5, 24, "hello world\r\n> hel", 20, []string{"hello world", "> hel_"},
			"hello world\n> hel"},
		{"cursor inside", 10, 24, "abcdefgh\x1b[4D", 3, []string{"abcd_efgh"}, "abc\ndef\ngh"},
		{"cursor behind a full row", 4, 24, "abcdefgh", 8, []string{"abcdefgh_"}, "abcdefgh"},
		{"row becomes full", 10, 24, "abcd", 4, []string{"abcd_"}, "abcd"},
		{"cursor behind the text", 10, 24, "ab\x1b[5C", 5, []string{"ab     _"}, "ab"},
		{"wide does not fit", 10, 24, "a\u4e16\u4e16b", 4, []string{"a\u4e16\u4e16b_"}, "a\u4e16\n\u4e16b"},
		{"wide comes back", 4, 24, "a\u4e16\u4e16b", 10, []string{"a\u4e16\u4e16b_"}, "a\u4e16\u4e16b"},
		{"scrolls", 6, 2, "abcdef\r\n> ", 3, []string{"abcdef", "> _"}, "def\n>"},
		{"empty rows stay", 10, 24, "a\r\n\r\nb", 5, []string{"a", "", "b_"}, "a\n\nb"},
		{"what stands below", 10, 24, "a\r\nbcd\x1b[A", 2, []string{"a  _", "vbcd"}, "a\n\nbc\nd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewScreen(tt.columns, tt.rows)
			s.Write([]byte(tt.input))
			s.Resize(tt.resize, tt.rows)
			if got := picture(s); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := s.String(); got != tt.visible {
				t.Errorf("visible: got %q, want %q", got, tt.visible)
			}
			s.Write([]byte("\r\nx"))
			if before, _ := s.Line(); !strings.HasSuffix(before, "x") {
				t.Errorf("what comes next is shown as %q", before)
			}
		})
	}
}

func TestScreenFull(t *testing.T) {
	s := NewScreen(2, 2)
	_, err := s.Write([]byte(strings.Repeat("\n", maxRows)))
	if err != ErrScreenFull {
		t.Errorf("got %v, want %v", err, ErrScreenFull)
	}
}

// Whatever arrives, in whatever pieces, a screen shows the same, keeps its shape and loses nothing to a new size.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("hello\r\n\x1b[2;3Hworld\x1b[K"), uint8(5), uint8(3), uint8(9))
	f.Add([]byte("a\u4e16e\u0301\U0001F469\u200D\U0001F467\x1b7\x1b[A\b\t\x1b8\xff"), uint8(3), uint8(2), uint8(2))
	f.Add([]byte("abc\u2764\uFE0F\x1b[J\x1b[1J\x1b[2J\x1b[1K"), uint8(2), uint8(1), uint8(80))
	f.Fuzz(func(t *testing.T, input []byte, columns, rows, resized uint8) {
		if len(input) > 4096 {
			return
		}
		whole, pieces := NewScreen(int(columns), int(rows)), NewScreen(int(columns), int(rows))
		whole.Write(input)
		for _, b := range input {
			pieces.Write([]byte{b})
		}
		before := picture(whole)
		if got := picture(pieces); !slices.Equal(got, before) {
			t.Fatalf("in pieces %q, whole %q", got, before)
		}
		check := func() {
			t.Helper()
			columns, rows := whole.Size()
			if whole.x < 0 || whole.x >= columns || whole.y < whole.top || whole.y >= whole.top+rows ||
				whole.y >= len(whole.grid) {
				t.Fatalf("cursor at %d, %d of %dx%d from %d", whole.x, whole.y, columns, rows, whole.top)
			}
			for _, r := range whole.grid {
				for x, c := range r.cells {
					if c.kind == wide && (x+1 == columns || r.cells[x+1].kind != rest) || c.kind == rest &&
						r.cells[x-1].kind != wide {
						t.Fatalf("half a character in %v", r.cells)
					}
				}
			}
		}
		check()
		whole.Resize(int(resized), int(rows))
		check()
		whole.Write(input)
		check()
	})
}
