//go:build unix

package rawconn

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// A socket is one of package net. Trying it never blocks.
type socket struct {
	net.Conn
	raw syscall.RawConn
}

func socketOf(nc net.Conn) (*socket, bool) {
	c, ok := nc.(syscall.Conn)
	if !ok {
		return nil, false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, false
	}
	return &socket{nc, raw}, true
}

// NetConn returns the connection of package net.
func (s *socket) NetConn() net.Conn { return s.Conn }

func (s *socket) TryRead(p []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.p = p
	return a.end(s.raw.Read(a.read))
}

func (s *socket) TryWrite(p []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.p = p
	return a.end(s.raw.Control(a.write))
}

// AwaitInput starts a goroutine.
func (s *socket) AwaitInput(ready func()) { go s.wait(ready) }

// wait has to look first: what came before anybody waited wakes nobody. It ends by calling ready, at the latest when
// the connection is closed: whoever rests waits for that.
func (s *socket) wait(ready func()) {
	defer ready()
	_ = s.raw.Read(readable) // an error comes again when the input is read
}

// look reports whether there is something to read, if only an error.
func (s *socket) look() bool {
	a := attempts.Get().(*attempt)
	n, err := a.end(s.raw.Read(a.read))
	return n > 0 || err != nil
}

func (s *socket) CloseWrite() error { return CloseWrite(s.Conn) }

// SyscallConn implements [syscall.Conn].
func (s *socket) SyscallConn() (syscall.RawConn, error) { return s.raw, nil }

// An attempt is a read, a look, or a write. It is kept for the next one because a function that is made for each takes
// memory.
type attempt struct {
	p      []byte // nil for a look
	n      int
	err    error
	read   func(fd uintptr) bool // always true: it is done, whatever came of it
	write  func(fd uintptr)
	writes int // in a row; since attempts are kept by processor, nearly all of one processor
}

// end returns what came of it, and gives a back. err is that of getting at the socket.
func (a *attempt) end(err error) (int, error) {
	n := max(a.n, 0)
	if err == nil {
		err = a.err
	}
	a.p, a.n, a.err = nil, 0, nil
	attempts.Put(a)
	if errors.Is(err, syscall.EAGAIN) {
		err = nil
	}
	return n, err
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.read = func(fd uintptr) bool {
		a.writes = 0
		if a.p == nil {
			if readable(fd) {
				a.n = 1
			}
			return true
		}
		if a.n, a.err = receive(fd, a.p); a.n == 0 && a.err == nil {
			a.err = io.EOF
		}
		return true
	}
	a.write = func(fd uintptr) {
		a.writes++
		a.n, a.err = send(fd, a.p, a.writes%maxUntold == 0)
	}
	return a
}}

// maxUntold is how many writes in a row the scheduler may not know of: about as much as is done in the 10 ms that it
// leaves to a goroutine while others wait.
const maxUntold = 2048
