package telnet

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// setSystemOptions sets what package net has no method for.
//
// A Synch (RFC 854) marks a byte of IAC DM as urgent, and without OOBINLINE the system takes that byte out of the stream: what
// remains is a broken command.
func setSystemOptions(fd uintptr) error {
	return errors.Join(
		os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_OOBINLINE, 1)),
		os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT,
			int(userTimeout/time.Millisecond))),
	)
}
