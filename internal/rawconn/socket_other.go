//go:build !unix

package rawconn

import "net"

// socketOf returns nil: how a socket is tried without waiting is known for Unix alone.
func socketOf(net.Conn) Trier { return nil }
