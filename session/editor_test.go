package session

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
)

// feed hands all of input to e, pieces of at most size bytes at a time, and returns what Take returned for each Enter,
// and the names of the other actions.
func feed(t *testing.T, e Editor, input string, size int) (got []string) {
	t.Helper()
	switch e := e.(type) { // a slow machine is no slow typist
	case *readlineEditor:
		e.keys.wait = time.Hour
	case *lineEditor:
		e.keys.wait = time.Hour
	}
	p := []byte(input)
	for len(p) > 0 {
		used, action := e.Feed(p[:min(size, len(p))])
		if used < 0 || used > min(size, len(p)) || used == 0 && action == None {
			t.Fatalf("Feed(%q) = %d, %v", p[:min(size, len(p))], used, action)
		}
		p = p[used:]
		switch action {
		case Submit:
			line, err := e.Take()
			if err != nil {
				line = "error: " + err.Error()
			}
			got = append(got, line)
		case Interrupt:
			got = append(got, "<interrupt>")
		case EOF:
			got = append(got, "<eof>")
		case Complete:
			got = append(got, "<complete>")
		case Redraw:
			got = append(got, "<redraw>")
		}
	}
	return got
}

// draft shows the line with its cursor, as in a transcript.
func draft(e CommandEditor) string {
	text, cursor := e.Line()
	return text[:cursor] + "_" + text[cursor:]
}

// anyPieces runs a test with the input whole and in pieces of one, two, three and seven bytes.
func anyPieces(t *testing.T, f func(t *testing.T, size int)) {
	t.Helper()
	for _, size := range []int{1, 2, 3, 7, 1 << 20} {
		f(t, size)
		if t.Failed() {
			t.Fatalf("in pieces of %d", size)
		}
	}
}

const family = "👨\u200d👩\u200d👧" // one character of five runes

var readlineTests = []struct {
	name, keys, want string
}{
	{"text", "say 0 hello", "say 0 hello_"},
	{"left", "abc\x1b[D\x02X", "aX_bc"},
	{"left in application mode", "abc\x1bODX", "abX_c"},
	{"left at the start", "a\x1b[D\x1b[D\x1b[DX", "X_a"},
	{"right", "abc\x01\x1b[C\x06X", "abX_c"},
	{"right in application mode", "abc\x01\x1bOCX", "aX_bc"},
	{"right at the end", "a\x06\x06X", "aX_"},
	{"home", "abc\x1b[HX", "X_abc"},
	{"home, vt220", "abc\x1b[1~X", "X_abc"},
	{"home, rxvt", "abc\x1b[7~X", "X_abc"},
	{"home, application mode", "abc\x1bOHX", "X_abc"},
	{"end", "abc\x01\x1b[FX", "abcX_"},
	{"end, vt220", "abc\x01\x1b[4~X", "abcX_"},
	{"end, rxvt", "abc\x01\x1b[8~X", "abcX_"},
	{"end, application mode", "abc\x01\x1bOFX", "abcX_"},
	{"end, control", "abc\x01\x05X", "abcX_"},
	{"word left", "say hello  world\x1b[1;5D\x1b[1;5D", "say _hello  world"},
	{"word left, Alt", "say hello\x1bb", "say _hello"},
	{"word left at the start", "say\x1bb\x1bb", "_say"},
	{"word right", "say hello  world\x01\x1b[1;5C\x1b[1;5C", "say hello  _world"},
	{"word right, Alt", "say hello\x01\x1bf\x1bf\x1bf", "say hello_"},
	{"words beyond ASCII", "grüße 日本\x1bb\x1bb", "_grüße 日本"},
	{"erase", "abc\x7f\x08", "a_"},
	{"erase inside", "abc\x02\x7f", "a_c"},
	{"erase at the start", "abc\x01\x7f", "_abc"},
	{"delete", "abc\x01\x1b[3~", "_bc"},
	{"delete, Ctrl-D", "abc\x01\x04\x04", "_c"},
	{"delete at the end", "abc\x1b[3~\x04", "abc_"},
	{"delete in an empty line", "\x1b[3~", "_"},
	{"delete the only one", "a\x01\x1b[3~b", "b_"},
	{"kill to the end", "abc\x02\x0bX", "abX_"},
	{"kill to the start", "abc\x02\x15", "_c"},
	{"kill a word", "say 0 hello \x17", "say 0 _"},
	{"kill a word inside", "say 0 hello\x1b[D\x1b[D\x17", "say 0 _lo"},
	{"kill the first word", "hello\x02\x02\x17", "_lo"},
	{"kill a word, Alt", "say hello\x1b\x7f", "say _"},
	{"yank", "hello\x15say \x19", "say hello_"},
	{"yank to the end", "abc def\x1bb\x0b\x01\x19", "def_abc "},
	{"yank keeps", "abc\x15\x19\x19", "abcabc_"},
	{"nothing to kill keeps", "abc\x15\x15\x0b\x17\x19", "abc_"},
	{"delete does not kill", "abc\x15d\x7f\x19", "abc_"},
	{"wide characters", "日本語\x02\x7f", "日_語"},
	{"combining mark, erase", "e\u0301x\x7f\x7f", "_"},
	{"combining mark, left", "ae\u0301\x02", "a_e\u0301"},
	{"joined emoji, erase", "a" + family + "\x7f", "a_"},
	{"joined emoji, left and right", "a" + family + "b\x02\x02\x02\x06X", "aX_" + family + "b"},
	{"joined emoji, delete", "a" + family + "b\x01\x06\x04", "a_b"},
	{"flags", "🇩🇪🇫🇷\x7f", "🇩🇪_"},
	{"erasing joins", "ex\u0301\x02\x7f", "_x\u0301"},
	{"inserting joins", "\u0301\x01e", "e\u0301_"},
	{"bytes that are no rune", "a\xffb\xe2\x82c\xc0\x80", "a\uFFFDb\uFFFDc\uFFFD\uFFFD_"},
	{"not printable", "a\u009b\u202e\u00ad\u200bb", "a\u009b\u202e\u00ad\u200bb_"},
	{"not printable, erased with what stands before it", "ab\u200b\u00ad\x7f", "a_"},
	{"not printable, left and right", "ab\u200bc\x02\x02\x04", "a_c"},
	{"what separates lines", "a\u2028b\u2029c\u0085d", "a b c d_"},
	{"words between other blanks", "say\u00a0hello\u3000world\u2003\u2009\x17\x17", "say\u00a0_"},
	{"word right over other blanks", "say\u00a0\u3000hello\x01\x1bf", "say\u00a0\u3000_hello"},
	{"other controls", "a\x00\x07\x0d\x0f\x11\x12\x13\x14\x16\x18\x1a\x1c\x1d\x1e\x1fb", "ab_"},
	{"search", "a\x12\x07\x12\x03b", "b_"},
	{"suspend", "a\x1ab", "ab_"},
	{"transpose", "ab\x14\x14", "ab_"},
	{"function keys", "a\x1b[11~\x1bOP\x1b[[A\x1b[24~\x1b[15;2~b", "ab_"},
	{"modified keys", "a\x1b[1;3A\x1bO5D\x1b[Zb", "b_a"},
	{"mouse", "a\x1b[M !!\x1b[<0;10;10M\x1b[<0;10;10m\x1b[32;1;1Mb", "ab_"},
	{"bracketed paste", "a\x1b[200~b\x1b[201~c", "abc_"},
	{"reports", "a\x1b[24;80R\x1b[?1;2c\x1b[Ib", "ab_"},
	{"title", "a\x1b]0;x\x07b\x1b]2;y\x1b\\c", "abc_"},
	{"device control string", "a\x1bP1$r0m\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde_"},
	{"a string without end", "a\x1b]0;x\x03b", "b_"},
	{"a string without end, Ctrl-U", "a\x1b]0;x\x15b", "b_"},
	{"a string without end, Backspace", "a\x1bPassw\x7fb", "aPassb_"},
	{"a string without end, a key", "a\x1bPx\x01b", "b_aPx"},
	{"a string that is too long", "a\x1b^" + strings.Repeat("x", 300) + "bcd",
		"a^" + strings.Repeat("x", 300) + "bcd_"},
	{"a string that is broken off", "a\x1bPx\x18b\x1b]x\x1ac", "abc_"},
	{"a string of other scripts", "a\x1b]日\x7f", "a]_"},
	{"ESC in a string", "a\x1b]0;x\x1b[Dc", "a]0;c_x"},
	{"ESC twice in a string", "a\x1b]x\x1b]y\x1b\\b", "a]xb_"},
	{"Alt and O, then a word", "a\x1bOh no", "aOh no_"},
	{"Alt and [, then a word", "a\x1b[1日", "a[1日_"},
	{"two Alt and [", "a\x1b[[hello", "a[[hello_"},
	{"keypad", "\x1bOp\x1bOy\x1bOk\x1bOX", "09+=_"},
	{"rxvt with Ctrl", "a b c\x1bOd\x1bOdX", "a X_b c"},
	{"lone ESC", "a\x1bx", "ax_"},
	{"lone ESC and a wide character", "a\x1b日", "a日_"},
	{"ESC ESC", "ab\x1b\x1b[Dx", "ax_b"},
	{"broken sequence", "ab\x1b[1\x02x", "ab[x_1"},
	{"sequence that is too long", "a\x1b[" + strings.Repeat("1", 80) + "Db", "a[" + strings.Repeat("1", 80) + "Db_"},
	{"Shift and arrows", "abc\x1b[1;2D\x1b[1;130DX\x1b[1;1:3D", "aX_bc"},
	{"kitty, text", "\x1b[97u\x1b[98;1u\x1b[97:65;2u\x1b[228;129u\x1b[97;1:3u", "abAä_"},
	{"kitty, keys", "abc def\x1b[98;3u\x1b[107;5u\x1b[127u\x1b[127;5uX\x1b[57407u\x1b[57441u", "X8_"},
	{"kitty, text told apart", "a\x1b[97;;97u\x1b[0;;229u\x1b[101:69;2;201u\x1b[97;5;97uX", "X_aaåÉ"},
	{"rxvt, Shift and a key that moves", "a\x1b[7$b\x1b[3$c", "abc_"},
	{"kitty, Ctrl on a Cyrillic keyboard", "abc\x1b[1092::97;5uX", "X_abc"},
	{"kitty, not ours", "a\x1b[97;9u\x1b[27u\x1b[57376u\x1b[0u\x1b[9999999u\x1b[?1u\x1b[97;5:3ub", "ab_"},
	{"modifyOtherKeys", "abc\x1b[27;5;97~X\x1b[27;2;65~\x1b[27;3;102~", "XAabc_"},
	{"pasted", "a\x1b[200~b\tc\x15\x1b[D\x7fd\x1b[201~\x7f", "ab c_"},
	{"pasted, called off", "a\x1b[200~b\tc\x03d\x02e\ne\x1b[201~f", "f_"},
	{"pasted without end, called off twice", "a\x1b[200~b\tc\x03d\x02\x03e\x02f", "f_e"},
	{"pasted with ends of lines", "a\x1b[200~\n\nb \n\x1b[201~c", "ab c_"},
	{"pasted inside", "ac\x02\x1b[200~日\x1b[3~b\x1b[201~", "a日b_c"},
	{"pasted nothing", "a\x1b[200~\n\n\x1b[201~b", "ab_"},
	{"interrupt", "abc\x03d", "d_"},
	{"history", "one\ntwo\n\x10\x10", "one_"},
	{"history, down", "one\ntwo\nthr\x1b[A\x1b[A\x1b[B", "two_"},
	{"history keeps the draft", "one\ntwo\nthr\x1b[A\x1bOA\x1b[A\x0e\x1bOB\x0e", "thr_"},
	{"history, edited", "one\n\x10\x7f\n\x10", "on_"},
	{"history, none", "\x10\x0e\x10x", "x_"},
	{"history, again", "one\none\n\nold\x10\x10\x0e", "old_"},
	{"history without duplicates", "two\none\none\none\n\x10\x10", "two_"},
}

func TestReadlineEditor(t *testing.T) {
	for _, tt := range readlineTests {
		t.Run(tt.name, func(t *testing.T) {
			anyPieces(t, func(t *testing.T, size int) {
				e := new(readlineEditor)
				rest := tt.keys
				for rest != "" {
					keys, after, enter := strings.Cut(rest, "\n")
					rest = after
					if !enter {
						feed(t, e, keys, size)
						break
					}
					for _, line := range feed(t, e, keys+"\n", size) {
						e.Remember(line)
					}
				}
				if got := draft(e); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				text, _ := e.Line()
				if line, err := e.Take(); line != text || err != nil {
					t.Errorf("Take() = %q, %v; want %q", line, err, text)
				}
				if got := feed(t, e, "who\n", size); len(got) != 1 || got[0] != "who" {
					t.Errorf("afterwards: got %q", got)
				}
			})
		})
	}
}

func TestReadlineEditorActions(t *testing.T) {
	long := strings.Repeat("x", chat.MaxLine)
	tooLong := "error: " + chat.ErrLineTooLong.Error()
	tests := []struct {
		name, keys string
		want       []string
	}{
		{"lines", "a\nb\n\nc", []string{"a", "b", ""}},
		{"end of file", "\x04", []string{"<eof>"}},
		{"end of file after a line", "a\n\x04", []string{"a", "<eof>"}},
		{"end of file after erasing", "a\x7f\x04", []string{"<eof>"}},
		{"interrupt", "ab\x03\x03", []string{"<interrupt>", "<interrupt>"}},
		{"complete", "he\t", []string{"<complete>"}},
		{"complete and enter", "he\t\n", []string{"<complete>", "he"}},
		{"redraw", "a\x0cb\n", []string{"<redraw>", "ab"}},
		{"delete is no end of file", "\x1b[3~a\x01\x1b[3~\x1b[3~\n", []string{""}},
		{"in the middle of a sequence", "a\x1b[\nb\n", []string{"a[", "b"}},
		{"in the middle of a rune", "a\xe2\x82\nb\n", []string{"a\uFFFD", "b"}},
		{"in the middle of a string", "a\x1bPx\nb\n", []string{"aPx", "b"}},
		{"Ctrl-M and Ctrl-J in kitty", "a\x1b[109;5ub\x1b[106;5u", []string{"a", "b"}},
		{"full", long + "\n", []string{long}},
		{"too long", long + "y\nok\n", []string{tooLong, "ok"}},
		{"far too long", strings.Repeat(long, 4) + "\nok\n", []string{tooLong, "ok"}},
		{"too long by one wide character", long[1:] + "日x\n", []string{tooLong}},
		{"too long and made shorter", long + "y\x7f\n", []string{long[1:]}},
		{"too long and moved about", long + "y\x01\x05\n", []string{tooLong}},
		{"too long and killed", long + "y\x15z\n", []string{"z"}},
		{"too long and interrupted", long + "y\x03z\n", []string{"<interrupt>", "z"}},
		{"yanked too often", long[:500] + "\x15" + strings.Repeat("\x19", 3) + "\n", []string{tooLong}},
		{"doubled too often", "ab\x15\x19\x19" + strings.Repeat("\x15\x19\x19", 40) + "\x15ok\n", []string{"ok"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			anyPieces(t, func(t *testing.T, size int) {
				e := new(readlineEditor)
				got := feed(t, e, tt.keys, size)
				if strings.Join(got, "|") != strings.Join(tt.want, "|") {
					t.Errorf("got %.200q, want %.200q", got, tt.want)
				}
			})
		})
	}
}

// What a Tab means depends on what was read with it.
func TestTab(t *testing.T) {
	for _, tt := range []struct {
		keys, line  string
		completions int
	}{
		{"he\t", "he", 1},
		{"he\t\t\t", "he", 1},
		{strings.Repeat("\t", 512), "", 1},
		{"a\tb", "a b", 0},
		{"a\t\tb\t", "a  b", 1},
		{"a\t日", "a 日", 0},
		{"a\tb\tc\n", "a b c", 0},
		{"a\t\n", "a", 1},
		{"a\t\nb", "a ", 0}, // the line is not taken here
		{"a\t\t\x03", "", 0},
		{"a\t\x15b", "b", 0},
		{"a\t\x1b[D", "a", 0},
		{"a\x1b[9u", "a", 1},
		{"a\x1b[200~\t\x1b[201~", "a ", 0},
	} {
		e := new(readlineEditor)
		completions := 0
		for p := []byte(tt.keys); len(p) > 0; {
			used, action := e.Feed(p)
			p = p[used:]
			if action == Complete {
				completions++
			} else if action == Submit {
				break
			}
		}
		if line, _ := e.Line(); line != tt.line || completions != tt.completions {
			t.Errorf("%.40q: %d completions, line %q; want %d, %q", tt.keys, completions, line, tt.completions, tt.line)
		}
	}
}

// Somebody presses ESC, or Alt and a key, waits, and types on.
func TestPauseAfterESC(t *testing.T) {
	for _, tt := range []struct {
		first, then string
		pause       time.Duration
		want        string
	}{
		{"\x1b", "Password", 50 * time.Millisecond, "Password"},
		{"\x1b", "[A", 50 * time.Millisecond, "[A"},
		{"\x1b", "Ok", time.Hour, "Ok"},
		{"\x1b", "]x", time.Second, "]x"},
		{"\x1b", "bx", time.Second, "bx"},
		{"\x1b", "[D.", 49 * time.Millisecond, "."},
		{"\x1bP", "assword", 50 * time.Millisecond, "Password"},
		{"\x1b[", "A", time.Second, "[A"},
		{"\x1b[1;", "5D", time.Second, "[1;5D"},
		{"\x1bO", "A", time.Second, "OA"},
		{"\x1b]x\x1b", "\\y", time.Second, "]x\\y"},
		{"\x1b]x\x1b", "\\y", 0, "y"},
		{"\x1b[M!", "ike", time.Second, "[M!ike"},
		{"\xe4\xbd", "\xa0", time.Hour, "你"}, // a rune may come in two packets
		{"\x1b[200~", "\tx\x1b[201~", 500 * time.Millisecond, " x"},
		{"\x1b[200~\x15", "x\x15y", time.Second, "y"},
	} {
		synctest.Test(t, func(t *testing.T) {
			for _, e := range []Editor{new(readlineEditor), newLineEditor(), newSecretEditor()} {
				e.Feed([]byte(tt.first))
				time.Sleep(tt.pause)
				e.Feed([]byte(tt.then))
				line, err := e.Take()
				if line != tt.want || err != nil {
					t.Errorf("%T: %q, %v, %q: got %q, %v; want %q", e, tt.first, tt.pause, tt.then, line, err, tt.want)
				}
			}
		})
	}
}

func TestReadlineEditorRingsWhenFull(t *testing.T) {
	e := new(readlineEditor)
	feed(t, e, strings.Repeat("x", chat.MaxLine), 100)
	for i, want := range []Action{Bell, None, None} {
		if used, action := e.Feed([]byte("y")); used != 1 || action != want {
			t.Errorf("key %d: Feed = %d, %v; want %v", i, used, action, want)
		}
	}
}

func TestEditorSetLine(t *testing.T) {
	tests := []struct {
		text   string
		cursor int
		want   string
	}{
		{"hello ", 6, "hello _"},
		{"hello", 2, "he_llo"},
		{"e\u0301x", 1, "e\u0301_x"},
		{"日", 1, "日_"},
		{"abc", 99, "abc_"},
		{"abc", -1, "_abc"},
		{"a\x1bb\tc", 0, "_a\uFFFDb c"},
		{"", 0, "_"},
		{strings.Repeat("x", chat.MaxLine+1), 0, "before_"},
	}
	for _, tt := range tests {
		e := new(readlineEditor)
		feed(t, e, "before", 10)
		e.SetLine(tt.text, tt.cursor)
		if got := draft(e); got != tt.want {
			t.Errorf("SetLine(%.20q, %d): got %.20q, want %q", tt.text, tt.cursor, got, tt.want)
		}
		feed(t, e, "X", 1)
		if got, want := draft(e), strings.Replace(tt.want, "_", "X_", 1); got != want {
			t.Errorf("SetLine(%.20q, %d), then a key: got %.20q, want %q", tt.text, tt.cursor, got, want)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var h history
	for i := range 500 {
		h.add(strings.Repeat("x", i%7+1) + string(rune('a'+i%26)))
	}
	if len(h.lines) != maxHistory {
		t.Errorf("%d lines, want %d", len(h.lines), maxHistory)
	}
	for i := range 500 {
		h.add(strings.Repeat("y", 1000) + string(rune('a'+i%26)))
	}
	total := 0
	for _, line := range h.lines {
		total += len(line)
	}
	if total > maxHistoryBytes || total != h.bytes || len(h.lines) != maxHistoryBytes/1001 {
		t.Errorf("%d lines of %d bytes, counted as %d", len(h.lines), total, h.bytes)
	}
	if _, ok := h.at(len(h.lines) + 1); ok {
		t.Error("there is a line before the first")
	}
}

func TestLineEditor(t *testing.T) {
	long := strings.Repeat("x", chat.MaxLine)
	tooLong := "error: " + chat.ErrLineTooLong.Error()
	tests := []struct {
		name, keys string
		want       []string
		draft      string
	}{
		{"lines", "a\nb\n\nc", []string{"a", "b", ""}, "c_"},
		{"erase", "abc\x7f\x08\n\x7fx", []string{"a"}, "x_"},
		{"erase a character", "ae\u0301\x7f\n" + family + "\x7fx\n", []string{"a", "x"}, "_"},
		{"kill", "abc\x15x\n", []string{"x"}, "_"},
		{"interrupt", "abc\x03x\n", []string{"<interrupt>", "x"}, "_"},
		{"end of file", "a\x04b\n\x04", []string{"ab", "<eof>"}, "_"},
		{"tab", "a\tb\n", []string{"a b"}, "_"},
		{"controls", "a\x00\x01\x05\x0b\x0c\x0e\x10\x12\x17\x19\x1ab\n", []string{"ab"}, "_"},
		{"sequences", "a\x1b[D\x1b[3~\x1bOH\x1b]0;x\x07\x1b[Ab\n", []string{"ab"}, "_"},
		{"not UTF-8", "gr\xfc\xdfe\n", []string{"gr\uFFFD\uFFFDe"}, "_"},
		{"full", long + "\n", []string{long}, "_"},
		{"too long", long + "y\nok\n", []string{tooLong, "ok"}, "_"},
		{"too long, then erased unseen", long + "y\x7f\x7f\nok\n", []string{tooLong, "ok"}, "_"},
		{"too long and killed", long + "y\x15ok\n", []string{"ok"}, "_"},
		{"megabytes", strings.Repeat(long, 1000) + "\nok\n", []string{tooLong, "ok"}, "_"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			anyPieces(t, func(t *testing.T, size int) {
				e := newLineEditor()
				got := feed(t, e, tt.keys, size)
				if strings.Join(got, "|") != strings.Join(tt.want, "|") {
					t.Errorf("got %.200q, want %.200q", got, tt.want)
				}
				if got := draft(e); got != tt.draft {
					t.Errorf("got %.200q, want %q", got, tt.draft)
				}
			})
		})
	}
}

// In a line that is sent whole, or that nobody sees, ESC and a letter are no key: only the ESC goes.
func TestWordBehindESC(t *testing.T) {
	for _, word := range []string{"bc", "fun", "[bcd", "[ hello", "[m", "Obcd", "Only", "Ok", "P x", "]x", "N", "\\x",
		"é"} {
		for _, e := range []Editor{newLineEditor(), newSecretEditor()} {
			e.Feed([]byte("a\x1b" + word + "\n"))
			if line, err := e.Take(); line != "a"+word || err != nil {
				t.Errorf("%T: ESC %s: got %q, %v", e, word, line, err)
			}
		}
	}
	for _, key := range []string{"[A", "OA", "OP", "[1;5D", "[3~", "[200~", "[I", "[<0;1;1m", "[97u\x7f", "[?64;1c"} {
		e := newLineEditor()
		e.Feed([]byte("a\x1b" + key))
		if line, _ := e.Take(); line != "a" {
			t.Errorf("ESC %s: got %q", key, line)
		}
	}
}

func TestLineEditorHoldsLittleBetweenLines(t *testing.T) {
	e := newLineEditor()
	feed(t, e, strings.Repeat("x", 5000)+"\n", 100)
	if cap(e.text) > maxKeptLine {
		t.Errorf("it holds %d bytes", cap(e.text))
	}
}

func TestSecretEditor(t *testing.T) {
	long := strings.Repeat("x", chat.MaxLine)
	tests := []struct {
		name, keys string
		want       []string
	}{
		{"password", "s3cret word\n", []string{"s3cret word"}},
		{"erase", "s3crey\x7ft\x08t\n", []string{"s3cret"}},
		{"erase a character", "ae\u0301\x7f" + "\n", []string{"a"}},
		{"kill", "wrong\x15s3\n", []string{"s3"}},
		{"kill a word", "two words\x17s3\n", []string{"s3"}},
		{"interrupt", "wrong\x03s3\n", []string{"<interrupt>", "s3"}},
		{"end of file", "a\x04\n\x04", []string{"a", "<eof>"}},
		{"keys", "a\x1b[D\x1b[A\x01\t\x12\x0c\x19\x1b]0;x\x07b\n", []string{"ab"}},
		{"not printable", "a\u202eb\u009bc\n", []string{"a\u202ebc"}},
		{"too long", long + "y\n" + long + "\n", []string{"error: " + chat.ErrLineTooLong.Error(), long}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			anyPieces(t, func(t *testing.T, size int) {
				e := newSecretEditor()
				got := feed(t, e, tt.keys, size)
				if strings.Join(got, "|") != strings.Join(tt.want, "|") {
					t.Errorf("got %.200q, want %.200q", got, tt.want)
				}
			})
		})
	}
}

func TestSecretEditorShowsNothing(t *testing.T) {
	e := newSecretEditor()
	feed(t, e, "s3cret", 1)
	if text, cursor := e.Shown(); text != "" || cursor != 0 {
		t.Errorf("Shown() = %q, %d", text, cursor)
	}
	if line, err := e.Take(); line != "s3cret" || err != nil {
		t.Errorf("Take() = %q, %v", line, err)
	}
}

// What the library could be made to do by 3 MB of hostile bytes: eat memory, or draw for minutes.
func TestReadlineEditorIsCheap(t *testing.T) {
	for _, input := range []string{
		"\x1b[" + strings.Repeat("1", 1<<20),
		"\x1b]" + strings.Repeat("1", 1<<20),
		strings.Repeat("x", 1<<20),
		"ab" + strings.Repeat("\x15\x19\x19", 100),
		"e" + strings.Repeat("\u0301", 500) + strings.Repeat("\x02\x06", 100),
	} {
		e := new(readlineEditor)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		feed(t, e, input, 4096)
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 16 {
			t.Errorf("%.10q allocates %d MB", input, n)
		}
	}
}
