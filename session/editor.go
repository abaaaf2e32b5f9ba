package session

// An Editor turns what a person types into lines. There are three: one for terminals that send every key, one for peers that
// edit their lines themselves, and one for passwords at both.
//
// Lines are valid UTF-8 without control characters of ASCII; bytes that are not UTF-8 become U+FFFD, and a character that
// is split over two calls is one character. They hold what was typed, also what nobody sees, so that a name with
// something hidden in it is not another name. Whoever shows a line leaves out what is not chat.Printable; for the cursor
// that belongs to the character before it.
//
// An Editor belongs to one goroutine. Every call returns when its work is done: nothing goes on in the background.
type Editor interface {
	// Feed hands input text, as it comes from [Terminal], to the editor. It takes bytes until p is used up or a key wants
	// the session's attention: then used may be less than len(p), and the session calls again with the rest.
	Feed(p []byte) (used int, action Action)
	// Line returns what stands in the line, at most chat.MaxLine bytes, and the cursor: a byte offset in text that is never
	// inside a grapheme cluster.
	Line() (text string, cursor int)
	// SetLine replaces the line, as completion does. A cursor outside of the line or inside of a grapheme cluster goes to
	// the next place where it may stand. A text longer than chat.MaxLine changes nothing.
	SetLine(text string, cursor int)
	// Take returns the line and starts a new one: after Submit, or at the end of input for a line that no Enter ended.
	// It returns chat.ErrLineTooLong, and no line, if more was typed than a line may hold and none of it erased since.
	Take() (line string, err error)
	// Idle lets go of what the editor needs only while somebody types: goroutines and buffers. Nothing that was typed is
	// lost, and the next Feed gets them again, so it may be called at any time; when a person has stopped typing is best.
	Idle()
	// Close ends the goroutines of the editor and waits for them. The editor must not be used afterwards.
	Close()
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
	Bell                    // the line is full: what was typed has not gone into it
)
