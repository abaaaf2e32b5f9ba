package session

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"parley/chat"
)

// A lineEditor is the editor for peers that edit their lines themselves and send them whole. What is in them
// nevertheless of editing is obeyed (Backspace, Ctrl-U, Ctrl-C), a tab becomes a blank, and other keys and sequences
// are left out. The cursor always is at the end. The user does not see what the line holds here, so one that was too
// long stays too long until it is ended or emptied.
//
// With secret it is the editor for passwords, at all terminals. They are in no history, not in the library that edits
// other lines, and never shown. Backspace erases a character, Ctrl-U and Ctrl-W all of them. Control characters and
// keys are left out; any other rune is kept, printable or not, because nobody will see it.
type lineEditor struct {
	keys   keyDecoder
	text   []byte
	full   bool // more was typed than a line may hold
	secret bool
}

func newLineEditor() *lineEditor   { return &lineEditor{keys: keyDecoder{plain: true}} }
func newSecretEditor() *lineEditor { return &lineEditor{keys: keyDecoder{plain: true}, secret: true} }

// lineEditors are untouched, and have room for a line.
var lineEditors = sync.Pool{New: func() any { return newLineEditor() }}

func (e *lineEditor) EditsLines() bool { return true }

func (e *lineEditor) Feed(p []byte) (used int, action Action) {
	e.keys.begin()
	defer e.keys.end()
	for used < len(p) {
		if room := chat.MaxLine - len(e.text); room > 0 && !e.full {
			if n := e.keys.letters(p[used:min(len(p), used+room)]); n > 0 {
				e.text = append(e.text, p[used:used+n]...)
				used += n
				continue
			}
		}
		k, again := e.keys.next(p[used])
		if !again {
			used++
		}
		switch {
		case k > 0 && !(e.secret && unicode.IsControl(rune(k))):
			e.append(typed(k))
		case k == keyTab && !e.secret:
			e.append(' ')
		case k == keyErase && !e.full && len(e.text) > 0:
			start, _ := clusterAt(string(e.text), len(e.text)-1)
			e.text = e.text[:start]
		case k == keyKillStart, k == keyKillWord && e.secret:
			e.reset()
		case k == keyInterrupt:
			e.reset()
			return used, Interrupt
		case k == keyEOF && len(e.text) == 0:
			return used, EOF
		case k == keyEnter && !(e.secret && e.keys.pasted): // a pasted password is one line
			return used, Submit
		}
	}
	return used, None
}

// untouched reports whether a new editor would do as well.
func (e *lineEditor) untouched() bool { return len(e.text) == 0 && !e.full && e.keys.untouched() }

// typed returns the rune that k puts into a line: a blank for what would end the line elsewhere (NEL, Unicode's
// separators).
func typed(k key) rune {
	if r := rune(k); r < utf8.RuneSelf || !unicode.IsSpace(r) || chat.Printable(r) {
		return r
	}
	return ' '
}

// withoutControls returns text as it may stand in a line.
func withoutControls(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ', r == del:
			return utf8.RuneError
		}
		return typed(key(r))
	}, text)
}

func (e *lineEditor) append(r rune) {
	if len(e.text)+utf8.RuneLen(r) > chat.MaxLine {
		e.full = true
	}
	if !e.full {
		e.text = utf8.AppendRune(e.text, r)
	}
}

// maxKeptLine is for how many bytes of a line there is room in an editor that waits for the next one.
const maxKeptLine = 256

func (e *lineEditor) reset() {
	e.text, e.full = e.text[:0], false
	if cap(e.text) > maxKeptLine {
		e.text = nil
	}
}

func (e *lineEditor) Line() (text string, cursor int) { return string(e.text), len(e.text) }

func (e *lineEditor) Shown() (text string, cursor int) {
	if e.secret {
		return "", 0
	}
	text = visible(string(e.text))
	return text, len(text)
}

func (e *lineEditor) Empty() bool { return len(e.text) == 0 }

func (e *lineEditor) SetLine(text string, _ int) {
	if text = withoutControls(text); len(text) <= chat.MaxLine {
		e.text, e.full = []byte(text), false
	}
}

func (e *lineEditor) Take() (line string, err error) {
	line = string(e.text)
	if e.full {
		line, err = "", chat.ErrLineTooLong
	}
	e.reset()
	return line, err
}

// Remember does nothing: the peer has the keys that call lines back, and the lines.
func (e *lineEditor) Remember(string) {}

// Disown does nothing either.
func (e *lineEditor) Disown() {}

func (e *lineEditor) Forget() {}
