//go:build unix

package rawconn

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Untold returns nc as a connection of whose calls the scheduler is not told, as far as nc is one of package net; else
// it is nc. It is for connections on which little is said, by one goroutine that reads and one that writes: there the
// thread that watches over the scheduler would take as much of the processor as they do.
func Untold(nc net.Conn) net.Conn {
	s, ok := socketOf(nc)
	if !ok {
		return nc
	}
	u := &untold{socket: s}
	u.receive = func(fd uintptr) bool {
		u.n, u.err = receive(fd, u.p)
		return !errors.Is(u.err, syscall.EAGAIN) // else it is called again when there is something
	}
	return u
}

// An untold connection waits where it has to, and only there is bound by deadlines.
type untold struct {
	*socket
	receive func(fd uintptr) bool

	p   []byte // all three are the reader's
	n   int
	err error

	mu       sync.Mutex // guards all below
	deadline time.Time  // of writing
	waiting  bool       // a write waits
}

func (u *untold) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	u.p = p
	err := u.raw.Read(u.receive)
	n := max(u.n, 0)
	if err == nil {
		err = u.err
	}
	u.p, u.n, u.err = nil, 0, nil
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return n, u.failed("read", err)
}

// failed returns err as package net would: with the addresses, and what was to be done.
func (u *untold) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*net.OpError](err); ok {
		err = known.Err
	}
	from := u.LocalAddr()
	return &net.OpError{Op: op, Net: from.Network(), Source: from, Addr: u.RemoteAddr(), Err: err}
}

func (u *untold) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := u.TryWrite(p)
	if err != nil || n == len(p) {
		return n, u.failed("write", err)
	}
	if err := u.bind(true); err != nil {
		return n, err
	}
	more, err := u.Conn.Write(p[n:])
	if unbound := u.bind(false); err == nil {
		err = unbound
	}
	return n + more, err
}

// bind has the deadline count, or no longer.
func (u *untold) bind(waiting bool) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.waiting = waiting
	if !waiting {
		return u.Conn.SetWriteDeadline(time.Time{})
	}
	return u.Conn.SetWriteDeadline(u.deadline)
}

// SetWriteDeadline costs nothing unless a write has to wait.
func (u *untold) SetWriteDeadline(t time.Time) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.deadline = t; u.waiting {
		return u.Conn.SetWriteDeadline(t)
	}
	return nil
}

func (u *untold) SetDeadline(t time.Time) error {
	return errors.Join(u.Conn.SetReadDeadline(t), u.SetWriteDeadline(t))
}
