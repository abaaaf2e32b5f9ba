package telnet

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	gotelnet "github.com/reiver/go-telnet"

	"parley/internal/crash"
)

// Bare returns a Conn over what a server of package github.com/reiver/go-telnet hands to its handlers, so that a
// handler written for Conn works there too. If w is a *Conn already, as with [Handle], Bare returns it.
//
// That package takes all commands out of the input before anybody can answer them, so the peer is one that never
// negotiates: it edits its lines, and its input cannot be hidden. Reading has deadlines; writing has none, and
// SetWriteDeadline says so by returning [os.ErrNoDeadline]. Close ends the pending Read, and later ones, but only the
// server closes the connection, after the handler returned; that ends the goroutine which a Read that gave up leaves in
// r.
func Bare(w gotelnet.Writer, r gotelnet.Reader) *Conn {
	if c, ok := w.(*Conn); ok {
		return c
	}
	ctx, closed := context.WithCancel(context.Background())
	c := newConn(&bareConn{w: w, r: r, received: make(chan received, 1), open: ctx, close: closed,
		changed: make(chan struct{})}, nil)
	c.opened, c.waited = true, true
	return c
}

// A bareConn makes a net.Conn of a reader and a writer.
type bareConn struct {
	w gotelnet.Writer
	r gotelnet.Reader

	asked    bool            // a goroutine reads from r; the reader's own
	received chan received   // what it has read: it never waits to hand it over
	open     context.Context // until it is closed
	close    func()

	mu       sync.Mutex // guards everything below
	deadline time.Time
	changed  chan struct{} // closed when deadline changes
}

// received is the result of reading one byte.
type received struct {
	b   byte
	err error
}

// readByte reads one byte from r. It asks for no more since that reader waits until all that it is asked for is there.
func (b *bareConn) readByte() {
	defer func() {
		if v := recover(); v != nil {
			b.received <- received{err: fmt.Errorf("telnet: panic in the reader: %s", crash.About(v))}
		}
	}()
	buf := make([]byte, 1)
	n, err := b.r.Read(buf)
	if n > 0 {
		err = nil
	}
	if buf[0] == IAC {
		// The doubling is undone already, and Conn must not see a command: any other byte that is no UTF-8 will do.
		buf[0]--
	}
	b.received <- received{buf[0], err}
}

// Read reads one byte. The goroutine that it starts ends with that byte or with the input, at the latest when the
// server closes the connection.
func (b *bareConn) Read(p []byte) (int, error) {
	if !b.asked {
		b.asked = true
		go b.readByte()
	}
	for {
		b.mu.Lock()
		deadline, changed := b.deadline, b.changed
		b.mu.Unlock()
		switch {
		case b.open.Err() != nil:
			return 0, net.ErrClosed
		case !deadline.IsZero() && !time.Now().Before(deadline):
			return 0, os.ErrDeadlineExceeded
		}
		if n, ok, err := b.receive(p, deadline, changed); ok {
			return n, err
		}
	}
}

// receive waits for one byte, and is not ok when the deadline passes or changes before, or b is closed.
func (b *bareConn) receive(p []byte, deadline time.Time, changed <-chan struct{}) (n int, ok bool, err error) {
	var passed <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case r := <-b.received:
		b.asked = false
		if r.err != nil {
			return 0, true, r.err
		}
		p[0] = r.b
		return 1, true, nil
	case <-passed:
	case <-changed:
	case <-b.open.Done():
	}
	return 0, false, nil
}

// Write writes p, in which Conn has doubled every IAC: w does that too.
func (b *bareConn) Write(p []byte) (int, error) {
	if b.open.Err() != nil {
		return 0, net.ErrClosed
	}
	if _, err := b.w.Write(bytes.ReplaceAll(p, []byte{IAC, IAC}, []byte{IAC})); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (b *bareConn) Close() error {
	if b.open.Err() != nil {
		return net.ErrClosed
	}
	b.close()
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
