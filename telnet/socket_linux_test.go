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
	for _, tt := range []struct {
		name             string
		level, opt, want int
	}{
		{"SO_OOBINLINE", unix.SOL_SOCKET, unix.SO_OOBINLINE, 1},
		{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 45},
		{"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 10},
		{"TCP_KEEPCNT", unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
		{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 75000},
	} {
		var got int
		if ctlErr := raw.Control(func(fd uintptr) { got, err = unix.GetsockoptInt(int(fd), tt.level, tt.opt) }); ctlErr != nil {
			t.Fatal(ctlErr)
		}
		if got != tt.want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", tt.name, got, err, tt.want)
		}
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
