package telnet

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// setSystemOptions sets what package net has no method for. Sockets that are not of TCP have no such option, and need none.
func setSystemOptions(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_OOBINLINE, 1)
}

// The calls below never block, and the scheduler is not told of them as it is of others. To tell it wakes the thread that watches over it, every
// 20 µs while there is work, which costs more than many a write: at 50,000 lines a second nearly a third of all. Who makes them for long without a
// break has to let the scheduler know now and then, or nobody takes the processor away from it, or looks at the network meanwhile.

// sendNow sends what the system takes of p at once; p is not empty. If told is set the scheduler knows of the call.
func sendNow(fd uintptr, p []byte, told bool) (int, error) {
	const flags = unix.MSG_DONTWAIT | unix.MSG_NOSIGNAL
	var n uintptr
	var errno unix.Errno
	if told {
		n, _, errno = unix.Syscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
	} else {
		n, _, errno = unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
	}
	if errno != 0 {
		return 0, os.NewSyscallError("sendto", errno)
	}
	return int(n), nil
}

// receiveNow reads what has come already; p is not empty.
func receiveNow(fd uintptr, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("recvfrom", errno)
	}
	return int(n), nil
}

// readable reports whether the socket has something to be read, or has failed.
func readable(fd uintptr) bool {
	look := unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	var atOnce unix.Timespec
	n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&look)), 1, uintptr(unsafe.Pointer(&atOnce)), 0, 0, 0)
	return errno != 0 || n > 0
}
