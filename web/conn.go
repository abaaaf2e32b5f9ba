package web

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/rawconn"
)

// A Conn carries telnet over a WebSocket, as the server. It is a [rawconn.Conn].
//
// Each write is one message, so that no character and no command is cut. What the connection below does not take is
// kept, as in package tlsconn: TryWrite takes all, or nothing while something is kept, and returns [io.ErrShortWrite]
// for what is still to be sent.
type Conn struct {
	below     rawconn.Conn
	remote    net.Addr
	encrypted bool
	page      bool
	speech    speech

	// The reader's own.
	frames decoder
	came   []byte // what nobody has read
	err    error  // what comes after that
	left   bool   // the client has sent a Close frame
	broken bool   // by the client, against the protocol

	over    atomic.Bool // CloseWrite was called
	stirred atomic.Bool // something has come since the last Ping

	mu      sync.Mutex // guards all below
	kept    []byte     // whole frames, but for the first, that are not yet taken
	behind  bool       // the connection below has taken what it still has to send
	sending bool       // flush is sending what comes before kept
	pong    []byte     // the answer to a ping, when nothing is kept; nil for none
	closed  bool       // a Close frame is among what was sent or is kept
	ending  CloseError // what that frame is to say
}

var errClosed = errors.New("web: the WebSocket is closed")

func newConn(below rawconn.Conn, remote net.Addr, encrypted bool, s speech) *Conn {
	return &Conn{below: below, remote: remote, encrypted: encrypted, speech: s, came: s.opening(),
		ending: CloseError{Code: CodeNormal}}
}

// Encrypted reports whether nobody can read along.
func (c *Conn) Encrypted() bool { return c.encrypted }

// IsPage reports whether the page of this site has come: it says at once what it is, and how large.
func (c *Conn) IsPage() bool { return c.page }

// NetConn returns the connection below.
func (c *Conn) NetConn() net.Conn { return c.below }

// LocalAddr returns the server's address.
func (c *Conn) LocalAddr() net.Addr { return c.below.LocalAddr() }

// RemoteAddr returns the peer's address. Where a proxy says in X-Forwarded-For who comes, that has the port 0.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// Read reads bytes of telnet. It returns [io.EOF] when the client has ended the connection in good order, and a
// [net.Error] when the connection is lost, if only because the page was left.
//
// After CloseWrite, of a client that broke the protocol, it returns whatever still comes, as bytes for nobody: a
// connection that is closed while input waits to be read is reset, and the client may never learn the reason.
func (c *Conn) Read(p []byte) (int, error) {
	if c.over.Load() && c.broken {
		return c.below.Read(p)
	}
	for len(p) > 0 {
		if n, err := c.read(p, c.below.Read); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// TryRead implements [rawconn.Conn].
func (c *Conn) TryRead(p []byte) (int, error) { return c.read(p, c.below.TryRead) }

// read takes what was read before, or reads once.
func (c *Conn) read(p []byte, receive func([]byte) (int, error)) (n int, err error) {
	if len(c.came) == 0 && c.err == nil {
		n, err = receive(p)
		c.receive(p[:n])
		var late net.Error
		if err != nil && c.err == nil && !(errors.As(err, &late) && late.Timeout()) {
			if err == io.EOF {
				err = &CloseError{Code: CodeGoingAway, Reason: "the connection ended"}
			}
			c.err = err
		}
	}
	if len(c.came) > 0 {
		if n = copy(p, c.came); n == len(c.came) {
			c.came = nil
		} else {
			c.came = c.came[n:]
		}
		return n, nil
	}
	if c.err != nil {
		return 0, c.err
	}
	return 0, err
}

// receive takes what was received, and answers pings and the end.
func (c *Conn) receive(received []byte) {
	if len(received) == 0 {
		return
	}
	c.stirred.Store(true)
	err := c.frames.feed(received, c.handle)
	c.answer()
	if err != nil {
		if c.err = err; errors.Is(err, io.EOF) {
			return
		}
		var why *CloseError
		if errors.As(err, &why) {
			c.broken = !c.left
			c.close(why)
		}
	}
}

// answer answers the last ping of those that have come together.
func (c *Conn) answer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pong != nil {
		_ = c.tryFlushLocked() // the next write returns the error again
	}
}

// handle takes a message or a control frame.
func (c *Conn) handle(op opcode, payload []byte) (err error) {
	switch op {
	case opPing:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.pong = append([]byte{}, payload...) // only the last one needs an answer (section 5.5.3)
	case opPong:
	case opClose:
		c.left = true
		why := closed(payload)
		c.close(why)
		if why.Code == CodeNormal || why.Code == codeNone {
			return io.EOF
		}
		return why
	default:
		c.came, err = c.speech.receive(c.came, op == opText, payload)
	}
	return err
}

// AwaitInput implements [rawconn.Conn].
func (c *Conn) AwaitInput(ready func()) {
	if len(c.came) > 0 || c.err != nil {
		ready()
		return
	}
	c.below.AwaitInput(ready)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the size of a buffer that is worth keeping for the next write.
const maxPooled = 16 << 10

// TryWrite implements [rawconn.Conn].
func (c *Conn) TryWrite(p []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, errClosed
	}
	if err := c.tryFlushLocked(); err != nil || len(c.kept) > 0 || c.sending {
		return 0, err
	}
	buffer := buffers.Get().(*[]byte)
	*buffer = c.speech.send((*buffer)[:0], p)
	err = c.tryLocked(*buffer)
	if cap(*buffer) <= maxPooled {
		buffers.Put(buffer)
	}
	if err == nil && (len(c.kept) > 0 || c.behind) {
		err = io.ErrShortWrite
	}
	return len(p), err
}

// tryLocked sends frames as far as that takes no waiting, and keeps the rest. Nothing is kept before.
func (c *Conn) tryLocked(frames []byte) error {
	if len(frames) == 0 {
		return nil
	}
	n, err := c.below.TryWrite(frames)
	if c.behind = err == io.ErrShortWrite; c.behind {
		err = nil
	}
	if n < len(frames) {
		c.kept = bytes.Clone(frames[n:])
	}
	return err
}

// tryFlushLocked sends what is kept as far as that takes no waiting, and a pong behind it.
func (c *Conn) tryFlushLocked() error {
	if c.sending {
		return nil
	}
	if kept := c.kept; len(kept) > 0 {
		c.kept = nil
		if err := c.tryLocked(kept); err != nil || len(c.kept) > 0 {
			return err
		}
	}
	if pong := c.pong; pong != nil && !c.closed {
		c.pong = nil
		return c.tryLocked(appendFrame(nil, opPong, pong))
	}
	return nil
}

// Write sends p as one message, and what TryWrite has left.
func (c *Conn) Write(p []byte) (n int, err error) {
	if err := c.flush(); err != nil || len(p) == 0 {
		return 0, err
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return 0, errClosed
	}
	c.kept = c.speech.send(c.kept, p)
	c.mu.Unlock()
	return len(p), c.flush()
}

// flush sends what is kept. Only the writer calls it, by the deadline for writing.
func (c *Conn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.kept) > 0 || c.behind {
		p := c.kept
		c.sending, c.behind = true, false
		c.mu.Unlock()
		n, err := c.below.Write(p)
		c.mu.Lock()
		c.sending = false
		if c.kept = c.kept[n:]; len(c.kept) == 0 {
			c.kept = nil
		}
		if err != nil {
			c.behind = true
			return err
		}
	}
	return c.tryFlushLocked()
}

// Ping sends a ping if nothing has come since the last call, so that nobody on the way takes the connection for dead.
// It does not wait: to who does not read, nothing is sent.
func (c *Conn) Ping() {
	if c.stirred.Swap(false) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.sending || c.behind || len(c.kept) > 0 {
		return
	}
	_ = c.tryLocked(appendFrame(nil, opPing, nil)) // an error comes again
}

// EndsBy says what the Close frame is to tell the client, unless the client ends the connection itself.
func (c *Conn) EndsBy(code uint16, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending = CloseError{Code: code, Reason: reason}
}

// close sends a Close frame behind what is kept, as far as that takes no waiting, once.
func (c *Conn) close(why *CloseError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked(why)
}

func (c *Conn) closeLocked(why *CloseError) {
	if c.closed {
		return
	}
	c.closed, c.pong = true, nil
	c.kept = appendClose(c.kept, why)
	_ = c.tryFlushLocked() // flush returns the error again
}

// CloseWrite sends a Close frame: no more output comes. The client answers with its own, behind which Read returns
// [io.EOF].
func (c *Conn) CloseWrite() error {
	c.over.Store(true)
	c.mu.Lock()
	c.closeLocked(&c.ending)
	c.mu.Unlock()
	return c.flush()
}

// Close closes the connection below. Pending calls return.
func (c *Conn) Close() error { return c.below.Close() }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error { return c.below.SetDeadline(t) }

// SetReadDeadline sets when a Read gives up.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.below.SetReadDeadline(t) }

// SetWriteDeadline sets when a Write gives up.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.below.SetWriteDeadline(t) }
