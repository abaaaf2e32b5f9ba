//go:build unix && !linux

package doors

import (
	"os"
	"syscall"
)

// probes is how many a peer may leave without an answer.
const probes = int((vanishTime - maxKeepAliveIdle) / probeEvery)

// setShared makes the connections of a listening socket leave urgent data in the stream, as Linux is made to do. What
// is not acknowledged is given up when the system thinks fit.
func setShared(fd uintptr) error {
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_OOBINLINE, 1))
}
