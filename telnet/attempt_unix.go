//go:build unix

package telnet

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// socketOf returns the socket of nc, nil if it is none: then nothing is tried, and every write is made as one that waits.
func socketOf(nc net.Conn) syscall.RawConn {
	socket, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// attempt writes as much of p as the system takes at once: nothing, if the connection is no socket, or if there is a deadline to be
// looked at.
func (c *Conn) attempt(p []byte) (n int, err error) {
	if c.raw == nil || len(p) == 0 || c.limited.Load() {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	a.p = p
	return a.end(c.raw.Control(a.write))
}

// receive reads what has come already: nothing, if the connection is no socket.
func (c *Conn) receive(p []byte) (n int, err error) {
	if c.raw == nil {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	a.p = p
	return a.end(c.raw.Read(a.read))
}

// An attempt is a read or a write that does not wait. It is kept for the next one because a function that is made for each takes memory.
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
		if a.n, a.err = receiveNow(fd, a.p); a.n == 0 && a.err == nil {
			a.err = io.EOF
		}
		return true
	}
	a.write = func(fd uintptr) {
		a.writes++
		a.n, a.err = sendNow(fd, a.p, a.writes%maxUntold == 0)
	}
	return a
}}

// maxUntold is how many writes in a row the scheduler may not know of: about as much as is done in the 10 ms that it leaves to a goroutine
// while others wait.
const maxUntold = 2048

// awaitInput waits until the socket has something to be read, or has failed. It is called with little room on the stack. It has to look: what
// came before anybody waited wakes nobody.
func awaitInput(raw syscall.RawConn) error { return raw.Read(readable) }
