package telnettest

import (
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// socketBuffer is how many bytes one direction of a connection holds before its writer has to wait: about what a kernel
// grants a socket, and enough that two sides may both speak first.
const socketBuffer = 64 << 10

// serverPort is the port of the server side of a [Pipe].
const serverPort = 4000

// clientPorts counts the ports given to client sides, so that no two connections of a test have the same address.
var clientPorts atomic.Uint32

// Pipe returns the two ends of a connection in memory that behaves like TCP over loopback.
//
// Each direction buffers 64 KiB; a Write waits while that is full. After one side's Close the other reads what was
// buffered and then io.EOF, and its writes fail with [syscall.EPIPE]; the same end of file follows CloseWrite, which
// both ends have (assert interface{ CloseWrite() error }). After Lose the other side reads [syscall.ETIMEDOUT].
// Bytes that a side had not read when it closed are lost, without the reset that TCP would send. Deadlines give
// [os.ErrDeadlineExceeded], use after Close [net.ErrClosed].
//
// Addresses are *net.TCPAddr of 127.0.0.1: port 4000 for the server, another one for every client. All methods are safe
// for concurrent use, and whoever waits in them is durably blocked in the sense of testing/synctest. A pipe owns no
// goroutine.
func Pipe() (client, server net.Conn) {
	return pipe(net.IPv4(127, 0, 0, 1), serverPort)
}

func pipe(source net.IP, port int) (client, server *conn) {
	const ephemeral, span = 49152, 16384 // the dynamic ports of RFC 6335, section 6
	from := &net.TCPAddr{IP: source, Port: ephemeral + int((clientPorts.Add(1)-1)%span)}
	to := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
	up, down := newStream(), newStream()
	return &conn{in: down, out: up, local: from, remote: to}, &conn{in: up, out: down, local: to, remote: from}
}

// conn is one end of a pipe.
type conn struct {
	in, out       *stream
	local, remote *net.TCPAddr
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.opError("read", err)
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p, true)
	return n, c.opError("write", err)
}

// TryRead reads what has come already, and TryWrite writes what is taken at once; AwaitInput has ready called when
// there is something to read. With these methods a pipe takes the same way through a server as a socket.

func (c *conn) TryRead(p []byte) (int, error) {
	n, err := c.in.tryRead(p)
	return n, c.opError("read", err)
}

func (c *conn) TryWrite(p []byte) (int, error) {
	n, err := c.out.write(p, false)
	return n, c.opError("write", err)
}

func (c *conn) AwaitInput(ready func()) { c.in.await(ready) }

func (c *conn) Close() error {
	first := c.in.closeRead()
	c.out.closeWrite(net.ErrClosed)
	if !first {
		return c.opError("close", net.ErrClosed)
	}
	return nil
}

// CloseWrite ends what this side sends, as shutdown(2) does; it goes on reading.
func (c *conn) CloseWrite() error {
	return c.opError("close", c.out.closeWrite(syscall.EPIPE))
}

// errLost is what a server reads whose peer was lost.
const errLost = syscall.ETIMEDOUT

// Lose ends the connection as when nothing arrives any more: the other side reads an error, not the end of the input.
func (c *conn) Lose() {
	c.out.closeWrite(errLost)
	c.in.closeRead()
}

func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *conn) SetReadDeadline(t time.Time) error {
	return c.opError("set", c.in.setDeadline(&c.in.reader, t))
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	return c.opError("set", c.out.setDeadline(&c.out.writer, t))
}

// opError wraps err as package net does; io.EOF stays bare, as readers compare it with ==.
func (c *conn) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// stream is one direction of a pipe.
type stream struct {
	mu      sync.Mutex // guards everything below
	changed sync.Cond
	data    []byte
	reader  side
	writer  side
	ready   func() // what a reader at rest waits for
}

// side is the state of the one who reads or the one who writes.
type side struct {
	closed   error     // what its own calls return since it closed; nil while it is open
	deadline time.Time // zero: none
	timer    *time.Timer
}

func (s *side) expired() bool {
	return !s.deadline.IsZero() && !time.Now().Before(s.deadline)
}

func (s *side) stopTimer() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

func newStream() *stream {
	s := new(stream)
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) == 0 {
		return 0, s.reader.closed
	}
	for !s.readableLocked() {
		s.changed.Wait()
	}
	if s.reader.closed == nil && s.reader.expired() {
		return 0, os.ErrDeadlineExceeded
	}
	return s.takeLocked(p)
}

// readableLocked reports whether a read has not to wait, if only for an error.
func (s *stream) readableLocked() bool {
	return len(s.data) > 0 || s.reader.closed != nil || s.writer.closed != nil || s.reader.expired()
}

// takeLocked reads what there is.
func (s *stream) takeLocked(p []byte) (int, error) {
	switch {
	case s.reader.closed != nil:
		return 0, s.reader.closed
	case len(s.data) > 0:
		n := copy(p, s.data)
		s.data = s.data[n:]
		s.changed.Broadcast()
		return n, nil
	case s.writer.closed == errLost:
		return 0, errLost
	case s.writer.closed != nil:
		return 0, io.EOF
	}
	return 0, nil
}

func (s *stream) tryRead(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeLocked(p)
}

func (s *stream) await(ready func()) {
	s.mu.Lock()
	s.ready = ready
	s.unlock()
}

// unlock gives the lock up, and calls who rests if there is something to read.
func (s *stream) unlock() {
	var ready func()
	if s.ready != nil && s.readableLocked() {
		ready, s.ready = s.ready, nil
	}
	s.mu.Unlock()
	if ready != nil {
		ready()
	}
}

// write writes all of p, or, if wait is not set, what fits.
func (s *stream) write(p []byte, wait bool) (written int, err error) {
	s.mu.Lock()
	defer s.unlock()
	for {
		switch {
		case s.writer.closed != nil:
			return written, s.writer.closed
		case s.reader.closed != nil:
			return written, syscall.EPIPE
		case wait && s.writer.expired():
			return written, os.ErrDeadlineExceeded
		}
		if n := min(len(p), socketBuffer-len(s.data)); n > 0 {
			s.data = append(s.data, p[:n]...)
			p = p[n:]
			written += n
			s.changed.Broadcast()
		}
		if len(p) == 0 || !wait {
			return written, nil
		}
		s.changed.Wait()
	}
}

// closeRead reports whether this call closed the reading side. Data that nobody will read goes.
func (s *stream) closeRead() bool {
	s.mu.Lock()
	defer s.unlock()
	if s.reader.closed != nil {
		return false
	}
	s.reader.closed = net.ErrClosed
	s.reader.stopTimer()
	s.data = nil
	s.changed.Broadcast()
	return true
}

// closeWrite makes later writes return reason. A full close may follow a half-close, not the other way round.
func (s *stream) closeWrite(reason error) error {
	s.mu.Lock()
	defer s.unlock()
	if s.writer.closed == net.ErrClosed || s.writer.closed == errLost {
		return net.ErrClosed
	}
	s.writer.closed = reason
	s.writer.stopTimer()
	s.changed.Broadcast()
	return nil
}

func (s *stream) setDeadline(who *side, t time.Time) error {
	s.mu.Lock()
	defer s.unlock()
	if who.closed == net.ErrClosed {
		return net.ErrClosed
	}
	who.stopTimer()
	who.deadline = t
	if !t.IsZero() {
		left := time.Until(t)
		// On the monotonic clock, which the timer follows too: when it fires the deadline has passed.
		who.deadline = time.Now().Add(left)
		if left > 0 {
			who.timer = time.AfterFunc(left, s.wake)
		}
	}
	s.changed.Broadcast()
	return nil
}

// wake lets the waiting look at the clock.
func (s *stream) wake() {
	s.mu.Lock()
	defer s.unlock()
	s.changed.Broadcast()
}
