package telnet

import (
	"bytes"
	"net"
	"os"
	"sync"
	"time"

	gotelnet "github.com/reiver/go-telnet"
)

// Bare returns a Conn over what a server of package github.com/reiver/go-telnet hands to its handlers, so that a handler
// written for Conn works there too. If w is a *Conn already, as with [Server], Bare returns it.
//
// That package takes all commands out of the input before anybody can answer them, so the peer is one that never negotiates: it
// edits its lines, and its input cannot be hidden. Reading has deadlines; writing has none, and SetWriteDeadline says so by
// returning [os.ErrNoDeadline]. Close ends the pending Read, and later ones, but only the server closes the connection, after the
// handler returned; that ends the goroutine which Read leaves in r.
func Bare(w gotelnet.Writer, r gotelnet.Reader) *Conn {
	if c, ok := w.(*Conn); ok {
		return c
	}
	c := newConn(newBareConn(w, r), nil)
	c.opened, c.waited = true, true
	return c
}

// A bareConn makes a net.Conn of a reader and a writer.
type bareConn struct {
	w gotelnet.Writer
	r gotelnet.Reader

	start  sync.Once
	in     chan byte // closed at the end of the input, readErr being set
	closed chan struct{}

	mu       sync.Mutex // guards everything below
	readErr  error
	isClosed bool
	deadline time.Time
	changed  chan struct{} // closed when deadline changes
}

func newBareConn(w gotelnet.Writer, r gotelnet.Reader) *bareConn {
	return &bareConn{w: w, r: r, in: make(chan byte), closed: make(chan struct{}), changed: make(chan struct{})}
}

// pump hands on the input byte by byte, since that reader waits until all that it is asked for is there. It ends with the
// input, at the latest when the server closes the connection.
func (b *bareConn) pump() {
	buf := make([]byte, 1)
	for {
		n, err := b.r.Read(buf)
		if n == 1 {
			if buf[0] == IAC {
				// The doubling is undone already, and Conn must not see a command: any other byte that is no UTF-8 will do.
				buf[0]--
			}
			select {
			case b.in <- buf[0]:
			case <-b.closed:
				return
			}
		}
		if err != nil {
			b.mu.Lock()
			b.readErr = err
			b.mu.Unlock()
			close(b.in)
			return
		}
	}
}

// Read reads one byte.
func (b *bareConn) Read(p []byte) (int, error) {
	b.start.Do(func() { go b.pump() })
	for {
		b.mu.Lock()
		deadline, changed, isClosed := b.deadline, b.changed, b.isClosed
		b.mu.Unlock()
		switch {
		case isClosed:
			return 0, net.ErrClosed
		case !deadline.IsZero() && !time.Now().Before(deadline):
			return 0, os.ErrDeadlineExceeded
		}
		n, again, err := b.receive(p, deadline, changed)
		if !again {
			return n, err
		}
	}
}

// receive waits for one byte, until the deadline passes or changes.
func (b *bareConn) receive(p []byte, deadline time.Time, changed <-chan struct{}) (n int, again bool, err error) {
	var passed <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case c, ok := <-b.in:
		if !ok {
			b.mu.Lock()
			defer b.mu.Unlock()
			return 0, false, b.readErr
		}
		p[0] = c
		return 1, false, nil
	case <-passed:
	case <-changed:
	case <-b.closed:
	}
	return 0, true, nil
}

// Write writes p, in which Conn has doubled every IAC: w does that too.
func (b *bareConn) Write(p []byte) (int, error) {
	b.mu.Lock()
	isClosed := b.isClosed
	b.mu.Unlock()
	if isClosed {
		return 0, net.ErrClosed
	}
	if _, err := b.w.Write(bytes.ReplaceAll(p, []byte{IAC, IAC}, []byte{IAC})); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (b *bareConn) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.isClosed {
		return net.ErrClosed
	}
	b.isClosed = true
	close(b.closed)
	return nil
}

func (b *bareConn) SetReadDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deadline = t
	close(b.changed)
	b.changed = make(chan struct{})
	return nil
}

func (b *bareConn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

func (b *bareConn) SetDeadline(time.Time) error { return os.ErrNoDeadline }

// LocalAddr and RemoteAddr return an address of no use: go-telnet tells a handler neither.
func (b *bareConn) LocalAddr() net.Addr  { return bareAddr{} }
func (b *bareConn) RemoteAddr() net.Addr { return bareAddr{} }

type bareAddr struct{}

func (bareAddr) Network() string { return "telnet" }
func (bareAddr) String() string  { return "unknown" }
