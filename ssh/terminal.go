package ssh

import (
	"io"
	"net"
	"strings"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/internal/crash"
)

// A Terminal is what a peer of SSH sits at: a pseudo-terminal, which sends every key, or, where the peer has asked for
// none, a program that sends lines.
type Terminal struct {
	conn    *Conn
	channel gossh.Channel

	received [128]byte // of whoever reads the channel
	input    input
	output   sink

	mu       sync.Mutex // guards all below
	keys     bool       // there is a pseudo-terminal
	name     string
	columns  int
	rows     int
	charsets [3]string // as LC_ALL, LC_CTYPE and LANG name them: the first that says something counts
	changed  func()
}

func newTerminal(c *Conn, channel gossh.Channel) *Terminal {
	t := &Terminal{conn: c, channel: channel}
	t.output.abort, t.output.writes, t.output.sending = c.abort, c.wire.writes, c.wire.sending
	return t
}

// receive begins to read what the peer sends.
func (t *Terminal) receive() {
	t.conn.running.Add(1) // until there is no more
	t.receiveMore()
}

// receiveMore reads on.
func (t *Terminal) receiveMore() {
	t.conn.running.Go(t.receiveOnce) // until something comes, at the latest the end of the connection
}

// receiveOnce reads once. Then another goroutine reads on, as soon as there is room: the stack of this one has grown,
// which it would keep.
func (t *Terminal) receiveOnce() {
	err := crash.ErrPanic
	defer func() {
		if err != nil {
			t.input.end(io.EOF)
			t.conn.running.Done()
		}
	}()
	defer crash.Survive(t.conn.log, "input by SSH")
	n, failed := t.channel.Read(t.received[:])
	if n > 0 {
		t.conn.wire.passed(n < len(t.received))
		t.input.put(t.received[:n])
	}
	if err = failed; err == nil {
		t.input.whenRoom(t.receiveMore)
	}
}

// onlyInput ends the connection if the peer sends what would be errors of a program: only a server has them. The
// library keeps that, and counts it as read by nobody.
func (t *Terminal) onlyInput() {
	t.conn.running.Go(func() { // until the connection ends
		defer crash.Survive(t.conn.log, "errors by SSH")
		if n, _ := t.channel.Stderr().Read(make([]byte, 1)); n > 0 {
			t.conn.abort()
		}
	})
}

// discard makes all input be forgotten.
func (t *Terminal) discard() { t.input.discard() }

// types makes text come as if the peer had typed it.
func (t *Terminal) types(text string) { t.input.put([]byte(text)) }

// Read implements [parley/session.Terminal].
func (t *Terminal) Read(p []byte) (int, error) {
	n, err := t.input.read(p)
	t.conn.wire.took(n)
	return n, err
}

// TryRead is Read for what has come already: it returns 0 and no error if that is nothing.
func (t *Terminal) TryRead(p []byte) (int, error) {
	n, _, err := t.input.take(p, false)
	t.conn.wire.took(n)
	return n, err
}

// AwaitInput has ready called once, when there is something to read, an error included.
func (t *Terminal) AwaitInput(ready func()) { t.input.await(ready) }

// SetReadDeadline makes a Read, pending or to come, return [os.ErrDeadlineExceeded] at at. Zero means never.
func (t *Terminal) SetReadDeadline(at time.Time) error {
	t.input.setDeadline(at)
	return nil
}

// Write sends text; '\n' alone becomes CR LF where there is a pseudo-terminal. A peer that does not take it in ten
// seconds, or by the deadline, is left, and Write returns [os.ErrDeadlineExceeded].
func (t *Terminal) Write(p []byte) (int, error) { return t.output.write(t.channel, p, t.isPTY()) }

// SetWriteDeadline sets when a Write, pending or to come, gives up. Zero means the ten seconds alone.
func (t *Terminal) SetWriteDeadline(at time.Time) error {
	t.output.setDeadline(at)
	return nil
}

// A stream is one of the outputs of a command.
type stream struct {
	terminal *Terminal
	w        io.Writer
}

func (s stream) Write(p []byte) (int, error) { return s.terminal.output.write(s.w, p, false) }

// RemoteAddr returns the address of the peer.
func (t *Terminal) RemoteAddr() net.Addr { return t.conn.ssh.RemoteAddr() }

// Encrypted reports that nobody can read along.
func (t *Terminal) Encrypted() bool { return true }

// EditsLines reports whether the peer sends whole lines: it has asked for no pseudo-terminal.
func (t *Terminal) EditsLines() bool { return !t.isPTY() }

func (t *Terminal) isPTY() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys
}

// Size returns the columns and rows of the window, each 0 where it is unknown, otherwise 40–500 columns and 1–500 rows.
func (t *Terminal) Size() (columns, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.columns, t.rows
}

// Name returns what the peer calls its terminal, such as "xterm-256color".
func (t *Terminal) Name() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.name
}

// Notify sets what is called after Size changed. Nobody asks by SSH whether anybody is there.
func (t *Terminal) Notify(changed, _ func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed = changed
}

// beTerminal says that there is a pseudo-terminal.
func (t *Terminal) beTerminal(name string, columns, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys, t.columns, t.rows = true, columns, rows
	if name != "" {
		t.name = name
	}
}

// resize takes a window size, and reports whether there is a window.
func (t *Terminal) resize(columns, rows int) bool {
	t.mu.Lock()
	keys, changed := t.keys, t.changed
	if news := keys && (columns != t.columns || rows != t.rows); news {
		t.columns, t.rows = columns, rows
	} else {
		changed = nil
	}
	t.mu.Unlock()
	if changed != nil {
		changed()
	}
	return keys
}

// setVariable takes a variable of the peer's environment, and reports whether it is one that means something here.
func (t *Terminal) setVariable(name, value string) bool {
	if len(value) > maxValue {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	rank := 2
	switch {
	case name == "TERM":
		if t.name == "" {
			t.name = cleanName(value)
		}
		return true
	case name == "LC_ALL":
		rank = 0
	case name == "LC_CTYPE":
		rank = 1
	case name != "LANG":
		return strings.HasPrefix(name, "LC_") && len(name) <= maxName // money, dates: nothing to do with characters
	}
	if found := locale.FindStringSubmatch(value); found != nil {
		t.charsets[rank] = charset(found[1])
	}
	return true
}

// charset returns the name of a character set that is known here by one that systems give it, "" for none.
func charset(name string) string {
	switch strings.ReplaceAll(strings.ToUpper(name), "_", "-") {
	case "UTF-8", "UTF8":
		return "UTF-8"
	case "ISO-8859-1", "ISO8859-1":
		return "ISO-8859-1"
	case "CP437", "IBM437":
		return "CP437"
	case "US-ASCII", "ANSI-X3.4-1968":
		return "US-ASCII"
	}
	return ""
}

// AgreedCharset returns the character set that the peer's environment names: "UTF-8", "ISO-8859-1", "CP437" or
// "US-ASCII", "" if it names none of these.
func (t *Terminal) AgreedCharset() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range t.charsets {
		if name != "" {
			return name
		}
	}
	return ""
}
