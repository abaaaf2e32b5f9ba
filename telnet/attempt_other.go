//go:build !unix

package telnet

import (
	"net"
	"syscall"
)

// socketOf returns nil: how a socket is tried without waiting is known for Unix alone.
func socketOf(net.Conn) syscall.RawConn { return nil }

func (c *Conn) attempt([]byte) (n int, err error) { return 0, nil }

func (c *Conn) receive([]byte) (n int, err error) { return 0, nil }

func awaitInput(syscall.RawConn) error { return nil }
