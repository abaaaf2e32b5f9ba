package telnet_test

import (
	"io"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"parley/telnet"
)

// A Synch marks a byte of IAC DM as urgent: PuTTY the DM, inetutils the IAC. Neither may be lost, nor a byte next to it.
func TestSynch(t *testing.T) {
	for _, tt := range []struct {
		name   string
		urgent string // sent as urgent data, of which the last byte is the urgent one
		rest   string
	}{
		{"PuTTY", "\xff\xf2", "b\r\n"},
		{"inetutils", "\xff", "\xf2b\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			leakFree(t)
			l := listenTCP(t)
			got := make(chan string, 1)
			ready := make(chan struct{})
			serve(t, &telnet.Server{Handler: handlerFunc(func(c *telnet.Conn) {
				close(ready)
				b, _ := io.ReadAll(c)
				got <- string(b)
			})}, l)
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			<-ready
			io.WriteString(c, "a")
			raw, err := c.(*net.TCPConn).SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			if ctlErr := raw.Control(func(fd uintptr) {
				err = unix.Sendto(int(fd), []byte(tt.urgent), unix.MSG_OOB, nil)
			}); ctlErr != nil || err != nil {
				t.Fatal(ctlErr, err)
			}
			io.WriteString(c, tt.rest)
			c.(*net.TCPConn).CloseWrite()
			if got := <-got; got != "ab\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestSocketOptions(t *testing.T) {
	leakFree(t)
	l := &noting{Listener: listenTCP(t), accepted: make(chan net.Conn, 1)}
	ready := make(chan struct{})
	serve(t, &telnet.Server{Handler: handlerFunc(func(c *telnet.Conn) {
		close(ready)
		io.ReadAll(c)
	})}, l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	<-ready
	raw, err := (<-l.accepted).(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	get := func(level, opt int) (got int) {
		t.Helper()
		var err error
		if ctlErr := raw.Control(func(fd uintptr) { got, err = unix.GetsockoptInt(int(fd), level, opt) }); ctlErr != nil || err != nil {
			t.Fatal(ctlErr, err)
		}
		return got
	}
	if get(unix.SOL_SOCKET, unix.SO_OOBINLINE) != 1 || get(unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 1 {
		t.Error("urgent data is not in line, or nothing keeps the connection alive")
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

// noting is a listener that hands over what it accepted.
type noting struct {
	net.Listener
	accepted chan net.Conn
}

func (l *noting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.accepted <- c
	}
	return c, err
}
