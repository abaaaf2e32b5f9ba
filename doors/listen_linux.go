package doors

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// probes is left to the system, which does not count them where there is a userTimeout.
const probes = -1

// setShared makes the connections of a listening socket leave urgent data in the stream, and tells the system after how
// long it gives up a peer that acknowledges nothing.
//
// A Synch (RFC 854) marks a byte of IAC DM as urgent, and the system would take that byte out: what remained would be a
// broken command.
func setShared(fd uintptr) error {
	if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_OOBINLINE, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	timeout := int(userTimeout / time.Millisecond)
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT,
		timeout))
}
