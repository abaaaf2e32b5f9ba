// Package rawconn reads and writes as far as that takes no waiting: what a server does that writes to a thousand
// connections from one goroutine. It also tells when there is input, so that a connection at rest needs no goroutine.
package rawconn

import (
	"errors"
	"fmt"
	"net"

	"parley/internal/crash"
)

// A Conn is a connection that can be tried without waiting, and that can rest. One goroutine reads and one writes at a
// time.
type Conn interface {
	net.Conn
	// TryRead reads what has come already: it returns 0 and no error if that is nothing, and io.EOF at the end. p is
	// not empty.
	TryRead(p []byte) (int, error)
	// TryWrite writes what is taken at once, and returns how much that is: nothing, if the connection cannot be tried.
	// It returns io.ErrShortWrite if all of p is taken, and some of it is still to be sent: by Write, also of nothing.
	// Deadlines do not concern it. p is not empty.
	TryWrite(p []byte) (int, error)
	// AwaitInput has ready called once, when there is something to read, the input has ended or failed, the connection
	// is closed, or the read deadline has passed; it may also be called for nothing. It is called from any goroutine,
	// perhaps before AwaitInput returns, and must not block. Nobody may read before that.
	AwaitInput(ready func())
}

// Of returns nc as a Conn: nc itself if it is one, else what a socket of package net can do. Any other connection takes
// nothing at once, and a goroutine reads for it while it rests.
func Of(nc net.Conn) Conn {
	if c, ok := nc.(Conn); ok {
		return c
	}
	if s, ok := socketOf(nc); ok {
		return s
	}
	return &plain{Conn: nc}
}

// A plain connection can only be read and written.
type plain struct {
	net.Conn
	came []byte // what was read while it rested, and nobody has had
	err  error  // what came after that
}

// plainBuffer is how much is read while a plain connection rests.
const plainBuffer = 512

// AwaitInput starts a goroutine if there is nothing yet.
func (c *plain) AwaitInput(ready func()) {
	if len(c.came) > 0 || c.err != nil {
		ready()
		return
	}
	go c.wait(ready)
}

// wait reads. It ends by calling ready, at the latest when the connection is closed: whoever rests waits for that.
func (c *plain) wait(ready func()) {
	defer ready()
	defer func() {
		if v := recover(); v != nil {
			c.err = fmt.Errorf("panic in reading: %s", crash.About(v))
		}
	}()
	buf := make([]byte, plainBuffer)
	n, err := c.Conn.Read(buf)
	c.came, c.err = buf[:n], err
}

func (c *plain) TryRead(p []byte) (n int, err error) {
	if len(c.came) == 0 {
		err, c.err = c.err, nil
		return 0, err
	}
	if n = copy(p, c.came); n == len(c.came) {
		c.came = nil
	} else {
		c.came = c.came[n:]
	}
	return n, nil
}

func (c *plain) Read(p []byte) (int, error) {
	if len(c.came) > 0 || c.err != nil {
		return c.TryRead(p)
	}
	return c.Conn.Read(p)
}

func (c *plain) TryWrite([]byte) (int, error) { return 0, nil }

func (c *plain) CloseWrite() error { return CloseWrite(c.Conn) }

// CloseWrite ends the output of nc. It returns [errors.ErrUnsupported] if nc cannot do that.
func CloseWrite(nc net.Conn) error {
	if half, ok := nc.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}
