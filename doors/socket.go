package doors

import (
	"math/rand/v2"
	"net"
	"time"
)

// A peer that vanished without a word is given up within vanishTime after it was heard last: at the first probe, or the
// first repetition of output, after userTimeout. The first probe leaves after minKeepAliveIdle to maxKeepAliveIdle of
// silence, and where nothing answers one follows each probeEvery.
//
// The idle time is another one for every connection. Thousands come in one moment when a server starts, and if all were
// probed in one moment too, the answers would not fit through the queues of the network: those of the loopback hold
// 1,000 packets.
const (
	minKeepAliveIdle = 16 * time.Second
	maxKeepAliveIdle = 45 * time.Second
	probeEvery       = 5 * time.Second
	vanishTime       = 75 * time.Second
	userTimeout      = vanishTime - probeEvery
)

// keepAlive returns when the system probes a silent peer. roll is a number that differs from connection to connection;
// the idle times of 30 successive ones differ, since the system counts whole seconds.
func keepAlive(roll uint) net.KeepAliveConfig {
	const choices = uint((maxKeepAliveIdle-minKeepAliveIdle)/time.Second) + 1
	idle := minKeepAliveIdle + time.Duration(roll%choices)*time.Second
	return net.KeepAliveConfig{Enable: true, Idle: idle, Interval: probeEvery, Count: probes}
}

// watchOver has the system watch nc, which stays for a while. Those who are sent away at once need none of that, and
// they may be many.
func (s *Server) watchOver(nc net.Conn) {
	if err := setSocketOptions(nc); err != nil {
		s.logger().Debug("setting socket options", "remote", nc.RemoteAddr(), "err", err)
	}
}

// setSocketOptions makes the system notice when the peer of a TCP socket vanishes, also of one beneath TLS. Other
// connections are left as they are.
func setSocketOptions(nc net.Conn) error {
	tcp := socketOf(nc)
	if tcp == nil {
		return nil
	}
	return tcp.SetKeepAliveConfig(keepAlive(rand.Uint()))
}

// socketOf returns the TCP socket beneath nc, as [crypto/tls.Conn.NetConn] gives it, or nil.
func socketOf(nc net.Conn) *net.TCPConn {
	for {
		switch c := nc.(type) {
		case *net.TCPConn:
			return c
		case interface{ NetConn() net.Conn }:
			nc = c.NetConn()
		default:
			return nil
		}
	}
}
