package telnet_test

import (
	"io"
	"net"
	"testing"
	"testing/synctest"

	"parley/telnet"
	"parley/telnet/telnettest"
)

func TestServerFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		server := &telnet.Server{
			MaxConns: 2, Full: "There is no room.\nGoodbye.\n",
			Handler: handlerFunc(func(c *telnet.Conn) { io.Copy(io.Discard, c) }),
		}
		serve(t, server, l)
		dial := func() net.Conn {
			c, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return c
		}
		first, second := dial(), dial()
		defer second.Close()
		for range 3 {
			third := dial()
			got, err := io.ReadAll(third)
			if string(got) != "There is no room.\r\nGoodbye.\r\n" || err != nil {
				t.Errorf("one too many reads %q, %v", got, err)
			}
			third.Close()
		}
		if full := server.Stats().Full; full != 3 {
			t.Errorf("%d connections were too many, want 3", full)
		}
		first.Close()
		synctest.Wait()
		fourth := dial()
		defer fourth.Close()
		if _, err := fourth.Write([]byte("x")); err != nil {
			t.Errorf("when one has left: %v", err)
		}
	})
}
