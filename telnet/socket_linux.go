package telnet

import "golang.org/x/sys/unix"

// setSystemOptions sets what package net has no method for. Sockets that are not of TCP have no such option, and need
// none.
func setSystemOptions(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_OOBINLINE, 1)
}
