package telnet_test

import (
	"io"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"parley/telnet"
)

// A Synch marks a byte of IAC DM as urgent: PuTTY the DM, inetutils the IAC. Neither may be lost, nor a byte next to
// it: it is an interrupt.
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
			serve(t, handlerFunc(func(c *telnet.Conn) {
				close(ready)
				b, _ := io.ReadAll(c)
				got <- string(b)
			}), l)
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
			if got := <-got; got != "a\x03b\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}
