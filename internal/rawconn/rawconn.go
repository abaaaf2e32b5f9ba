// Package rawconn reads and writes as far as that takes no waiting: what a server does that writes to a thousand
// connections from one goroutine, and waits for input with little room on the stack.
package rawconn

import "net"

// A Trier is a connection that can be tried without waiting. One goroutine reads and one writes at a time. Deadlines
// concern Await alone.
type Trier interface {
	// TryRead reads what has come already: it returns 0 and no error if that is nothing, and io.EOF at the end. p is
	// not empty.
	TryRead(p []byte) (int, error)
	// TryWrite writes what is taken at once, and returns how much that is. p is not empty.
	TryWrite(p []byte) (int, error)
	// Await waits until there is something to read, the input has ended or failed, or the read deadline has passed,
	// which it returns as os.ErrDeadlineExceeded. It needs little room on the stack.
	Await() error
}

// Of returns how nc is tried: by its own methods if it has them, else as a socket of package net. It returns nil if nc
// is neither, or if the system has no way.
func Of(nc net.Conn) Trier {
	if t, ok := nc.(Trier); ok {
		return t
	}
	return socketOf(nc)
}
