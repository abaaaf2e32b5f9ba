package session

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"parley/chat"
)

// A modelEditor does slowly and plainly what readlineEditor does with the library.
type modelEditor struct {
	line   string
	cursor int
	full   bool
}

// marks returns the offsets where the cursor may stand.
func (m *modelEditor) marks() []int {
	marks := []int{0}
	for g := uniseg.NewGraphemes(m.line); g.Next(); {
		_, to := g.Positions()
		if r, _ := utf8.DecodeRuneInString(m.line[to:]); to == len(m.line) || chat.Printable(r) {
			marks = append(marks, to)
		}
	}
	return marks
}

func (m *modelEditor) left() int {
	marks := m.marks()
	return marks[max(0, slices.Index(marks, m.cursor)-1)]
}

func (m *modelEditor) right() int {
	marks := m.marks()
	return marks[min(len(marks)-1, slices.Index(marks, m.cursor)+1)]
}

func (m *modelEditor) cut(from, to int) {
	if from < to {
		m.set(m.line[:from]+m.line[to:], from)
		m.full = false
	}
}

func (m *modelEditor) set(line string, cursor int) {
	m.line = line
	for _, m.cursor = range m.marks() {
		if m.cursor >= cursor {
			break
		}
	}
}

// press reports whether the model knows the key.
func (m *modelEditor) press(k key) bool {
	switch {
	case k > 0:
		text := string(typed(k))
		m.full = m.full || len(m.line)+len(text) > chat.MaxLine
		if !m.full {
			m.set(m.line[:m.cursor]+text+m.line[m.cursor:], m.cursor+len(text))
		}
	case k >= 0, k == keyTab, k == keyRedraw, k == keyEOF && m.line == "":
	case k == keyInterrupt, k == keyEnter:
		*m = modelEditor{}
	case k == keyErase:
		m.cut(m.left(), m.cursor)
	case k == keyDelete, k == keyEOF:
		m.cut(m.cursor, m.right())
	case k == keyKillStart:
		m.cut(0, m.cursor)
	case k == keyKillEnd:
		m.cut(m.cursor, len(m.line))
	case k == keyLeft:
		m.cursor = m.left()
	case k == keyRight:
		m.cursor = m.right()
	case k == keyHome:
		m.cursor = 0
	case k == keyEnd:
		m.cursor = len(m.line)
	default:
		return false
	}
	return true
}

// FuzzEditor types whatever there is, and compares with the model after every byte; then all in pieces of one size.
func FuzzEditor(f *testing.F) {
	for _, tt := range readlineTests {
		if len(tt.keys) < 200 {
			f.Add([]byte(tt.keys), 3)
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, size int) {
		input = input[:min(len(input), 4*chat.MaxLine)]
		e := new(readlineEditor)
		var model modelEditor
		var decoder keyDecoder
		tabs := false // what they mean depends on the pieces
		for i := range input {
			check := true
			pasting := e.paste != nil
			for again := true; again; {
				var k key
				k, again = decoder.next(input[i])
				tabs = tabs || k == keyTab
				pasting = pasting || k == keyPaste
				check = !pasting && model.press(k) && check
			}
			feed(t, e, string(input[i:i+1]), 1)
			decoder.pasted = e.keys.pasted
			line, cursor := e.Line()
			if len(line) > chat.MaxLine || !utf8.ValidString(line) || cursor < 0 || cursor > len(line) {
				t.Fatalf("byte %d: line %q of %d bytes, cursor %d", i, line, len(line), cursor)
			}
			for _, r := range line {
				if r < ' ' || r == del || r == '\u2028' || r == '\u2029' || r == '\u0085' {
					t.Fatalf("byte %d: %U in %q", i, r, line)
				}
			}
			if !check {
				model.line, model.cursor, model.full = line, cursor, e.full
				if !slices.Contains(model.marks(), cursor) {
					t.Fatalf("byte %d: cursor %d inside of a character of %q", i, cursor, line)
				}
			}
			if line != model.line || cursor != model.cursor {
				t.Fatalf("byte %d: got %q, %d; want %q, %d", i, line, cursor, model.line, model.cursor)
			}
		}
		pieces := new(readlineEditor)
		feed(t, pieces, string(input), 1+int(uint(size)%100))
		if got, want := draft(pieces), draft(e); got != want && !tabs {
			t.Fatalf("in pieces: got %q, want %q", got, want)
		}
		if got := feed(t, e, "\x03\x03ok\n", 5); got[len(got)-1] != "ok" {
			t.Fatalf("afterwards: got %q", got)
		}
	})
}

// FuzzLineEditor does the same for the editors that only collect a line.
func FuzzLineEditor(f *testing.F) {
	f.Add([]byte("say 0 hel\x7flo\nwho\x1b[D\x15\x00\xff\n"), 3)
	f.Add([]byte("\x1b]0;\x1b[<1;2\x03\xe2\x82\n"), 1)
	f.Fuzz(func(t *testing.T, input []byte, size int) {
		for _, secret := range []bool{false, true} {
			lines := fuzzLines(t, &lineEditor{keys: keyDecoder{plain: true}, secret: secret}, input, len(input)+1)
			pieces := fuzzLines(t, &lineEditor{keys: keyDecoder{plain: true}, secret: secret}, input,
				1+int(uint(size)%100))
			if !slices.Equal(lines, pieces) {
				t.Fatalf("in pieces: got %q, want %q", pieces, lines)
			}
		}
	})
}

func fuzzLines(t *testing.T, e Editor, p []byte, size int) (lines []string) {
	take := func() {
		line, err := e.Take()
		if !utf8.ValidString(line) || len(line) > chat.MaxLine || err != nil && line != "" {
			t.Fatalf("Take() = %q, %v", line, err)
		}
		lines = append(lines, line)
	}
	for len(p) > 0 {
		used, action := e.Feed(p[:min(len(p), size)])
		p = p[used:]
		if action == Submit {
			take()
		}
	}
	take()
	return lines
}
