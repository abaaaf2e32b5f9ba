package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"parley/chat"
)

// show writes what s has for v, and returns it.
func show(s *Screen, v *vt) string {
	v.t.Helper()
	b, _ := s.AppendTo(nil)
	v.write(b)
	if b, prompt := s.AppendTo(nil); len(b) > 0 || prompt {
		v.t.Errorf("and again %q, %v", b, prompt)
	}
	return string(b)
}

// prompt puts the cursor where "_" stands in line.
func prompt(s *Screen, line string) {
	left, right, _ := strings.Cut(line, "_")
	s.Prompt("<a:0> ", left+right, len(left))
}

func TestScreenBytes(t *testing.T) {
	long := strings.Repeat("x", 73) // fills the row behind the prompt
	tests := []struct {
		name, from, to, want string
	}{
		{"nothing", "abc_", "abc_", ""},
		{"typing", "abc_", "abcd_", "d"},
		{"typing a wide character", "abc_", "abc日_", "日"},
		{"typing into the last row", long + "_", long + "y_", "\r\ny"},
		{"erasing", "abc_", "ab_", "\b\x1b[K"},
		{"erasing a wide character", "a日_", "a_", "\b\b\x1b[K"},
		{"erasing an emoji", "a" + family + "_", "a_", "\r<a:0> a\x1b[K"},
		{"erasing the last row", long + "y_", long + "_", "\r\x1b[J\r\x1b[1A\x1b[79C"},
		{"left", "abc_", "ab_c", "\b"},
		{"right", "ab_c", "abc_", "c"},
		{"home", "hello world_", "_hello world", "\x1b[11D"},
		{"end", "_hello world", "hello world_", "\x1b[11C"},
		{"inserting", "ab_c", "abX_c", "Xc\x1b[K\b"},
		{"deleting", "a_bc", "a_c", "c\x1b[K\b"},
		{"a mark joins", "e_", "e\u0301_", "\be\u0301\x1b[K"},
		{"another line", "one_", "two_", "\b\b\btwo\x1b[K"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Screen
			v := newVT(t, 80, 24)
			s.SetMode(false, 80, 24)
			prompt(&s, tt.from)
			show(&s, v)
			prompt(&s, tt.to)
			if got := show(&s, v); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got, want := strings.ReplaceAll(v.screen(), "\n", ""), "<a:0> "+tt.to; got != want {
				t.Errorf("the terminal shows %q, want %q", got, want)
			}
		})
	}
}

func TestScreenMessages(t *testing.T) {
	tests := []struct {
		name       string
		editsLines bool
		columns    int
		do         func(s *Screen)
		want       string // bytes
	}{
		{"in the middle of a line", false, 80, func(s *Screen) {
			s.Print("one")
			s.Print("two\nthree")
		}, "\r\x1b[Jone\r\ntwo\r\nthree\r\n<a:0> hel\b"},
		{"and the line changes", false, 80, func(s *Screen) {
			s.Print("one")
			prompt(s, "help_")
		}, "\r\x1b[Jone\r\n<a:0> help"},
		{"Enter", false, 80, func(s *Screen) {
			s.Enter()
			s.Print("answer")
			prompt(s, "_")
		}, "l\r\nanswer\r\n<a:0> "},
		{"Enter after the last key", false, 80, func(s *Screen) {
			prompt(s, "help_")
			s.Enter()
			s.Enter()
		}, "lp\r\n"},
		{"message, Enter, message", false, 80, func(s *Screen) {
			s.Print("one")
			s.Enter()
			s.Print("two")
		}, "\r\x1b[Jone\r\n<a:0> hel\r\ntwo\r\n"},
		{"clear", false, 80, func(s *Screen) { s.Clear() }, "\r\x1b[J\x1b[H\x1b[J<a:0> hel\b"},
		{"peer with lines of its own", true, 0, func(s *Screen) {
			s.Print("one")
			s.Print("two")
		}, "\r\none\r\ntwo\r\n<a:0> "},
		{"peer with lines of its own, Enter", true, 0, func(s *Screen) {
			s.Enter()
			s.Print("answer")
			s.Prompt("<a:1> ", "x", 1)
		}, "answer\r\n<a:1> "},
		{"given up", false, 80, func(s *Screen) {
			s.Leave()
			s.Print("goodbye")
		}, "l\r\ngoodbye\r\n"},
		{"peer with lines of its own, given up", true, 0, func(s *Screen) {
			s.Leave()
			s.Print("goodbye")
		}, "\r\ngoodbye\r\n"},
		{"peer with lines of its own, typing", true, 0, func(s *Screen) {
			prompt(s, "help_")
			s.Clear()
		}, ""},
		{"peer with lines of its own, another prompt", true, 0, func(s *Screen) {
			s.Prompt("<b:0> ", "", 0)
		}, "\r\n<b:0> "},
		{"peer with lines of its own, long line", true, 0, func(s *Screen) {
			s.Enter()
			s.Print(strings.Repeat("word ", 40))
		}, strings.Repeat("word ", 40) + "\r\n"},
		{"peer with lines of its own, wrapped", true, 40, func(s *Screen) {
			s.Enter()
			s.Print("bob: " + strings.Repeat("word ", 9))
		}, "bob: word word word word word word word\r\n    word word \r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Screen
			s.SetMode(tt.editsLines, tt.columns, 24)
			prompt(&s, "he_l")
			b, fresh := s.AppendTo([]byte("before "))
			if !strings.HasPrefix(string(b), "before <a:0> ") || !fresh {
				t.Errorf("first: %q, %v", b, fresh)
			}
			tt.do(&s)
			b, _ = s.AppendTo(nil)
			if string(b) != tt.want {
				t.Errorf("got %q, want %q", b, tt.want)
			}
			if s.out != nil {
				t.Error("it keeps a buffer")
			}
		})
	}
}

func TestScreenTellsFreshPrompts(t *testing.T) {
	for _, editsLines := range []bool{false, true} {
		var s Screen
		s.SetMode(editsLines, 80, 24)
		steps := []struct {
			do   func()
			want bool
		}{
			{func() { s.Print("banner") }, false},
			{func() { prompt(&s, "_") }, true},
			{func() { prompt(&s, "a_") }, false},
			{func() { s.Print("message") }, true},
			{func() { s.Enter() }, false},
			{func() { s.Print("answer") }, false},
			{func() { prompt(&s, "_") }, true},
		}
		for i, step := range steps {
			step.do()
			if _, got := s.AppendTo(nil); got != step.want {
				t.Errorf("editsLines %v, step %d: got %v", editsLines, i, got)
			}
		}
	}
}

func TestScreenTallLine(t *testing.T) {
	var s Screen
	v := newVT(t, 20, 3)
	s.SetMode(false, 20, 3)
	s.Print("above")
	line := ""
	for i := range 7 {
		line += fmt.Sprintf("%019d", i)
	}
	for n := range len(line) + 1 {
		s.Prompt("", line[:n], n)
		show(&s, v)
	}
	if got, want := v.screen(), "0000000000000000006_"; !strings.HasSuffix(got, want) || strings.Count(got, "\n") > 3 {
		t.Errorf("at the end: %q", got)
	}
	for n := len(line); n >= 0; n-- {
		s.Prompt("", line, n)
		show(&s, v)
	}
	if got := v.screen(); !strings.HasSuffix(got,
		"above\n_0000000000000000000\n0000000000000000001\n0000000000000000002") {
		t.Errorf("at the start: %q", got)
	}
	s.Enter()
	s.Print("below")
	s.Prompt("> ", "", 0)
	show(&s, v)
	if got := v.screen(); !strings.HasSuffix(got, "0000000000000000006\nbelow\n> _") {
		t.Errorf("after Enter: %q", got)
	}
}

func TestScreenDumb(t *testing.T) {
	s := Screen{Dumb: true}
	v := newVT(t, 40, 24)
	v.dumb = true
	s.SetMode(false, 40, 24)
	line := ""
	for i := range 60 {
		line += string(rune('a' + i%26))
		prompt(&s, line+"_")
		got := show(&s, v)
		if i > 0 && i < 32 && got != line[i:] {
			t.Fatalf("typing: %q", got)
		}
	}
	s.Print("message")
	show(&s, v)
	prompt(&s, "_"+line)
	show(&s, v)
	if got, want := v.screen(), "message\n<a:0> _abcdefghijklmnopqrstuvwxyzabcdefg"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Clear()
	prompt(&s, "ab_")
	show(&s, v)
	prompt(&s, "a_")
	if got := show(&s, v); got != "\b \b" {
		t.Errorf("erasing: %q", got)
	}
	s.SetMode(false, 80, 24)
	show(&s, v)
	s.Enter()
	show(&s, v)
	if got, want := v.screen(), "message\n<a:0> a\n_"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScreenResize(t *testing.T) {
	for _, columns := range []int{40, 41, 55, 79, 80, 120, 500} {
		for _, text := range []string{"_", "hello_", strings.Repeat("word ", 20) + "_", strings.Repeat("日本語", 40) +
			"_" + strings.Repeat("x", 90)} {
			var s Screen
			v := newVT(t, 80, 24)
			s.SetMode(false, 80, 24)
			s.SetName("xterm-kitty") // which wraps anew when it becomes narrower
			s.Print("above")
			prompt(&s, text)
			show(&s, v)
			v.resize(columns)
			s.SetMode(false, columns, 24)
			show(&s, v)
			got := strings.ReplaceAll(v.screen(), "\n", "")
			if want := "above<a:0> " + text; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
				t.Errorf("%d columns: got %q, want %q", columns, got, want)
			}
		}
	}
}

// Of a terminal called xterm nobody knows whether it wraps anew. What stands above is never lost, and the line stands
// whole at the end.
func TestScreenNarrower(t *testing.T) {
	for _, columns := range []int{40, 41, 55, 79, 81, 120} {
		for _, reflows := range []bool{false, true} {
			for _, text := range []string{"_", "hello_", strings.Repeat("word ", 20) + "_", "_" +
				strings.Repeat("x", 300), strings.Repeat("日本語", 40) + "_" + strings.Repeat("x", 90)} {
				var s Screen
				v := newVT(t, 80, 24)
				s.SetMode(false, 80, 24)
				s.SetName("xterm-256color")
				for i := range 30 {
					s.Print(fmt.Sprint("above ", i))
				}
				prompt(&s, text)
				show(&s, v)
				if reflows {
					v.resize(columns)
				} else {
					v.cut(columns)
				}
				s.SetMode(false, columns, 24)
				show(&s, v)
				rows := v.text()
				for i := range 30 {
					if want := fmt.Sprint("above ", i); rows[i] != want {
						t.Fatalf("%d columns, %v, %q: row %d is %q", columns, reflows, text, i, rows[i])
					}
				}
				before, _, _ := strings.Cut(text, "_")
				line := "<a:0> " + strings.Replace(text, "_", "", 1)
				d := stacked(line, len("<a:0> ")+len(before), columns-1, 24)
				want := trimmed(nil, d.rows, 0)
				if len(rows) < len(want) || !slices.Equal(rows[len(rows)-len(want):], want) {
					t.Errorf("%d columns, %v: got %q, want %q at the end", columns, reflows, rows[30:], want)
				}
			}
		}
	}
}

func TestScreenChangesKind(t *testing.T) {
	var s Screen
	s.SetMode(true, 0, 0)
	s.Prompt("name: ", "", 0)
	s.SetMode(true, 80, 24)
	s.SetMode(false, 80, 24)
	b, _ := s.AppendTo(nil)
	if string(b) != "name: " {
		t.Errorf("before anything stood: %q", b)
	}
	s.SetMode(true, 80, 24)
	if b, _ = s.AppendTo(nil); string(b) != "\r\x1b[Jname: " {
		t.Errorf("to lines: %q", b)
	}
	s.SetMode(true, 100, 24)
	if b, _ = s.AppendTo(nil); len(b) > 0 {
		t.Errorf("resized: %q", b)
	}
	s.SetMode(false, 100, 24)
	if b, _ = s.AppendTo(nil); string(b) != "\rname: " {
		t.Errorf("to keys: %q", b)
	}
}

func TestStackedAndScrolled(t *testing.T) {
	lines := []string{"", "a", "hello, world", strings.Repeat("日", 50), "e\u0301" + family + "🇩🇪",
		strings.Repeat("a日", 40), "\u0301x", strings.Repeat("ก\u0e33", 30), "ก" + strings.Repeat("\u0e33", 60)}
	for _, line := range lines {
		for _, width := range []int{15, 16, 39, 79} {
			all := stacked(line, len(line), width, 1000)
			if strings.Join(all.rows, "") != line {
				t.Errorf("%q in %d: rows %q", line, width, all.rows)
			}
			for _, m := range (&modelEditor{line: line}).marks() {
				d := stacked(line, m, width, 1000)
				if left := strings.Join(d.rows[:d.row], "") + d.left; left != line[:m] ||
					!strings.HasPrefix(d.rows[d.row], d.left) {
					t.Errorf("%q in %d: left of %d stands %q", line, width, m, left)
				}
				low := stacked(line, m, width, 2)
				if len(low.rows) > 2 || low.row >= len(low.rows) || low.left != d.left ||
					low.rows[low.row] != d.rows[d.row] {
					t.Errorf("%q in %d, 2 rows: %q, %v", line, width, low.rows, low.place)
				}
				one := scrolled(line, m, width)
				if len(one.rows) != 1 || !strings.Contains(line, one.rows[0]) ||
					!strings.HasPrefix(one.rows[0], one.left) || !strings.HasSuffix(line[:m], one.left) {
					t.Errorf("%q in %d, scrolled to %d: %q, %v", line, width, m, one.rows, one.place)
				}
				for _, row := range slices.Concat(d.rows, one.rows) {
					if cells(row) > width {
						t.Errorf("%q in %d: %q is wider", line, width, row)
					}
				}
			}
		}
	}
}

var fuzzPieces = []string{"a", "b", "word ", " ", "  ", "日", "é", "e\u0301", "\u0301", family, "🇩🇪", "🇫", "☺\uFE0F",
	"1\uFE0F\u20e3", "\u2e3b", "ก\u0e33", "Ж", "\u00a0", "한", "\u1112\u1161"}

// FuzzScreen types, moves, prints and resizes at random, and compares what a terminal shows with what it should show.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x20\x21\x60\x00\x80\x40\x01\xa0\x00\xc0"), false)
	f.Add([]byte("\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x25\x60\x85\xa0\x80\xe0\x05\x09\x60\xc2\xa3"), false)
	f.Add([]byte("\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x60\x85\xa0\x80"), true)
	f.Fuzz(func(t *testing.T, ops []byte, dumb bool) {
		for j := range judges {
			playScreen(t, ops, dumb, j)
		}
	})
}

func TestScreenAtRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		ops := make([]byte, 200)
		for i := range ops {
			ops[i] = byte(random.Uint32())
			if random.IntN(3) > 0 {
				ops[i] &= 0x7F // more typing than anything else
			}
		}
		playScreen(t, ops, random.IntN(4) == 0, judge(random.IntN(int(judges))))
		if t.Failed() {
			t.Fatalf("%#v", ops)
		}
	}
}

// playScreen compares the terminal, which judges of widths as it likes, with what should stand on it after each op.
func playScreen(t *testing.T, ops []byte, dumb bool, judge judge) {
	s := Screen{Dumb: dumb, name: "xterm-kitty", met: true}
	columns := 40
	v := newVT(t, columns, 100)
	v.dumb, v.judge = dumb, judge
	s.SetMode(false, columns, 100)
	var line modelEditor
	var want []string
	rows := func(cursor int) display {
		text, at := "<a:0> "+line.line, 6+cursor
		if at < len(text) {
			at, _ = clusterAt(text, at)
		}
		if dumb {
			return scrolled(text, at, columns-1)
		}
		return stacked(text, at, columns-1, 100)
	}
	for i, op := range ops[:min(len(ops), 400)] {
		n := int(op & 0x1F)
		switch op >> 5 {
		case 0, 1: // type
			for _, r := range fuzzPieces[n%len(fuzzPieces)] {
				if len(line.line) < 400 {
					line.press(key(r))
				}
			}
		case 2:
			line.press([]key{keyErase, keyDelete, keyKillEnd, keyKillStart}[n%4])
		case 3:
			line.press([]key{keyLeft, keyRight, keyHome, keyEnd, keyLeft, keyLeft}[n%6])
		case 4:
			text := "bob: " + strings.Repeat(fuzzPieces[n%len(fuzzPieces)], n*3)
			if judge != likeMost {
				text = "bob: " + strings.Repeat("x", n*3)
			}
			s.Print(text)
			want = append(want, strings.Split(string(appendWrapped(nil, text, columns-1)), "\r\n")...)
		case 5:
			s.Prompt("<a:0> ", line.line, line.cursor)
			s.Enter()
			want = append(want, rows(len(line.line)).rows...)
			line = modelEditor{}
		case 6:
			if dumb || judge != likeMost {
				break
			}
			show(&s, v)
			columns = 40 + n*3
			v.resize(columns)
			s.SetMode(false, columns, 100)
		}
		s.Prompt("<a:0> ", line.line, line.cursor)
		if op&1 == 0 && op>>5 < 4 {
			continue // several keys at once
		}
		show(&s, v)
		v.unfold()
		d, above := rows(line.cursor), len(want)
		got, want := v.text(), trimmed(want, d.rows, above+d.row)
		for len(got) > 0 && len(want) > 0 && got[0] == want[0] {
			got, want = got[1:], want[1:]
		}
		if len(got)+len(want) > 0 {
			t.Fatalf("op %d (%#x), judge %d, dumb %t: got\n%q\nwant\n%q", i, op, judge, dumb, got, want)
		}
		row, col := above+d.row, judge.line(d.left)
		if v.row != row || v.col != col {
			t.Fatalf("op %d (%#x): cursor at %d,%d, want %d,%d", i, op, v.row, v.col, row, col)
		}
	}
}

// trimmed returns what vt.text does: no blanks at the ends, no empty rows below the one of the cursor.
func trimmed(above, below []string, cursor int) (rows []string) {
	for _, row := range slices.Concat(above, below) {
		rows = append(rows, strings.TrimRight(row, " "))
	}
	for len(rows) > cursor+1 && rows[len(rows)-1] == "" {
		rows = rows[:len(rows)-1]
	}
	return rows
}

func BenchmarkRedraw(b *testing.B) {
	line := "say 0 " + strings.Repeat("hello, world ", 10)
	benchmarks := []struct {
		name string
		do   func(s *Screen, i int)
	}{
		{"key", func(s *Screen, i int) {
			n := len(line) - i%2
			s.Prompt("<alice:0> ", line[:n], n)
		}},
		{"middle", func(s *Screen, i int) {
			text := line[i%2:]
			s.Prompt("<alice:0> ", text, len(text)/2)
		}},
		{"message", func(s *Screen, _ int) {
			s.Prompt("<alice:0> ", line, len(line))
			s.Print("[Room 0] *bob*: hello")
		}},
	}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			var s Screen
			s.SetMode(false, 80, 24)
			var buf []byte
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				bb.do(&s, i)
				buf, _ = s.AppendTo(buf[:0])
			}
		})
	}
}

func BenchmarkReadlineEditor(b *testing.B) {
	for _, bb := range []struct {
		name, keys string
	}{
		{"keys", "x\x7f"},
		{"line from idle", "say 0 hello\x03"},
		{"paste", strings.Repeat("x", chat.MaxLine) + "\x15"},
		{"paste inside", "b\x02" + strings.Repeat("x", chat.MaxLine-1) + "\x15\x04"},
		{"long words", strings.Repeat("x", chat.MaxLine) + strings.Repeat("\x1bb\x1bf", 100) + "\x03"},
		{"marks", "e" + strings.Repeat("\u0301", 500) + strings.Repeat("\x02\x06", 100) + "\x03"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			e := new(readlineEditor)
			b.ReportAllocs()
			for b.Loop() {
				for p := []byte(bb.keys); len(p) > 0; {
					used, _ := e.Feed(p)
					p = p[used:]
				}
			}
		})
	}
}
