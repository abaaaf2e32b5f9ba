package session

import (
	"io"
	"unicode/utf8"

	"github.com/chzyer/readline"
)

// A library is a line that github.com/chzyer/readline edits, because the design of Parley asks for that library. It is
// the library's buffer of one line: it puts in, erases, kills and moves, rune by rune. It draws nothing and has no
// goroutine, so a panic in it ends the session that called.
//
// The rest of the library is not used. Its reader of keys runs on a goroutine of its own, where some keys end the
// process. Its words end at any letter beyond ASCII, its Yank and its history know no limit and no password, and what a
// reader sees as one character is to it as many as it has runes. A readlineEditor sees to all that.
type library struct{ *readline.RuneBuffer }

// unseen is the configuration of a buffer that is no terminal, and therefore draws nothing. Nobody changes it.
var unseen = &readline.Config{FuncIsTerminal: func() bool { return false }}

func newLibrary() library { return library{readline.NewRuneBuffer(io.Discard, "", unseen, 0)} }

// Put replaces the line. The cursor is in bytes.
func (l library) Put(line string, cursor int) {
	l.SetWithIdx(utf8.RuneCountInString(line[:cursor]), []rune(line))
}

// Line returns the line, and the cursor in bytes.
func (l library) Line() (line string, cursor int) {
	runes := l.Runes()
	for _, r := range runes[:l.Pos()] {
		cursor += utf8.RuneLen(r)
	}
	return string(runes), cursor
}
