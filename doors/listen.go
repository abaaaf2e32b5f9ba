package doors

import (
	"context"
	"net"
	"syscall"
)

// Listen listens as [net.Listen] does, for [Server.Serve]. The server sets itself how its connections are probed, and
// net.Listen would set the same four options of each of them before. It takes no multipath TCP.
func Listen(ctx context.Context, network, address string) (net.Listener, error) {
	config := net.ListenConfig{KeepAlive: -1, Control: func(_, _ string, raw syscall.RawConn) error {
		return control(raw, setShared)
	}}
	config.SetMultipathTCP(false) // such sockets do not take the options that follow
	return config.Listen(ctx, network, address)
}

// setListenerOptions sets what the connections of l have from it, for one that Listen has not opened. Other listeners
// than those of sockets are left as they are.
func setListenerOptions(l net.Listener) error {
	socket, ok := l.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	return control(raw, setShared)
}

func control(raw syscall.RawConn, set func(fd uintptr) error) (err error) {
	if ctlErr := raw.Control(func(fd uintptr) { err = set(fd) }); ctlErr != nil {
		return ctlErr
	}
	return err
}
