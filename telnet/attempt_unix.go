//go:build unix

package telnet

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// attempt writes as much of p as the system takes at once: nothing, if the connection is no socket.
func (c *Conn) attempt(p []byte) (n int, err error) {
	if c.raw == nil || len(p) == 0 {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	a.p, a.n, a.err = p, 0, nil
	if err = c.raw.Write(a.write); err == nil {
		err = a.err
	}
	n = a.n
	a.p, a.err = nil, nil
	attempts.Put(a)
	return n, err
}

// An attempt is a write that does not wait. It is kept for the next one because a function that is made for each takes memory.
type attempt struct {
	p     []byte
	n     int
	err   error
	write func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.write = a.once
	return a
}}

// once always returns true: it is done, whatever came of it.
func (a *attempt) once(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), a.p)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err == nil:
			a.n = n
		case !errors.Is(err, syscall.EAGAIN):
			a.err = os.NewSyscallError("write", err)
		}
		return true
	}
}
