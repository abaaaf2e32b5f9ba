//go:build unix && !linux

package telnet

import (
	"os"
	"syscall"
)

// setSystemOptions sets what package net has no method for: see socket_linux.go. There is no user timeout here.
func setSystemOptions(fd uintptr) error {
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_OOBINLINE, 1))
}
