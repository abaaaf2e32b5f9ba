// Package tlsconn is TLS over a connection that can be tried without waiting and can rest, as package rawconn has them:
// the server's side of it.
package tlsconn

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"parley/internal/rawconn"
	"parley/internal/slots"
)

// ErrPlain is returned by [Handshake] when the peer speaks something else than TLS. Nothing was sent to it.
var ErrPlain = errors.New("tlsconn: not TLS")

// A Conn is a connection that is encrypted. It is a [rawconn.Conn], and one below TLS holds neither a goroutine nor a
// buffer of its own while it rests.
//
// What was encrypted is kept until the connection below has taken it, so a write that is given up in the middle does
// not break the stream. TryWrite may therefore take all and return [io.ErrShortWrite]: some of it is still to be sent,
// by a Write, which may be one of nothing.
type Conn struct {
	tls  *tls.Conn
	wire wire
	// drained says that nothing that has come is left to be read, but perhaps the beginning of a record. The reader's
	// own.
	drained bool
}

// maxRecord is how much text one record of TLS holds (RFC 8446, section 5.1).
const maxRecord = 16 << 10

// A Heard is told once that the peer has sent something.
type Heard func()

// Handshake makes nc an encrypted connection, as the server, by the deadlines that are set for nc. free bounds how
// many handshakes are computed at a time: it is held while this one is computed, and not while it waits. heard is
// called when the first byte has come. nc is not closed, whatever happens. Handshake returns [ErrPlain] if the peer
// does not speak TLS.
func Handshake(nc net.Conn, config *tls.Config, free slots.Slots, heard Heard) (*Conn, error) {
	c := &Conn{wire: wire{Conn: rawconn.Of(nc), waits: true, opening: &opening{slots: free, heard: heard}}}
	c.tls = tls.Server(&c.wire, config)
	free.Take()
	err := c.tls.HandshakeContext(context.Background())
	free.Give()
	plain := c.wire.opening.plain
	c.wire.opening = nil
	if plain {
		return nil, ErrPlain
	}
	if flushErr := c.wire.flush(); err == nil {
		err = flushErr
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Encrypted reports that nobody can read along.
func (c *Conn) Encrypted() bool { return true }

// ConnectionState returns what was agreed upon.
func (c *Conn) ConnectionState() tls.ConnectionState { return c.tls.ConnectionState() }

// NetConn returns the connection below.
func (c *Conn) NetConn() net.Conn { return c.wire.Conn }

// Read reads text. A deadline that passes does not break the stream.
func (c *Conn) Read(p []byte) (int, error) {
	c.wire.waits, c.drained = true, false
	return c.tls.Read(p)
}

// TryRead implements [rawconn.Conn].
func (c *Conn) TryRead(p []byte) (n int, err error) {
	c.wire.waits, c.drained = false, false
	for n < len(p) && err == nil {
		var more int
		more, err = c.tls.Read(p[n:])
		n += more
	}
	if errors.Is(err, errNothing) {
		c.drained = true
		return n, nil
	}
	if n > 0 {
		return n, nil // the error comes again
	}
	return 0, err
}

// AwaitInput implements [rawconn.Conn].
func (c *Conn) AwaitInput(ready func()) {
	if c.drained {
		c.wire.AwaitInput(ready)
		return
	}
	ready()
}

// TryWrite implements [rawconn.Conn].
func (c *Conn) TryWrite(p []byte) (n int, err error) {
	sent, err := c.wire.tryFlush()
	for err == nil && sent && n < len(p) {
		var more int
		more, err = c.tls.Write(p[n:min(len(p), n+maxRecord)])
		n += more
		sent = sent && c.wire.empty()
	}
	if err == nil && n == len(p) && !sent {
		err = io.ErrShortWrite
	}
	return n, err
}

// Write sends p, and what TryWrite has left. It returns how much of p was taken; some of that may not have been sent if
// there is an error.
func (c *Conn) Write(p []byte) (n int, err error) {
	err = c.wire.flush()
	for err == nil && n < len(p) {
		var more int
		more, err = c.tls.Write(p[n:min(len(p), n+maxRecord)])
		n += more
		if err == nil {
			err = c.wire.flush()
		}
	}
	return n, err
}

// CloseWrite ends the output, with the alert by which the peer knows that nothing was cut off (RFC 8446, section 6.1).
func (c *Conn) CloseWrite() error {
	err := c.wire.flush()
	if err == nil {
		err = c.tls.CloseWrite()
	}
	if err == nil {
		err = c.wire.flush()
	}
	if err != nil {
		return err
	}
	return rawconn.CloseWrite(c.wire.Conn)
}

// Close closes the connection below. Pending calls return.
func (c *Conn) Close() error { return c.wire.Conn.Close() }

// LocalAddr returns the server's address.
func (c *Conn) LocalAddr() net.Addr { return c.wire.LocalAddr() }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.wire.RemoteAddr() }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error { return c.wire.Conn.SetDeadline(t) }

// SetReadDeadline sets when a Read gives up.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.wire.Conn.SetReadDeadline(t) }

// SetWriteDeadline sets when a Write gives up.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.wire.Conn.SetWriteDeadline(t) }
