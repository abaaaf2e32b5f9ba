//go:build !unix

package rawconn

import "net"

// socketOf finds no socket: how one is tried without waiting is known for Unix alone.
func socketOf(net.Conn) (Conn, bool) { return nil, false }
