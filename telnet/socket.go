package telnet

import (
	"net"
	"syscall"
)

// setInline makes the system leave urgent data in the stream. A Synch (RFC 854) marks a byte of IAC DM as urgent, and
// without this the system takes that byte out: what remains is a broken command. Where it cannot be set
// a Synch, which few clients send, costs one character.
func setInline(nc net.Conn) {
	socket, ok := nc.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := socket.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { setSystemOptions(fd) })
	}
}
