//go:build unix

package rawconn

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// A socket is one of package net. These never block.
type socket struct{ raw syscall.RawConn }

func socketOf(nc net.Conn) Trier {
	c, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	return socket{raw}
}

func (s socket) TryRead(p []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.p = p
	return a.end(s.raw.Read(a.read))
}

func (s socket) TryWrite(p []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.p = p
	return a.end(s.raw.Control(a.write))
}

// Await has to look: what came before anybody waited wakes nobody.
func (s socket) Await() error { return s.raw.Read(readable) }

// An attempt is a read or a write. It is kept for the next one because a function that is made for each takes memory.
type attempt struct {
	p      []byte
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
