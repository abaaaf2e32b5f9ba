package session

import "strings"

const (
	defaultColumns = 80
	defaultRows    = 24
	// minColumns leaves room for the indent and the widest characters. A terminal as narrow as that is drawn badly.
	minColumns = 16
)

// A Screen decides which bytes bring a terminal from what it shows to what it should show: finished lines, and at the
// bottom the prompt with the line that is being typed. It does no I/O; the session writes what AppendTo returns, and
// nothing else, or the two disagree about where the cursor is.
//
// A terminal that shows only what it is sent gets all of that. It is sent CR LF, BS and the sequences CUU, CUF, CUB,
// ED, EL and, to clear it, CUP (ECMA-48, section 8.3), never anything that depends on how it wraps long rows: text
// stays off the last column. To a peer that edits its own lines the half-typed text is unknown: it gets the prompt,
// lines, no sequences.
//
// The zero Screen is one for a terminal of 80 columns and 24 rows. A Screen belongs to whoever has the turn of its
// session.
type Screen struct {
	// Dumb says that the terminal is not known to take sequences; the line is kept in one row then. Change it only
	// while no prompt stands.
	Dumb bool
	// Unwrapped says that finished lines are left to the terminal to wrap, unless Columns are set.
	Unwrapped bool
	// Columns is how wide finished lines may be at most; zero means as wide as the terminal. Of a terminal whose size
	// is unknown it is the width.
	Columns int
	// Links says that addresses of the web in finished lines are links.
	Links bool

	// Paste says that the terminal is to mark what is pasted, if it can.
	Paste bool

	met           bool   // the terminal has said its name, if any
	editsLines    bool   // its peer does
	wanted        bool   // whether anything should stand at the bottom
	stale         bool   // whether that differs from shown
	marks         bool   // the terminal is known to mark what is pasted, once it is told to
	marking       bool   // it was told to
	out           []byte // composed and not yet handed out
	shown         display
	columns, rows int
	prompt, text  string // what should stand at the bottom
	cursor        int    // offset in text

	bare [1]string // the rows of shown, to a peer that edits its lines
	name string    // of the terminal, by which Dumb was decided
}

// SetMode tells what the screen is drawn for. editsLines is that of [Terminal]. columns and rows are the size, zero
// where it is unknown: 80 and 24 are assumed for a terminal, and no width, so that no line is ever wrapped, for a peer
// that edits its lines.
//
// When the size has changed the prompt is drawn again, also if the terminal has wrapped it anew meanwhile.
func (s *Screen) SetMode(editsLines bool, columns, rows int) {
	if editsLines == s.editsLines && columns == s.columns && rows == s.rows {
		return
	}
	switch {
	case !s.editsLines:
		s.columns = columns // what stands is wrapped to the new width already
		s.retreat()
	case !editsLines:
		s.retype()
	}
	s.editsLines, s.columns, s.rows = editsLines, columns, rows
}

// SetName tells the name of the terminal, by which it is [Screen.Dumb] or not. Some clients tell it late.
// It reports whether the name is news.
func (s *Screen) SetName(name string) (news bool) {
	if s.met && name == s.name {
		return false
	}
	s.name, s.met, s.marks = name, true, marks(name)
	if dumb := !takesSequences(name); dumb != s.Dumb {
		if !s.editsLines {
			s.retreat()
		}
		s.Dumb = dumb
	}
	return true
}

// Print puts text above the prompt: a finished line, or several with '\n' between them. Lines that are wider than the
// terminal are wrapped; their further rows are indented by four blanks. Whatever is not chat.Printable in them becomes
// U+FFFD.
func (s *Screen) Print(text string) {
	s.retreat()
	s.out = s.appendRows(s.out, text)
}

// appendRows appends finished lines as Print shows them.
func (s *Screen) appendRows(b []byte, text string) []byte {
	if s.Links {
		return appendLinkedLines(b, text, s.lineWidth())
	}
	return appendLines(b, text, s.lineWidth())
}

// PrintRows is Print for what appendRows has made for this width.
func (s *Screen) PrintRows(rows string) {
	s.retreat()
	s.out = append(s.out, rows...)
}

// appendLines appends finished lines, with '\n' between them, in rows of at most width columns, each with its end.
func appendLines(b []byte, text string, width int) []byte {
	for line := range strings.SplitSeq(text, "\n") {
		b = appendWrapped(b, line, width)
		b = append(b, "\r\n"...)
	}
	return b
}

// Borrow makes the screen compose in buf, which AppendTo then returns if it is given no other. What is composed already
// is kept.
func (s *Screen) Borrow(buf []byte) { s.out = append(buf[:0], s.out...) }

// Return returns a borrowed buffer in which nothing is composed, or nil if there is none.
func (s *Screen) Return() []byte {
	if len(s.out) > 0 {
		return nil
	}
	buf := s.out
	s.out = nil
	return buf
}

// Prompt says what stands at the bottom from now on: prompt and, for a terminal, text with the cursor at that offset.
// Both must be printable; cursor must be the boundary of a grapheme cluster, as Editor.Line returns it.
func (s *Screen) Prompt(prompt, text string, cursor int) {
	if s.editsLines {
		text, cursor = "", 0
	}
	if s.wanted && prompt == s.prompt && text == s.text && cursor == s.cursor {
		return
	}
	s.prompt, s.text, s.cursor = prompt, text, cursor
	s.wanted, s.stale = true, true
}

// Enter says that the user has pressed Enter. The line stays as it is, further output begins on a new row, and there is
// no prompt until Prompt is called. A peer that edits its lines has begun the row itself.
func (s *Screen) Enter() {
	if !s.wanted {
		return
	}
	s.stale = s.stale || s.cursor != len(s.text)
	s.cursor = len(s.text)
	s.out, _ = s.draw(s.out)
	if !s.editsLines {
		s.out = append(s.out, "\r\n"...)
	}
	s.shown = display{}
	s.prompt, s.text, s.cursor, s.wanted = "", "", 0, false
}

// Leave is Enter for a line that is given up: nobody has begun the row that follows.
func (s *Screen) Leave() {
	if s.editsLines {
		s.retreat()
		s.wanted = false
	}
	s.Enter()
}

// Drop takes the prompt away as if it had never been there.
func (s *Screen) Drop() {
	s.retreat()
	s.prompt, s.text, s.cursor, s.wanted = "", "", 0, false
}

// Clear empties the terminal, if it knows how, and draws the prompt again.
func (s *Screen) Clear() {
	if s.editsLines {
		return
	}
	s.retreat()
	if !s.Dumb {
		s.out = append(s.out, "\x1b[H\x1b[J"...)
	}
}

// AppendTo appends to buf what the terminal still has to be sent: nothing if it shows what it should. It reports
// whether that ends in a prompt that was not there before. Where that is nothing the screen keeps what it has borrowed.
func (s *Screen) AppendTo(buf []byte) (b []byte, prompt bool) {
	if mark := s.Paste && !s.editsLines && !s.Dumb && s.marks; mark != s.marking {
		s.marking = mark
		end := byte('l')
		if mark {
			end = 'h'
		}
		s.out = append(append(s.out, "\x1b[?2004"...), end)
	}
	if len(buf) > 0 || cap(s.out) == 0 {
		b, prompt = s.draw(append(buf, s.out...))
		s.out = s.out[:0]
		return b, prompt
	}
	if b, prompt = s.draw(s.out); len(b) > 0 {
		s.out = nil
	}
	return b, prompt
}

// retreat takes the prompt away, so that something else can be written in its place.
func (s *Screen) retreat() {
	if !s.shown.stands() {
		return
	}
	if s.editsLines {
		s.out = append(s.out, "\r\n"...) // behind it stands what the user has typed, which is not ours
	} else {
		p := pen{b: s.out, dumb: s.Dumb}
		p.erase(s.shown, s.width()+1, reflows(s.name))
		s.out = p.b
	}
	s.shown, s.stale = display{}, true
}

// retype makes the prompt of a peer that edited its lines that of a terminal. It stands where it should, and what was
// typed behind it is about to come as keys; but some clients say something on the screen when they are switched. So it
// is written over itself, or behind that.
func (s *Screen) retype() {
	if s.shown.stands() {
		s.out = append(s.out, '\r')
		s.shown, s.stale = display{}, true
	}
}

// draw appends what makes the prompt stand as it should.
func (s *Screen) draw(b []byte) (_ []byte, fresh bool) {
	if !s.wanted || !s.stale {
		return b, false
	}
	s.stale = false
	fresh = !s.shown.stands()
	if s.editsLines {
		if !fresh && s.shown.rows[0] == s.prompt || s.prompt == "" {
			return b, false
		}
		if !fresh {
			b = append(b, "\r\n"...)
		}
		s.bare[0] = s.prompt
		s.shown = display{rows: s.bare[:]}
		return append(b, s.prompt...), true
	}
	line, cursor := s.prompt+s.text, len(s.prompt)+s.cursor
	if cursor < len(line) {
		cursor, _ = clusterAt(line, cursor) // a mark at the start of text joins the prompt
	}
	next := stacked(line, cursor, s.width(), s.height())
	if s.Dumb {
		next = scrolled(line, cursor, s.width())
	}
	p := pen{b: b, dumb: s.Dumb, width: s.width()}
	p.change(s.shown, next)
	s.shown = next
	return p.b, fresh
}

// width is how many columns of a terminal are written to. The last one is left to the cursor.
func (s *Screen) width() int {
	columns := s.columns
	switch {
	case columns > 0:
	case s.Columns > 0:
		columns = s.Columns + 1
	default:
		columns = defaultColumns
	}
	return max(columns, minColumns) - 1
}

func (s *Screen) height() int {
	if s.rows == 0 {
		return defaultRows
	}
	return s.rows
}

// lineWidth is the width that finished lines are wrapped to, zero for no limit.
func (s *Screen) lineWidth() int {
	switch {
	case s.Columns > 0:
		return min(s.Columns, s.width())
	case s.Unwrapped, s.editsLines && s.columns == 0:
		return 0
	}
	return s.width()
}
