package rawconn

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The scheduler is not told of the calls below as it is of others. To tell it wakes the thread that watches over it,
// every 20 µs while there is work, which costs more than many a write: at 50,000 lines a second nearly a third of all.
// After many in a row it has to be told once: else nobody takes the processor away from the caller, or looks at the
// network meanwhile.

// send sends what the system takes of p at once; p is not empty. If told is set the scheduler knows of the call.
func send(fd uintptr, p []byte, told bool) (int, error) {
	const flags = unix.MSG_DONTWAIT | unix.MSG_NOSIGNAL
	var n uintptr
	var errno unix.Errno
	if told {
		n, _, errno = unix.Syscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0, 0)
	} else {
		n, _, errno = unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), flags, 0,
			0)
	}
	if errno != 0 {
		return 0, os.NewSyscallError("sendto", errno)
	}
	return int(n), nil
}

// receive reads what has come already; p is not empty.
func receive(fd uintptr, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)),
		unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("recvfrom", errno)
	}
	return int(n), nil
}

// readable reports whether the socket has something to be read, or has failed.
func readable(fd uintptr) bool {
	look := unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	var atOnce unix.Timespec
	n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&look)), 1, uintptr(unsafe.Pointer(&atOnce)),
		0, 0, 0)
	return errno != 0 || n > 0
}

// epollWait returns how many events there are already, of those that there is room for.
func epollWait(fd uintptr, events []unix.EpollEvent) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, fd, uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}
