package telnet

import (
	"net"
	"time"
)

// A peer that vanished without a word is given up after keepAliveIdle and keepAliveProbes intervals; the system is told the sum too,
// for output that nobody acknowledges.
const (
	keepAliveIdle     = 45 * time.Second
	keepAliveInterval = 10 * time.Second
	keepAliveProbes   = 3
	userTimeout       = keepAliveIdle + keepAliveProbes*keepAliveInterval
)

// setSocketOptions makes a TCP socket fit for Telnet; other connections are left as they are.
func setSocketOptions(nc net.Conn) error {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	err := tcp.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable:   true,
		Idle:     keepAliveIdle,
		Interval: keepAliveInterval,
		Count:    keepAliveProbes,
	})
	if err != nil {
		return err
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	if ctlErr := raw.Control(func(fd uintptr) { err = setSystemOptions(fd) }); ctlErr != nil {
		return ctlErr
	}
	return err
}
