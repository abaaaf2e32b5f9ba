package session

import (
	"io"
	"net"
	"time"

	"parley/internal/crash"
)

// A Terminal is what a session needs of the thing a person sits at. [parley/telnet.Conn] has these methods; a listener
// for another protocol offers the same. What one transport can do more it says by further methods: see [Settler],
// [InputHider], [PromptWriter], [Claimer], [CharsetAgreer], [InputChooser], [Encrypter], [TryReader], [TryWriter],
// [Linker] and [Messenger]. The session asks for them by assertion, as package net/http asks for an http.Flusher.
// Package terminaltest has the contract as a test.
//
// One goroutine reads; Write and the deadline methods may be called from others at the same time.
type Terminal interface {
	// Read returns input text as the peer sent it, UTF-8 unless its user has set another charset, with control bytes,
	// but no byte of the protocol. The end of a line is one '\n' however the peer spells it, an interrupt (Ctrl-C, IAC
	// IP) is 0x03, erase character 0x7F, erase line 0x15. It returns io.EOF when the peer says that its input has
	// ended, while what is written still arrives.
	io.Reader
	// Write sends text in one piece. '\n' alone becomes CR LF. It gives up on a peer that does not read, after a time
	// of the terminal's own or at the deadline, with os.ErrDeadlineExceeded.
	io.Writer

	RemoteAddr() net.Addr
	// SetReadDeadline makes a Read, pending or to come, return os.ErrDeadlineExceeded at t. Zero means never.
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error

	// EditsLines reports whether the peer edits its lines itself and sends them whole (netcat, a MUD client). If not,
	// it sends every key at once and shows only what it is sent. It changes only in Settle and when input is read.
	EditsLines() bool
	// Size returns columns and rows, zero where they are unknown.
	Size() (columns, rows int)
	// Name returns the terminal's name, such as "xterm-256color", or "" if it told none: printable ASCII, at most 40.
	Name() string
	// Notify sets what is called after Size or EditsLines changed, and when the peer asks whether anybody is there
	// (AYT). The functions may be called from any goroutine, that of Read included, and must not block. Call Notify
	// before the first Read.
	Notify(changed, areYouThere func())
}

// A Settler finds out in its first moments what sits at the other end.
type Settler interface {
	// Settle waits until the terminal's kind is known, at most wait, or until the peer sends text, which is kept for
	// Read. Then a change of kind that was agreed upon meanwhile takes effect: call it between lines, zero wait will
	// do. A prompt may stand while it waits. It returns the error of reading, if there was one, which Read will return
	// again.
	Settle(wait time.Duration) error
}

func settle(t Terminal, wait time.Duration) error {
	if t, ok := t.(Settler); ok {
		return t.Settle(wait)
	}
	return nil
}

// An InputHider is a terminal whose peer may show by itself what is typed. Of a peer that sends every key, and is no
// InputHider, the session takes it that it shows nothing.
type InputHider interface {
	// HideInput stops the peer from showing what is typed, for a password, and reports whether it can. It may have to
	// ask the peer and wait for the answer, at most wait. ShowInput ends it: call it after the line, before any output.
	HideInput(wait time.Duration) (hidden bool)
	ShowInput()
}

// hideInput returns how to show again what is typed: nil if nothing was hidden.
func hideInput(t Terminal, wait time.Duration) (show func()) {
	h, ok := t.(InputHider)
	switch {
	case ok && h.HideInput(wait):
		return h.ShowInput
	case !ok && !t.EditsLines():
		return func() {}
	}
	return nil
}

// A PromptWriter is a terminal that wants to know where a prompt ends.
type PromptWriter interface {
	// WritePrompt is Write for text whose end is a prompt. Without text it ends one whose text TryWrite has sent.
	WritePrompt(p []byte) (int, error)
}

func write(t Terminal, p []byte, prompt bool) (err error) {
	if w, ok := t.(PromptWriter); ok && prompt {
		_, err = w.WritePrompt(p)
	} else {
		_, err = t.Write(p)
	}
	return err
}

// A TryWriter can write without waiting. To all others each line takes a goroutine for as long as writing takes.
type TryWriter interface {
	// TryWrite is Write, or WritePrompt if prompt is set, as far as that takes no waiting. If something is left it
	// returns io.ErrShortWrite and how much of p has gone: Write or WritePrompt of the remainder sends the rest, also
	// of an empty one.
	TryWrite(p []byte, prompt bool) (n int, err error)
}

func tryWrite(t Terminal, p []byte, prompt bool) (n int, err error) {
	if t, ok := t.(TryWriter); ok {
		return t.TryWrite(p, prompt)
	}
	return 0, io.ErrShortWrite
}

// A TryReader can tell when there is input, and be read without waiting: its session at rest has neither a goroutine
// nor a buffer. Sessions at all others have both.
type TryReader interface {
	// TryRead is Read for what has come already: it returns 0 and no error if that is no text.
	TryRead(p []byte) (int, error)
	// AwaitInput has ready called once, when something has come, or Read has an error to return; it may also be called
	// for nothing. It is called from any goroutine, perhaps before AwaitInput returns, and neither blocks nor uses the
	// terminal. The session reads nothing before that.
	AwaitInput(ready func())
}

// input returns how the session waits.
func (s *Session) input() TryReader {
	if s.waits != nil {
		return s.waits
	}
	return s.term.(TryReader)
}

// A waitingReader waits for a terminal that can only be read, with a worker who reads.
type waitingReader struct {
	server *Server
	term   Terminal
	ready  func() // while a worker reads

	buffers *buffers // what was read, and is not yet taken, begins here
	n       int
	err     error
}

// AwaitInput implements [TryReader]. At the latest when its session is ended, the read ends, and with that the waiting.
func (r *waitingReader) AwaitInput(ready func()) {
	r.ready = ready
	r.server.workers.start(r)
}

// do reads.
func (r *waitingReader) do() {
	defer r.ready()
	defer crash.Survive(r.server.log(), "reading")
	r.err = crash.ErrPanic
	r.buffers = pooled.Get().(*buffers)
	r.n, r.err = r.term.Read(r.buffers.in[:])
}

// TryRead returns what was read. p has room for it.
func (r *waitingReader) TryRead(p []byte) (n int, err error) {
	if r.buffers != nil {
		n = copy(p, r.buffers.in[:r.n])
		pooled.Put(r.buffers)
	}
	err = r.err
	r.buffers, r.n, r.err = nil, 0, nil
	return n, err
}

// A Claimer is a terminal that may tell what it can do.
type Claimer interface {
	// Claims returns what it told, as the bits of the MUD Terminal Type Standard: 1 is colours, 4 UTF-8, 8 many
	// colours, 64 that a screen reader is in use. Zero means that it told nothing.
	Claims() int
}

// The bits of Claims.
const (
	claimsColour = 1 | 8 | 256
	claimsUTF8   = 4
	claimsReader = 64
)

// A CharsetAgreer is a terminal that may have agreed upon a character set.
type CharsetAgreer interface {
	// AgreedCharset returns a name of that set which [settings.Charset] may be set to, such as "ISO-8859-1", or "". It
	// changes only when input is read.
	AgreedCharset() string
}

// An Encrypter is a terminal that says whether it is encrypted on all its way. All others are not.
type Encrypter interface {
	// Encrypted reports whether nobody can read along. It does not change.
	Encrypted() bool
}

// Encrypted reports whether nobody can read along on the way to the terminal.
func (s *Session) Encrypted() bool {
	t, ok := s.term.(Encrypter)
	return ok && t.Encrypted()
}

// An InputChooser is a terminal whose user may choose who edits the lines.
type InputChooser interface {
	// ChooseInput says that the peer is to edit its lines, or to send every key; with neither, what its kind suggests.
	// It takes effect in the next Settle, if the peer can do that: EditsLines tells.
	ChooseInput(lines, keys bool)
}
