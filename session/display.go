package session

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A display is the rows in which prompt and line stand on a terminal, and the place of the cursor.
type display struct {
	rows []string
	place
}

// A place is where the cursor stands: in which row, and what is to the left of it there.
type place struct {
	row  int
	left string
}

// stands reports whether there is anything, be it an empty row.
func (d display) stands() bool { return len(d.rows) > 0 }

// stacked lays line out in rows of at most width columns, broken between grapheme clusters. Of more than height rows it keeps
// those around the cursor, which is at that offset.
func stacked(line string, cursor, width, height int) display {
	d := display{rows: make([]string, 0, 1+len(line)/width)}
	start, col := 0, 0
	for i := 0; i < len(line); {
		size, n := firstPart(line[i:], width)
		if col+n > width {
			d.rows = append(d.rows, line[start:i])
			start, col = i, 0
		}
		if i <= cursor {
			d.place = place{row: len(d.rows), left: line[start:i]}
		}
		i += size
		col += n
	}
	d.rows = append(d.rows, line[start:])
	if cursor >= len(line) {
		d.place = place{row: len(d.rows) - 1, left: line[start:]}
	}
	if len(d.rows) > height {
		top := window(d.row, height)
		d.rows = d.rows[top:min(top+height, len(d.rows))]
		d.row -= top
	}
	return d
}

// scrolled lays line out in one row of at most width columns, with the cursor in it.
func scrolled(line string, cursor, width int) display {
	top := window(cells(line[:cursor]), width)
	start, col := 0, 0
	for i := 0; i < len(line); {
		size, n := firstPart(line[i:], width)
		if col < top && i < cursor {
			start = i + size
		} else if col+n > top+width && i >= cursor {
			line = line[:i]
			break
		}
		i += size
		col += n
	}
	return display{rows: []string{line[start:]}, place: place{left: line[start:cursor]}}
}

// window returns the first of size places that are shown, where place at must be among them. It moves in steps of half of size, so
// that the view does not move with every key.
func window(at, size int) int {
	if at < size {
		return 0
	}
	step := max(size/2, 1)
	return ((at-size)/step + 1) * step
}

// folds returns how often a terminal of so many columns that wraps by itself has to break row.
func folds(row string, columns int) (n int) {
	for col := 0; row != ""; {
		size, w := firstPart(row, columns)
		if col += w; col > columns {
			n++
			col = w
		}
		row = row[size:]
	}
	return n
}

// firstPart returns the bytes and columns of the first grapheme cluster of s, or of its first rune if the cluster is wider than
// a whole row.
func firstPart(s string, width int) (size, n int) {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	cluster, _, n, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	if n <= width {
		return len(cluster), n
	}
	_, size = utf8.DecodeRuneInString(s)
	return size, cells(s[:size])
}

// A pen writes on a terminal what changes a display.
type pen struct {
	b    []byte
	dumb bool
	at   place
}

// change makes the rows of the terminal, which are old, those of new.
func (p *pen) change(old, new display) {
	p.at = old.place
	for i, row := range new.rows {
		before := ""
		if i < len(old.rows) {
			if before = old.rows[i]; before == row {
				continue
			}
		}
		same := commonStart(before, row)
		p.move(place{i, row[:same]})
		p.b = append(p.b, row[same:]...)
		p.at.left = row
		if same < len(before) {
			p.clear(cells(before) - cells(row))
		}
	}
	if n := len(new.rows); n < len(old.rows) {
		p.move(place{row: n})
		p.b = append(p.b, "\x1b[J"...)
	}
	p.move(new.place)
}

// clear erases the rest of the row, of which about n columns are in use. They are erased also where the terminal draws them wider.
func (p *pen) clear(n int) {
	if !p.dumb {
		p.b = append(p.b, "\x1b[K"...)
		return
	}
	if n > 0 {
		p.blanks(n)
		p.repeat('\b', n)
	}
}

// erase takes d away, and leaves the cursor where it began. The terminal may have wrapped it anew to so many columns.
func (p *pen) erase(d display, columns int) {
	p.b = append(p.b, '\r')
	if p.dumb {
		p.blanks(min(cells(d.rows[0]), columns-1))
		p.b = append(p.b, '\r')
		return
	}
	at := d.left
	if row := d.rows[d.row]; len(at) < len(row) {
		size, _ := firstPart(row[len(at):], columns)
		at = row[:len(at)+size] // the cursor stands on a character, and goes with it
	}
	up := folds(at, columns)
	for _, row := range d.rows[:d.row] {
		up += 1 + folds(row, columns)
	}
	p.sequence(up, 'A')
	p.b = append(p.b, "\x1b[J"...)
}

// move moves the cursor. Rows that are not there yet begin to be.
func (p *pen) move(to place) {
	from := p.at
	p.at = to
	if from.row != to.row {
		if from.row > to.row {
			p.b = append(p.b, '\r')
			p.sequence(from.row-to.row, 'A')
		}
		for range to.row - from.row {
			p.b = append(p.b, "\r\n"...)
		}
		from.left = ""
	}
	if over, ok := strings.CutPrefix(to.left, from.left); ok {
		if n := cells(over); !p.dumb && n > 8 && certain(over) {
			p.sequence(n, 'C')
		} else {
			p.b = append(p.b, over...) // to write it again is the one way that is right whatever its width
		}
		return
	}
	if over, ok := strings.CutPrefix(from.left, to.left); ok && to.left != "" && certain(over) {
		switch n := cells(over); {
		case n <= 4:
			p.repeat('\b', n)
			return
		case !p.dumb:
			p.sequence(n, 'D')
			return
		}
	}
	p.b = append(append(p.b, '\r'), to.left...)
}

// sequence appends ESC [ n final, if n is not zero.
func (p *pen) sequence(n int, final byte) {
	if n > 0 {
		p.b = append(strconv.AppendInt(append(p.b, "\x1b["...), int64(n), 10), final)
	}
}

func (p *pen) blanks(n int) { p.repeat(' ', n) }

func (p *pen) repeat(c byte, n int) {
	for range n {
		p.b = append(p.b, c)
	}
}

// commonStart returns how many bytes a and b have in common at their start, whole grapheme clusters only.
func commonStart(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 {
		i, j := n, n
		if n < len(a) {
			i, _ = clusterAt(a, n)
		}
		if n < len(b) {
			j, _ = clusterAt(b, n)
		}
		if min(i, j) == n {
			break
		}
		n = min(i, j)
	}
	return n
}
