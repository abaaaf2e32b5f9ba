//go:build unix && !linux

package telnet

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// setSystemOptions sets what package net has no method for: see socket_linux.go.
func setSystemOptions(fd uintptr) {
	_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_OOBINLINE, 1)
}

// The sockets of package net never block.

// sendNow writes what the system takes of p at once. The scheduler knows of the call in any case.
func sendNow(fd uintptr, p []byte, told bool) (int, error) {
	n, err := ignoringEINTR(syscall.Write, fd, p)
	return n, os.NewSyscallError("write", err)
}

// receiveNow reads what has come already.
func receiveNow(fd uintptr, p []byte) (int, error) {
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
