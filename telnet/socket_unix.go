//go:build unix && !linux

package telnet

import "syscall"

// setSystemOptions sets what package net has no method for: see socket_linux.go.
func setSystemOptions(fd uintptr) {
	_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_OOBINLINE, 1)
}
