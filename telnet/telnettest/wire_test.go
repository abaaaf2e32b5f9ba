package telnettest

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	tests := []struct {
		bytes string
		words []string
		left  string
	}{
		{"", nil, ""},
		{"\xff\xfd\x18\rhello\r\nname: ", []string{"IAC DO TTYPE", `"\rhello\r\n"`, `"name: "`}, ""},
		{"\xff\xfa\x1f\x00\x50\x00\xff\xff\xff\xf0", []string{"IAC SB NAWS 0 80 0 255 IAC SE"}, ""},
		{"\xff\xfa\x18\x01\xff\xf0", []string{"IAC SB TTYPE SEND IAC SE"}, ""},
		{"\xff\xfa\x18\x00xterm\xff\xf0", []string{`IAC SB TTYPE IS "xterm" IAC SE`}, ""},
		{"\xff\xfa\x2a\x01;UTF-8\xff\xf0", []string{`IAC SB CHARSET REQUEST ";UTF-8" IAC SE`}, ""},
		{"\xff\xfa\xff\xf0", []string{"IAC SB IAC SE"}, ""},
		{"\xff\xfc\x63\xff\xef\xff\xfb\x19\xff\x05", []string{"IAC WONT 99", "IAC EOR", "IAC WILL EOR", "IAC 5"}, ""},
		{"\xff\xfb\xffa\xff\xff\xff\xf4", []string{"IAC WILL 255", `"a"`, "IAC IAC", "IAC IP"}, ""},
		{"\u4e16\xfe", []string{`"` + "\u4e16" + `\xfe"`}, ""},
		{"ab\xff", []string{`"ab"`}, "\xff"},
		{"\xff\xfb", nil, "\xff\xfb"},
		{"\xff\xfa\x18\x00xterm\xff", nil, "\xff\xfa\x18\x00xterm\xff"},
	}
	for _, tt := range tests {
		words, left := Words([]byte(tt.bytes))
		if !slices.Equal(words, tt.words) || string(left) != tt.left {
			t.Errorf("Words(%q): got %q and %q left, want %q and %q", tt.bytes, words, left, tt.words, tt.left)
		}
		back, err := Bytes(strings.Join(tt.words, "  "))
		if want := strings.TrimSuffix(tt.bytes, tt.left); err != nil || string(back) != want {
			t.Errorf("Bytes(%q): got %q, %v, want %q", tt.words, back, err, want)
		}
	}
}

func TestBytesRefuses(t *testing.T) {
	for _, words := range []string{"HELLO", "IAC HELLO", "IAC WILL HELLO", "IAC SB NAWS IS", "256", "-1", `"open`,
		`IAC SB TTYPE SEND NAWS`, `"\q"`} {
		if p, err := Bytes(words); err == nil {
			t.Errorf("Bytes(%q): got %q, want an error", words, p)
		}
	}
}

// What is spelled means the same when it is read back.
func FuzzWords(f *testing.F) {
	f.Add([]byte("\xff\xfd\x18\rhello\r\n\xff\xfa\x1f\x00\x50\x00\xff\xff\xff\xf0\xff"))
	f.Add([]byte("\xff\xfa\x18\x00xterm\xff\xf0\xff\xfa\xff\xf0\xff\xfb\xff\xff\x05"))
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) > 1<<12 {
			return
		}
		words, _ := Words(p)
		back, err := Bytes(strings.Join(words, " "))
		if err != nil {
			t.Fatalf("%q is spelled %q: %v", p, words, err)
		}
		if again, left := Words(back); !slices.Equal(again, words) || len(left) > 0 {
			t.Fatalf("%q is spelled %q, and that %q", p, words, again)
		}
	})
}
