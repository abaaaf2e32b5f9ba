package telnet

import (
	"math/rand/v2"
	"net"
	"time"
)

// A peer that vanished without a word is given up at most vanishTime after it was heard last. The first probe leaves after
// minKeepAliveIdle to maxKeepAliveIdle of silence, and keepAliveProbes are spread over what remains.
//
// The idle time is another one for every connection. Thousands come in one moment when a server starts, and if all were probed in one
// moment too, the answers would not fit through the queues of the network: those of the loopback hold 1,000 packets.
const (
	minKeepAliveIdle = 16 * time.Second
	maxKeepAliveIdle = 45 * time.Second
	keepAliveProbes  = 3
	vanishTime       = 75 * time.Second
)

// keepAlive returns when the system probes a silent peer. roll is a number that differs from connection to connection; the idle times
// of 30 successive ones differ, since the system counts whole seconds.
func keepAlive(roll uint) net.KeepAliveConfig {
	const choices = uint((maxKeepAliveIdle-minKeepAliveIdle)/time.Second) + 1
	idle := minKeepAliveIdle + time.Duration(roll%choices)*time.Second
	return net.KeepAliveConfig{
		Enable:   true,
		Idle:     idle,
		Interval: ((vanishTime - idle) / keepAliveProbes).Truncate(time.Second),
		Count:    keepAliveProbes,
	}
}

// userTimeout returns after how long the system gives up a peer that acknowledges nothing: output, or the probes of k.
func userTimeout(k net.KeepAliveConfig) time.Duration {
	return k.Idle + time.Duration(k.Count)*k.Interval
}

// setSocketOptions makes a TCP socket fit for Telnet; other connections are left as they are.
func setSocketOptions(nc net.Conn) error {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	k := keepAlive(rand.Uint())
	if err := tcp.SetKeepAliveConfig(k); err != nil {
		return err
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	if ctlErr := raw.Control(func(fd uintptr) { err = setSystemOptions(fd, userTimeout(k)) }); ctlErr != nil {
		return ctlErr
	}
	return err
}
