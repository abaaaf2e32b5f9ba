//go:build unix

package telnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
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

// attempt writes as much of p as the system takes at once: nothing, if the connection is no socket.
func (c *Conn) attempt(p []byte) (n int, err error) {
	if c.raw == nil || len(p) == 0 {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	a.p = p
	return a.end(c.raw.Write(a.write))
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
	p           []byte
	n           int
	err         error
	read, write func(fd uintptr) bool // always true: it is done, whatever came of it
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
		a.n, a.err = ignoringEINTR(syscall.Read, fd, a.p)
		if a.err = os.NewSyscallError("read", a.err); a.n == 0 && a.err == nil {
			a.err = io.EOF
		}
		return true
	}
	a.write = func(fd uintptr) bool {
		a.n, a.err = ignoringEINTR(syscall.Write, fd, a.p)
		a.err = os.NewSyscallError("write", a.err)
		return true
	}
	return a
}}

func ignoringEINTR(call func(int, []byte) (int, error), fd uintptr, p []byte) (n int, err error) {
	for {
		if n, err = call(int(fd), p); !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

// awaitInput waits until the socket has something to be read, or has failed. It is called with little room on the stack.
func awaitInput(raw syscall.RawConn) error { return raw.Read(readable) }

// readable has to look: what came before anybody waited wakes nobody.
func readable(fd uintptr) bool {
	look := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(look[:], 0)
	return n > 0 || err != nil && !errors.Is(err, unix.EINTR)
}
