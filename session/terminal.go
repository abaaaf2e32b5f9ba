package session

import (
	"io"
	"net"
	"time"
)

// A Terminal is what a session needs of the thing a person sits at. [parley/telnet.Conn] has these methods; a listener
// for another protocol offers the same.
//
// One goroutine reads; Write, WritePrompt and the deadline methods may be called from others at the same time.
type Terminal interface {
	// Read returns input text: UTF-8 as the peer sent it, with control bytes, but no byte of the protocol. The end of a
	// line is one '\n' however the peer spells it, an interrupt (Ctrl-C, IAC IP) is 0x03, erase character 0x7F, erase
	// line 0x15. It returns io.EOF when the peer says that its input has ended, while what is written still arrives.
	io.Reader
	// ReadNow is Read for what has come already: it returns 0 and no error if that is no text.
	ReadNow(p []byte) (int, error)
	// Await waits until something has come, or Read has an error to return, with little room on the stack.
	Await() error

	// Write sends text in one piece. '\n' alone becomes CR LF. It gives up on a peer that does not read, after a time
	// of the terminal's own or at the deadline, with os.ErrDeadlineExceeded.
	io.Writer

	// WritePrompt is Write for text whose end is a prompt; terminals that want to know where a prompt ends are told.
	WritePrompt(p []byte) (int, error)

	// WriteNow is Write, or WritePrompt if prompt is set, as far as that takes no waiting. If something is left, rest is not nil:
	// it waits for that as Write does. It must be called, once, and p must not change before it returns.
	WriteNow(p []byte, prompt bool) (rest func() error, err error)

	io.Closer
	RemoteAddr() net.Addr
	// SetReadDeadline makes a Read, pending or to come, return os.ErrDeadlineExceeded at t. Zero means never.
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error

	// Settle waits until the terminal's kind is known, at most wait, or until the peer sends text, which is kept for
	// Read. Then a change of kind that was agreed upon meanwhile takes effect: call it between lines, zero wait will do.
	// It returns the error of reading, if there was one, which Read will return again.
	Settle(wait time.Duration) error
	// EditsLines reports whether the peer edits its lines itself and sends them whole (netcat, a MUD client). If not, it sends
	// every key at once and shows only what it is sent. It changes only in Settle and Read.
	EditsLines() bool
	// Size returns columns and rows, zero where they are unknown.
	Size() (columns, rows int)
	// Name returns the terminal's name, such as "xterm-256color", or "" if it told none: printable ASCII, at most 40.
	Name() string
	// HideInput stops the peer from showing what is typed, for a password, and reports whether it can. It may have
	// to ask the peer and wait for the answer, at most wait. ShowInput ends it: call it after the line, before any output.
	HideInput(wait time.Duration) (hidden bool)
	ShowInput()
	// Notify sets what is called after the size changed, and when the peer asks whether anybody is there (AYT). The functions
	// may be called from any goroutine, that of Read included, and must not block. Call Notify before the first Read.
	Notify(resized, areYouThere func())
}
