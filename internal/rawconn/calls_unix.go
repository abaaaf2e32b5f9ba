//go:build unix && !linux

package rawconn

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// send writes what the system takes of p at once. The scheduler knows of the call in any case.
func send(fd uintptr, p []byte, told bool) (int, error) {
	n, err := ignoringEINTR(syscall.Write, fd, p)
	return n, os.NewSyscallError("write", err)
}

// receive reads what has come already.
func receive(fd uintptr, p []byte) (int, error) {
	n, err := ignoringEINTR(syscall.Read, fd, p)
	return n, os.NewSyscallError("read", err)
}

// readable reports whether the socket has something to be read, or has failed.
func readable(fd uintptr) bool {
	look := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(look[:], 0)
	return n > 0 || err != nil && !errors.Is(err, unix.EINTR)
}

func ignoringEINTR(call func(int, []byte) (int, error), fd uintptr, p []byte) (n int, err error) {
	for {
		if n, err = call(int(fd), p); !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
