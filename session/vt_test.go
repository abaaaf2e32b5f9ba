package session

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A vt is a little terminal. It complains of sequences that it does not know, of text in the last column, and in dumb
// mode of any sequence.
type vt struct {
	t             testing.TB
	columns, rows int
	dumb          bool
	lines         []*vtLine // all that was ever shown; the last rows of them are on the screen
	row, col      int       // row counts from the first line
	bytes         int       // received so far
	judge         judge     // how wide the terminal thinks that a character is
	last          int       // the column of the cell that a further mark would join, or -1
}

// A judge is a terminal's opinion of how many columns a character takes, where terminals differ.
type judge uint8

const (
	likeMost  judge = iota // as most do
	widest                 // as many as it may
	narrowest              // one at most
	oneByOne               // some so, some so
	judges
)

func (j judge) cells(c string) int {
	r, size := utf8.DecodeRuneInString(c) // what joins it later makes it no narrower
	most := typedRuneCells(r)
	switch {
	case j == widest:
		return typedCells(c)
	case j == likeMost, most == 0, certain(c[:size]):
		return uniseg.StringWidth(c)
	case j == narrowest:
		return 1
	}
	return 1 + int(r)%most
}

// line returns the columns of all characters in s.
func (j judge) line(s string) (n int) {
	for s != "" {
		c := firstCluster(s)
		n += j.cells(c)
		s = s[len(c):]
	}
	return n
}

// A vtLine is a row. A cell is a grapheme cluster, or empty where a wide one goes on.
type vtLine struct {
	cells  []string
	folded bool // the terminal has wrapped it itself: it goes on in the next row
}

func newVT(t testing.TB, columns, rows int) *vt {
	return &vt{t: t, columns: columns, rows: rows, lines: []*vtLine{{}}, last: -1}
}

func (v *vt) top() int { return max(0, len(v.lines)-v.rows) }

func (v *vt) write(p []byte) {
	v.t.Helper()
	v.bytes += len(p)
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		if r >= 0x20 && r != 0x7F {
			v.put(r)
			p = p[size:]
			continue
		}
		v.last = -1
		switch r {
		case '\r':
			v.col = 0
		case '\n':
			if v.row++; v.row == len(v.lines) {
				v.lines = append(v.lines, &vtLine{})
			}
		case '\b':
			v.col = max(0, v.col-1)
		case esc:
			size = v.sequence(p)
		default:
			v.t.Errorf("control character %#x", r)
		}
		p = p[size:]
	}
}

func (v *vt) sequence(p []byte) int {
	v.t.Helper()
	if v.dumb {
		v.t.Errorf("a sequence for a dumb terminal: %.10q", p)
	}
	n, i := 0, 2
	for ; p[i] >= '0' && p[i] <= '9'; i++ {
		n = 10*n + int(p[i]-'0')
	}
	n = max(n, 1)
	switch p[i] {
	case 'A':
		v.row = max(v.top(), v.row-n)
	case 'C':
		v.col = min(v.columns-1, v.col+n)
	case 'D':
		v.col = max(0, v.col-n)
	case 'H':
		v.row, v.col = v.top(), 0
	case 'J':
		v.clear()
		v.lines = v.lines[:v.row+1]
		for v.row < v.top() { // the screen does not scroll back
			v.lines = append(v.lines, &vtLine{})
		}
	case 'K':
		v.clear()
	default:
		v.t.Errorf("sequence %.10q", p)
	}
	return i + 1
}

func (v *vt) clear() {
	line := v.lines[v.row]
	line.cells = line.cells[:min(v.col, len(line.cells))]
	line.folded = false
}

func (v *vt) put(r rune) {
	v.t.Helper()
	if r == ' ' && v.col == v.columns { // the last column was filled
		v.col, v.last = 0, -1
		if v.row++; v.row == len(v.lines) {
			v.lines = append(v.lines, &vtLine{})
		}
	}
	line := v.lines[v.row]
	c, at := string(r), v.col
	if v.last >= 0 {
		if joined := line.cells[v.last] + c; uniseg.GraphemeClusterCount(joined) == 1 {
			c, at = joined, v.last
		}
	}
	n := v.judge.cells(c)
	if at+n > v.columns-1 && r != ' ' {
		v.t.Errorf("%q written to column %d of %d", c, at+n, v.columns)
	}
	for len(line.cells) < at+max(n, 1) {
		line.cells = append(line.cells, " ")
	}
	line.cells[at] = c
	for i := at + 1; i < at+n; i++ {
		line.cells[i] = ""
	}
	v.last, v.col = at, at+n
}

// cut changes the width as xterm does: what stood behind the edge is gone.
func (v *vt) cut(columns int) {
	for _, line := range v.lines {
		line.cells = line.cells[:min(columns, len(line.cells))]
	}
	v.columns, v.col, v.last = columns, min(v.col, columns-1), -1
}

// resize changes the width, and wraps every row anew as modern terminals do.
func (v *vt) resize(columns int) {
	var lines []*vtLine
	row, col := 0, 0
	var joined []string
	start := 0 // of the part in joined
	for i, line := range v.lines {
		start = len(joined)
		joined = append(joined, line.cells...)
		at := -1
		if i == v.row {
			for at = start + v.col; len(joined) < at; {
				joined = append(joined, " ")
			}
		}
		if line.folded {
			v.t.Fatal("resized twice without drawing between")
		}
		first := 0
		for {
			n := min(columns, len(joined)-first)
			for first+n < len(joined) && joined[first+n] == "" && n > 1 {
				n--
			}
			more := first+n < len(joined)
			if at >= first && (at < first+n || !more) {
				row, col = len(lines), at-first
			}
			lines = append(lines, &vtLine{cells: append([]string(nil), joined[first:first+n]...), folded: more})
			first += n
			if !more {
				break
			}
		}
		joined = joined[:0]
	}
	v.lines, v.row, v.col, v.columns, v.last = lines, row, col, columns, -1
}

// unfold forgets that rows above the cursor were wrapped, so that the next resize can be told from this one.
func (v *vt) unfold() {
	var lines []*vtLine
	for i := 0; i < len(v.lines); i++ {
		line := &vtLine{cells: v.lines[i].cells}
		lines = append(lines, line)
		for v.lines[i].folded {
			line.cells = append(line.cells, v.lines[i+1].cells...)
			v.lines = append(v.lines[:i], v.lines[i+1:]...)
			if v.row > i {
				v.row--
			}
		}
	}
	v.lines = lines
}

// text returns all rows without the blanks at their ends, and without empty rows below the cursor.
func (v *vt) text() []string {
	var rows []string
	for _, line := range v.lines {
		rows = append(rows, strings.TrimRight(strings.Join(line.cells, ""), " "))
	}
	for len(rows) > v.row+1 && rows[len(rows)-1] == "" {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// screen returns text, with "_" for the cursor.
func (v *vt) screen() string {
	rows := v.text()
	line := v.lines[v.row]
	n := min(v.col, len(line.cells))
	left := strings.Join(line.cells[:n], "") + strings.Repeat(" ", v.col-n)
	rows[v.row] = left + "_" + strings.TrimRight(strings.Join(line.cells[n:], ""), " ")
	return strings.Join(rows, "\n")
}
