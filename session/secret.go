package session

// A secretEditor is the editor for passwords. They are in no history, not in the library that edits other lines, and
// not in what Line and Shown return: Take is the only way to them. Backspace erases a character, Ctrl-U and Ctrl-W all
// of them. Control characters and keys are left out; any other rune is kept, printable or not, because nobody will see
// it.
type secretEditor struct{ lineEditor }

func newSecretEditor() *secretEditor {
	return &secretEditor{lineEditor{keys: keyDecoder{plain: true}, secret: true}}
}

// Line returns an empty line: there is nothing to draw.
func (e *secretEditor) Line() (text string, cursor int) { return "", 0 }

// Shown returns an empty line too.
func (e *secretEditor) Shown() (text string, cursor int) { return "", 0 }

// SetLine does nothing.
func (e *secretEditor) SetLine(string, int) {}
