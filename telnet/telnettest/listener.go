package telnettest

import (
	"net"
	"sync"
	"syscall"
)

// backlog is how many connections wait for Accept before Dial is refused, as listen(2) has it.
const backlog = 128

// A Listener is a [net.Listener] in memory, whose connections are pipes (see [Pipe]). Make one with [Listen].
// All methods are safe for concurrent use.
type Listener struct {
	addr *net.TCPAddr

	mu      sync.Mutex // guards queue, closed
	changed sync.Cond
	queue   []*conn
	closed  bool
}

// Listen returns a listener whose address is the given port of 127.0.0.1. No port of the machine is taken.
func Listen(port int) *Listener {
	l := &Listener{addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}}
	l.changed.L = &l.mu
	return l
}

// Addr returns the listener's *net.TCPAddr.
func (l *Listener) Addr() net.Addr { return l.addr }

// Dial returns the client's end of a new connection, which comes from 127.0.0.1. Like connect(2) it does not wait for
// Accept. It returns [syscall.ECONNREFUSED] when the listener is closed or 128 connections wait already.
func (l *Listener) Dial() (net.Conn, error) { return l.DialFrom(net.IPv4(127, 0, 0, 1)) }

// DialFrom is Dial for a client at another address.
func (l *Listener) DialFrom(source net.IP) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.queue) == backlog {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: l.addr, Err: syscall.ECONNREFUSED}
	}
	client, server := pipe(source, l.addr.Port)
	l.queue = append(l.queue, server)
	l.changed.Broadcast()
	return client, nil
}

// Accept waits for a connection and returns the server's end of it. It returns [net.ErrClosed] after Close.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed && len(l.queue) == 0 {
		l.changed.Wait()
	}
	if l.closed {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	}
	c := l.queue[0]
	l.queue = l.queue[1:]
	return c, nil
}

// Close ends every Accept and closes the connections that still wait for one. Connections already accepted stay.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	}
	l.closed = true
	for _, c := range l.queue {
		c.Close()
	}
	l.queue = nil
	l.changed.Broadcast()
	return nil
}
