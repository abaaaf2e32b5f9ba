package session

import (
	"strings"

	"parley/chat"
)

// An Editor turns what a person types into lines, or takes the keys that answer a question.
//
// Lines are valid UTF-8 without control characters of ASCII; bytes that are not UTF-8 become U+FFFD, and a character
// that is split over two calls is one character. They hold what was typed, also what nobody sees, so that a name with
// something hidden in it is not another name. For the cursor, what is not chat.Printable belongs to the character
// before it.
//
// An Editor belongs to one goroutine, and has none of its own. It holds little while its line is empty.
type Editor interface {
	// Feed hands input text, as it comes from [Terminal], to the editor. It takes bytes until p is used up or a key
	// wants the session's attention: then used may be less than len(p), and the session calls again with the rest.
	Feed(p []byte) (used int, action Action)
	// Shown returns the line as it may be seen: only what is chat.Printable, with stars for a password inside of it,
	// and nothing of what is a password as a whole. The cursor is a byte offset in text that is never inside a grapheme
	// cluster.
	Shown() (text string, cursor int)
	// Empty reports whether nothing stands in the line, also of a password.
	Empty() bool
	// Take returns the line and starts a new one: after Submit, or at the end of input for a line that no Enter ended.
	// It returns chat.ErrLineTooLong, and no line, if more was typed than a line may hold and none of it erased since.
	Take() (line string, err error)
}

// A CommandEditor is the editor of the command line. There are two: one for terminals that send every key, and one for
// peers that edit their lines themselves.
type CommandEditor interface {
	Editor
	// EditsLines reports whether the editor is for peers that edit their lines themselves, as [Terminal] has it.
	EditsLines() bool
	// Line returns what stands in the line, at most chat.MaxLine bytes, and the cursor, as in Shown.
	Line() (text string, cursor int)
	// SetLine replaces the line, as completion does. A cursor outside of the line or inside of a grapheme cluster goes
	// to the next place where it may stand. A text longer than chat.MaxLine changes nothing.
	SetLine(text string, cursor int)
	// Remember lets the user call back the line that Take has just returned, if the editor has keys for that. It leaves
	// out blank lines, lines that held a password, and one that is the same as the one before.
	Remember(line string)
	// Disown forgets the line that Remember was told last.
	Disown()
	// Forget forgets all that Remember was told, and what was killed.
	Forget()
}

// An Action is what a key asks of the session.
type Action int

// These are the actions. Interrupt has already emptied the line; the others leave it as it is.
const (
	None      Action = iota // nothing but perhaps drawing the line again
	Submit                  // Enter: Take the line
	Interrupt               // Ctrl-C
	EOF                     // Ctrl-D in an empty line
	Complete                // Tab
	Redraw                  // Ctrl-L: clear the screen
	TakeBack                // Ctrl-X: what was said last is not to be sent
	Bell                    // the line is full: what was typed has not gone into it
	Pasted                  // several lines were pasted, or something that is not taken
	Presented               // no key: the terminal sent credentials; the line is not wanted any more
)

// visible returns what there is to see of a line that was typed.
func visible(line string) string {
	return strings.Map(func(r rune) rune {
		if !chat.Printable(r) {
			return -1
		}
		return r
	}, line)
}
