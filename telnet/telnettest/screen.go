package telnettest

import (
	"errors"
	"strings"

	"github.com/rivo/uniseg"
)

// ErrScreenFull is returned by [Screen.Write] when 100,000 rows have been written: a test that shows more has gone
// wild.
var ErrScreenFull = errors.New("telnettest: screen is full")

const maxRows = 100_000

// A Screen is what a terminal shows: give it the bytes that the terminal would get, ask it what a person would see.
//
// It knows the controls CR, LF, BS, TAB and BEL, the sequences CUU CUD CUF CUB CHA CUP ED EL of ECMA-48, DECSC and
// DECRC; colours (SGR), the cursor's look and bracketed paste make no difference to it. Whatever else a program sends
// is left out and reported by [Screen.Unknown]. As in xterm, the cursor waits in the last column after the character
// there, and the next one wraps. A cell holds one grapheme cluster, of one or two columns as uniseg counts them.
//
// Nothing is forgotten: rows that scroll off stay in Finished. Resize flows the lines anew as VTE, kitty and Windows
// Terminal do (xterm itself cuts them off), and what was one line stays one line.
//
// A Screen is not safe for concurrent use.
type Screen struct {
	columns, rows int
	grid          []row // all rows ever, the last of them on the screen
	top           int   // index in grid of the screen's first row
	x, y          int   // the cursor; y is an index in grid
	pending       bool  // the cursor stands behind the last column
	savedX        int
	savedY        int // counted from top
	parser        parser
	unknown       []string
}

type row struct {
	cells   []cell // always as many as there are columns
	wrapped bool   // its text goes on in the next row
}

// cell is one column. The zero cell is blank.
type cell struct {
	text string // a grapheme cluster
	kind cellKind
}

type cellKind uint8

const (
	narrow  cellKind = iota
	wide             // the left half
	rest             // the right half of the wide cell before it
	skipped          // left empty at the end of a row because a wide cell did not fit
)

// NewScreen returns an empty screen. Less than 2 columns or 1 row is taken as that.
func NewScreen(columns, rows int) *Screen {
	s := &Screen{columns: max(columns, 2), rows: max(rows, 1)}
	s.grid = []row{s.blank()}
	return s
}

func (s *Screen) blank() row { return row{cells: make([]cell, s.columns)} }

// Size returns columns and rows.
func (s *Screen) Size() (columns, rows int) { return s.columns, s.rows }

// Unknown returns the first ten controls and sequences that the screen did not understand, in the words of %q.
func (s *Screen) Unknown() []string { return s.unknown }

// Finished returns the lines above the one that the cursor is in, oldest first, without trailing blanks. A line that
// the terminal itself wrapped counts as one.
func (s *Screen) Finished() []string {
	lines := []string{}
	for i, end := 0, s.lineStart(s.y); i < end; {
		n := s.lineEnd(i)
		lines = append(lines, strings.TrimRight(text(s.line(i, n)), " "))
		i = n
	}
	return lines
}

// Line returns the line that the cursor is in: what stands before the cursor, blanks too, and what stands at and after
// it, without trailing blanks.
func (s *Screen) Line() (before, after string) {
	start := s.lineStart(s.y)
	head := s.line(start, s.y)
	at := s.x
	if s.pending {
		at = s.columns
	}
	head = append(head, s.grid[s.y].cells[:at]...)
	tail := append([]cell{}, s.grid[s.y].cells[at:]...)
	tail = append(tail, s.line(s.y+1, s.lineEnd(s.y))...)
	return text(head), strings.TrimRight(text(tail), " ")
}

// Below returns the lines that stand under the cursor's, without blank ones at the end.
func (s *Screen) Below() []string {
	var lines []string
	for i := s.lineEnd(s.y); i < len(s.grid); {
		n := s.lineEnd(i)
		lines = append(lines, strings.TrimRight(text(s.line(i, n)), " "))
		i = n
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// String returns what is visible, row by row, without trailing blanks and without blank rows at the end.
func (s *Screen) String() string {
	var rows []string
	for i := s.top; i < len(s.grid); i++ {
		rows = append(rows, strings.TrimRight(text(s.grid[i].cells), " "))
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}

// text spells cells, blank ones as blanks.
func text(cells []cell) string {
	var b strings.Builder
	for _, c := range cells {
		switch {
		case c.kind == rest || c.kind == skipped:
		case c.text == "":
			b.WriteByte(' ')
		default:
			b.WriteString(c.text)
		}
	}
	return b.String()
}

// lineStart returns the first row of the line that row i is part of, lineEnd the row after its last.
func (s *Screen) lineStart(i int) int {
	for i > 0 && s.grid[i-1].wrapped {
		i--
	}
	return i
}

func (s *Screen) lineEnd(i int) int {
	for i < len(s.grid)-1 && s.grid[i].wrapped {
		i++
	}
	return i + 1
}

// line returns a copy of the cells of the rows from i to before end.
func (s *Screen) line(i, end int) []cell {
	var cells []cell
	for ; i < end; i++ {
		cells = append(cells, s.grid[i].cells...)
	}
	return cells
}

// Resize changes the size as a person does with the window's corner. The cursor stays at its text.
func (s *Screen) Resize(columns, rows int) {
	old := *s
	s.columns, s.rows = max(columns, 2), max(rows, 1)
	s.grid, s.pending = nil, false
	for i := 0; i < len(old.grid); {
		end := old.lineEnd(i)
		cells, cursor := old.line(i, end), -1
		if i <= old.y && old.y < end {
			cursor = (old.y-i)*old.columns + old.x
			if old.pending {
				cursor++
			}
		}
		s.flow(cells, cursor)
		i = end
	}
	s.top = max(0, s.y-s.rows+1)
}

// flow appends a line to the grid, and puts the cursor where its cell of that index comes to stand.
func (s *Screen) flow(cells []cell, cursor int) {
	used := len(cells)
	for used > 0 && used > cursor && (cells[used-1] == cell{} || cells[used-1].kind == skipped) {
		used--
	}
	s.grid = append(s.grid, s.blank())
	x := 0
	for i := 0; i <= used; i++ {
		width := 1
		if i < used {
			switch cells[i].kind {
			case wide:
				width = 2
			case rest, skipped:
				width = 0
			}
		}
		last := &s.grid[len(s.grid)-1]
		behind := i == cursor && i == used && x == s.columns
		if x+width > s.columns && i < used {
			for ; x < s.columns; x++ {
				last.cells[x] = cell{kind: skipped}
			}
			last.wrapped = true
			s.grid = append(s.grid, s.blank())
			last, x = &s.grid[len(s.grid)-1], 0
		}
		if i == cursor {
			s.y, s.x, s.pending = len(s.grid)-1, min(x, s.columns-1), behind
		}
		if i < used && width > 0 {
			last.cells[x] = cells[i]
			if width == 2 {
				last.cells[x+1] = cell{kind: rest}
			}
			x += width
		}
	}
}

// print shows one character: as part of the cluster before the cursor, if it belongs there, or in a cell of its own.
func (s *Screen) print(r rune) {
	at := s.x - 1
	if s.pending {
		at = s.x
	}
	cells := s.grid[s.y].cells
	if at > 0 && cells[at].kind == rest {
		at--
	}
	if at >= 0 {
		joined := cells[at].text + string(r)
		if cells[at].text == "" {
			joined = " " + joined
		}
		if uniseg.GraphemeClusterCount(joined) == 1 {
			s.x, s.pending = at, false
			s.put(joined, uniseg.StringWidth(joined))
			return
		}
	}
	// What has no width and nothing to stand on is not shown.
	if width := uniseg.StringWidth(string(r)); width > 0 {
		s.put(string(r), width)
	}
}

func (s *Screen) put(text string, width int) {
	if s.pending || s.x+width > s.columns {
		r := &s.grid[s.y]
		if !s.pending {
			s.clear(s.y, s.x, s.columns)
			for x := s.x; x < s.columns; x++ {
				r.cells[x].kind = skipped
			}
		}
		r.wrapped = true
		s.x = 0
		s.lineFeed()
	}
	s.clear(s.y, s.x, s.x+width)
	cells := s.grid[s.y].cells
	cells[s.x].text = text
	if width > 1 {
		cells[s.x].kind = wide
		cells[s.x+1].kind = rest
	}
	s.x += width
	if s.x >= s.columns {
		s.x, s.pending = s.columns-1, true
	}
}

// clear blanks the columns from x to before end, and the other half of a wide cell that it cuts.
func (s *Screen) clear(y, x, end int) {
	cells := s.grid[y].cells
	if x < len(cells) && cells[x].kind == rest {
		cells[x-1] = cell{}
	}
	if end < len(cells) && cells[end].kind == rest {
		cells[end] = cell{}
	}
	clear(cells[x:end])
}

func (s *Screen) lineFeed() {
	s.pending = false
	s.y++
	if s.y == len(s.grid) {
		s.grid = append(s.grid, s.blank())
	}
	s.top = max(s.top, s.y-s.rows+1)
}

// moveTo puts the cursor at a column and a row of the screen, both counted from 0, or at the nearest there is.
func (s *Screen) moveTo(x, y int) {
	s.pending = false
	s.x = min(max(x, 0), s.columns-1)
	s.y = s.top + min(max(y, 0), s.rows-1)
	for s.y >= len(s.grid) {
		s.grid = append(s.grid, s.blank())
	}
}
