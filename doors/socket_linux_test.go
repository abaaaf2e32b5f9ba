package doors_test

import (
	"io"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"parley/doors"
)

func TestSocketOptions(t *testing.T) {
	t.Run("of a listener of doors", func(t *testing.T) {
		l, err := doors.Listen(t.Context(), "tcp", "127.0.0.1:0")
		testSocketOptions(t, l, err)
	})
	t.Run("of another", func(t *testing.T) {
		var config net.ListenConfig
		config.SetMultipathTCP(false)
		l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
		testSocketOptions(t, l, err)
	})
}

func testSocketOptions(t *testing.T, l net.Listener, err error) {
	if err != nil {
		t.Fatal(err)
	}
	s := &doors.Server{Logger: quiet()}
	accepted := make(chan syscall.Conn, 1)
	open(t, s, l, doors.Door{Handle: func(nc net.Conn, _ *doors.Pass) error {
		accepted <- nc.(syscall.Conn)
		_, err := io.Copy(io.Discard, nc)
		return err
	}})
	var tcp syscall.Conn
	for range 2 { // what comes before the server is there has not all of them, if the listener is another's
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		tcp = <-accepted
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	get := func(level, opt int) (got int) {
		t.Helper()
		var err error
		ctlErr := raw.Control(func(fd uintptr) { got, err = unix.GetsockoptInt(int(fd), level, opt) })
		if ctlErr != nil || err != nil {
			t.Fatal(ctlErr, err)
		}
		return got
	}
	if get(unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 1 {
		t.Error("nothing probes the peer")
	}
	idle, interval := get(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE), get(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL)
	timeout := get(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT) / 1000 // a probe after that is the last
	if idle < 16 || idle > 45 || interval < 5 || timeout < 60 || timeout+interval > 75 {
		t.Errorf("probed after %d s, then every %d s, given up after %d s", idle, interval, timeout)
	}
	if get(unix.SOL_SOCKET, unix.SO_OOBINLINE) != 1 {
		t.Error("urgent data is taken out of the stream")
	}
}
