package session

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/chat"

	"github.com/rivo/uniseg"
)

// A readlineEditor is the editor for terminals that send every key. Between them and github.com/chzyer/readline it
// decides what a key does to the line: see the type library.
type readlineEditor struct {
	keys    keyDecoder
	library library // empty while the line is

	// line and cursor are as the library has them.
	line   string
	cursor int
	// full is set when text was refused because the line was full, until something is erased.
	full bool

	history history
	back    int    // how many lines ago the line was called back from, 0 for the line that is being written
	draft   string // that line, while another one is called back
	killed  string // by Ctrl-U, K or W, for Ctrl-Y; never a password

	deleteErases *bool // where it stands whether Delete is what Backspace sends; nil means that it is not

	paste  *paste // what is being pasted; nil for nothing
	pasted *paste // what Pasted is about; nil for nothing

	// secretFrom returns where in a line a password begins, or the line's length. Nil means that there are none.
	secretFrom func(line string) int
	veil       veil
	veiled     bool // the line taken last had a password in it
}

func (e *readlineEditor) EditsLines() bool { return false }

func (e *readlineEditor) Feed(p []byte) (used int, action Action) {
	e.keys.begin()
	defer e.keys.end()
	if e.paste != nil && !e.keys.pasted {
		if action = e.pasteLost(); action != None {
			return 0, action
		}
	}
	// Text is put in by runs, so that a paste costs no more than a key.
	var array [64]byte
	text := array[:0]
	for used < len(p) && action == None {
		k, again := e.keys.next(p[used])
		if !again {
			used++
		}
		switch {
		case e.paste != nil:
			action = e.pasting(k)
		case k > 0:
			if len(text) <= chat.MaxLine {
				text = utf8.AppendRune(text, typed(k))
			}
		case k != keyNone:
			if k == keyTab {
				if k = tab(p[used:]); k > 0 {
					text = append(text, ' ')
					continue
				}
			}
			refused := e.insert(string(text))
			text = text[:0]
			if k == keyPaste {
				e.paste = new(paste)
			}
			action = e.do(k)
			e.cover()
			if refused && action == None {
				action = Bell
			}
		}
	}
	if e.insert(string(text)) {
		action = Bell
	}
	return used, action
}

// tab says what a Tab means by what was read with it. Completion costs something, so one Tab is enough, the last thing
// that was typed but for an Enter. With text behind it, it was pasted and is a blank. With another key behind it, it is
// nothing: somebody who leans on Tab and then presses Ctrl-C wants that.
func tab(behind []byte) key {
	if len(behind) > 0 && behind[0] == '\t' {
		if rest := bytes.TrimLeft(behind, "\t"); len(rest) == 0 || rest[0] < ' ' || rest[0] == del {
			return keyNone
		}
		return ' '
	}
	switch {
	case len(behind) == 0, string(behind) == "\n":
		return keyTab
	case behind[0] >= ' ' && behind[0] != del || behind[0] == '\n':
		return ' '
	}
	return keyNone
}

func (e *readlineEditor) do(k key) Action {
	if k == keyDelete && e.deleteErases != nil && *e.deleteErases {
		k = keyErase
	}
	switch k {
	case keyEnter:
		return Submit
	case keyInterrupt:
		e.reset()
		return Interrupt
	case keyEOF:
		if e.line == "" {
			return EOF
		}
		e.cut(e.cursor, e.right())
	case keyTab:
		return Complete
	case keyRedraw:
		return Redraw
	case keyTakeBack:
		return TakeBack
	case keyErase:
		e.cut(e.left(), e.cursor)
	case keyDelete:
		e.cut(e.cursor, e.right())
	case keyKillWord:
		e.kill(e.wordLeft(), e.cursor)
	case keyKillStart:
		e.kill(0, e.cursor)
	case keyKillEnd:
		e.kill(e.cursor, len(e.line))
	case keyYank:
		if e.insert(e.killed) {
			return Bell
		}
	case keyLeft:
		e.move(e.left())
	case keyRight:
		e.move(e.right())
	case keyWordLeft:
		e.move(e.wordLeft())
	case keyWordRight:
		e.move(e.wordRight())
	case keyHome:
		e.move(0)
	case keyEnd:
		e.move(len(e.line))
	case keyUp:
		e.recall(e.back + 1)
	case keyDown:
		e.recall(e.back - 1)
	}
	return None
}

func (e *readlineEditor) left() int {
	if e.cursor == 0 {
		return 0
	}
	start, _ := clusterAt(e.line, e.cursor-1)
	return start
}

func (e *readlineEditor) right() int { return boundary(e.line, e.cursor+1) }

// Words are what stands between blanks.
func (e *readlineEditor) wordLeft() int {
	word := strings.TrimRightFunc(e.line[:e.cursor], unicode.IsSpace)
	return boundary(e.line, len(strings.TrimRightFunc(word, inWord)))
}

func (e *readlineEditor) wordRight() int {
	rest := e.line[e.cursor:]
	rest = strings.TrimLeftFunc(rest, inWord)
	return boundary(e.line, len(e.line)-len(strings.TrimLeftFunc(rest, unicode.IsSpace)))
}

func inWord(r rune) bool { return !unicode.IsSpace(r) }

// move moves the cursor, by as many steps as there are runes.
func (e *readlineEditor) move(to int) {
	switch {
	case to == 0:
		e.press(library.MoveToLineStart, 1)
	case to == len(e.line):
		e.press(library.MoveToLineEnd, 1)
	case to < e.cursor:
		e.press(library.MoveBackward, utf8.RuneCountInString(e.line[to:e.cursor]))
	default:
		e.press(library.MoveForward, utf8.RuneCountInString(e.line[e.cursor:to]))
	}
}

// cut erases what stands between two offsets, one of which is the cursor.
func (e *readlineEditor) cut(from, to int) {
	switch n := utf8.RuneCountInString(e.line[from:to]); {
	case n == 0:
		return
	case from == e.cursor && to == len(e.line):
		e.press(library.Kill, 1)
	case from == 0 && to == e.cursor:
		e.press(library.KillFront, 1)
	case to == e.cursor:
		e.press(library.Backspace, n)
	default:
		e.press(func(l library) { l.Delete() }, n)
	}
	e.full = false
	e.align()
}

func (e *readlineEditor) kill(from, to int) {
	if from < to {
		e.killed = strings.Clone(e.line[from:max(from, min(to, e.veil.from))])
		e.cut(from, to)
	}
}

// insert puts text in at the cursor, and reports whether the line was too full for all of it. Once that has happened,
// nothing more goes in: what would fit later is not what was typed.
func (e *readlineEditor) insert(text string) (refused bool) {
	if text == "" || e.full {
		return false
	}
	if room := chat.MaxLine - len(e.line); room < len(text) {
		for !utf8.RuneStart(text[room]) {
			room--
		}
		text = text[:room]
		e.full = true
	}
	defer e.cover()
	if e.cursor == len(e.line) || utf8.RuneCountInString(text) == 1 {
		e.press(func(l library) { l.WriteString(text) }, 1)
		e.align()
		return e.full
	}
	line, cursor := e.line, e.cursor
	for _, r := range text { // each may join what stands behind it, and the cursor with it
		c := string(r)
		line = line[:cursor] + c + line[cursor:]
		cursor = boundary(line, cursor+len(c))
	}
	e.put(line, cursor)
	return e.full
}

// align moves the cursor on if what was typed or erased has joined the characters around it into one.
func (e *readlineEditor) align() {
	if to := boundary(e.line, e.cursor); to != e.cursor {
		e.put(e.line, to)
	}
}

func (e *readlineEditor) recall(back int) {
	line := e.draft
	if back > 0 {
		var ok bool
		if line, ok = e.history.at(back); !ok {
			return
		}
	} else if e.back == 0 {
		return
	}
	if e.back == 0 {
		e.draft = e.line[:e.veil.from]
	}
	e.back = back
	e.full, e.veil = false, veil{}
	e.put(line, len(line))
}

// press does the same thing to the line so many times.
func (e *readlineEditor) press(key func(library), times int) {
	if e.library == (library{}) {
		e.library = newLibrary()
	}
	for range times {
		key(e.library)
	}
	if e.line, e.cursor = e.library.Line(); e.line == "" {
		e.library = library{}
	}
}

func (e *readlineEditor) put(line string, cursor int) {
	e.press(func(l library) { l.Put(line, cursor) }, 1)
}

// cover draws the veil over the password in the line.
func (e *readlineEditor) cover() {
	from := len(e.line)
	if e.secretFrom != nil {
		from = e.secretFrom(e.line)
	}
	e.veil.follow(e.line, from)
}

func (e *readlineEditor) Line() (text string, cursor int) { return e.line, e.cursor }

func (e *readlineEditor) Empty() bool { return e.line == "" }

func (e *readlineEditor) Shown() (text string, cursor int) {
	open, secret := visible(e.line[:e.veil.from]), stars(e.line[e.veil.from:])
	if e.cursor > e.veil.from {
		return open + secret, len(open) + len(stars(e.line[e.veil.from:e.cursor]))
	}
	return open + secret, len(visible(e.line[:e.cursor]))
}

// stars returns a star for each character.
func stars(s string) string { return strings.Repeat("*", uniseg.GraphemeClusterCount(s)) }

func (e *readlineEditor) SetLine(text string, cursor int) {
	if text = withoutControls(text); len(text) > chat.MaxLine {
		return
	}
	e.full = false
	e.put(text, boundary(text, cursor))
	e.cover()
}

func (e *readlineEditor) Take() (line string, err error) {
	line = e.line
	e.veiled = e.veil.from < len(line)
	if e.full {
		line, err = "", chat.ErrLineTooLong
	}
	e.reset()
	return line, err
}

func (e *readlineEditor) reset() {
	e.library, e.line, e.cursor, e.full, e.veil = library{}, "", 0, false, veil{}
	e.back, e.draft = 0, ""
}

func (e *readlineEditor) Remember(line string) {
	if !e.veiled && strings.TrimSpace(line) != "" {
		e.history.add(line)
	}
}

func (e *readlineEditor) Disown() {
	if !e.veiled {
		e.history.drop()
	}
}

func (e *readlineEditor) Forget() { e.history, e.killed = history{}, "" }
