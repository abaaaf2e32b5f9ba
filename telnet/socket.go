package telnet

import "syscall"

// setInline makes the system leave urgent data in the stream. A Synch (RFC 854) marks a byte of IAC DM as urgent, and
// without this the system takes that byte out: what remains is a broken command. raw may be nil. Where it cannot be set
// a Synch, which few clients send, costs one character.
func setInline(raw syscall.RawConn) {
	if raw != nil {
		_ = raw.Control(func(fd uintptr) { setSystemOptions(fd) })
	}
}
