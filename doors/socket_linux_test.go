package doors_test

import (
	"io"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"parley/doors"
)

func TestSocketOptions(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &doors.Server{Logger: quiet()}
	accepted := make(chan *net.TCPConn, 1)
	open(t, s, l, doors.Door{Handle: func(nc net.Conn, _ *doors.Pass) error {
		accepted <- nc.(*net.TCPConn)
		_, err := io.Copy(io.Discard, nc)
		return err
	}})
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := (<-accepted).SyscallConn()
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
	gone := idle + get(unix.IPPROTO_TCP, unix.TCP_KEEPCNT)*interval
	if idle < 16 || idle > 45 || interval < 10 || gone > 75 || gone < 70 {
		t.Errorf("probed after %d s, then every %d s, given up after %d s", idle, interval, gone)
	}
	if got := get(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT); got != 1000*gone {
		t.Errorf("what is not acknowledged is given up after %d ms, want %d s as without output", got, gone)
	}
}
