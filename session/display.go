package session

import (
	"strconv"
	"strings"
	"unicode/utf8"
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

// stacked lays line out in rows of at most width columns, whatever the terminal thinks of the width of its characters:
// none of them is ever wrapped by the terminal. They are broken between grapheme clusters. Of more than height rows it
// keeps those around the cursor, which is at that offset.
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
	top := window(typedCells(line[:cursor]), width)
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

// window returns the first of size places that are shown, where place at must be among them. It moves in steps of half
// of size, so that the view does not move with every key.
func window(at, size int) int {
	if at < size {
		return 0
	}
	step := max(size/2, 1)
	return ((at-size)/step + 1) * step
}

// folds returns how often a terminal of so many columns that wraps by itself has to break row, at least, and the column
// where it ends.
func folds(row string, columns int) (n, col int) {
	for row != "" {
		cluster := firstCluster(row)
		w := cells(cluster)
		if col += w; col > columns {
			n++
			col = w
		}
		row = row[len(cluster):]
	}
	return n, col
}

// firstPart returns the bytes of the first grapheme cluster of s, and the most columns that it may take; or of its
// first rune if that is more than a whole row.
func firstPart(s string, width int) (size, n int) {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	cluster := firstCluster(s)
	if n = typedCells(cluster); n <= width {
		return len(cluster), n
	}
	r, size := utf8.DecodeRuneInString(s)
	return size, typedRuneCells(r)
}

// A pen writes on a terminal what changes a display.
type pen struct {
	b     []byte
	dumb  bool
	width int // of a row
	at    place
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
		if p.dumb && same < len(before) && !(certain(before) && certain(row)) {
			p.b = append(p.b, '\r') // nobody knows what is left of it, so all of it goes first
			p.blanks(min(typedCells(before), p.width))
			p.at, same, before = place{}, 0, ""
			p.b = append(p.b, '\r')
		}
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

// clear erases the rest of the row, of which n columns are in use.
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

// erase takes d away, and leaves the cursor where it began. A terminal that reflows has wrapped it anew to so many
// columns, if they have become less; one that does not has cut it off, with the cursor in the last column.
func (p *pen) erase(d display, columns int, reflows bool) {
	if p.dumb {
		p.b = append(p.b, '\r')
		p.blanks(min(typedCells(d.rows[0]), columns-1))
		p.b = append(p.b, '\r')
		return
	}
	at := d.left
	if row := d.rows[d.row]; len(at) < len(row) {
		at = row[:len(at)+len(firstCluster(row[len(at):]))] // the cursor stands on a character, and goes with it
	}
	here, _ := folds(at, columns)
	above := 0
	for _, row := range d.rows[:d.row] {
		n, _ := folds(row, columns)
		above += n
	}
	_, col := folds(d.left, columns)
	up, end := d.row, "\x1b[J"
	switch {
	case reflows, here+above == 0:
		up += here + above
	case here == 1 && above == 0 && certain(d.left) && col > 0 && col < columns-2:
		// Two blanks tell the one kind of terminal from the other: from the last column they lead to the next row.
		p.blanks(2)
		up++
	default:
		// To go up too far takes away what stands above. So the start of the line may stay, as a row of its own.
		end = "\x1b[J\r\n"
	}
	p.b = append(p.b, '\r')
	p.sequence(up, 'A')
	p.b = append(p.b, end...)
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
