package doors_test

import (
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/doors"
	"parley/telnet/telnettest"
)

// TestPace tests that who sends without end is read no faster than anybody types, at once or in the long run, unless no
// limit concerns the source; and that the end of the server is not waited for.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		gate := &doors.Gate{Exempt: func(a netip.Addr) bool { return a.IsLoopback() }}
		var heard [2]atomic.Int64 // of the stranger, and of who is exempt
		server := &doors.Server{Gate: gate, Logger: quiet()}
		open(t, server, l, doors.Door{Handle: func(nc net.Conn, pass *doors.Pass) error {
			pass.LoggedIn()
			of := &heard[0]
			if pass.Source().IsLoopback() {
				of = &heard[1]
			}
			for buf := make([]byte, 4096); ; {
				n, err := nc.Read(buf)
				of.Add(int64(n))
				if err != nil {
					return err
				}
			}
		}})
		stranger, exempt := dial(t, l, "192.0.2.7"), dial(t, l, "127.0.0.1")
		go func() {
			for {
				if _, err := stranger.Write(make([]byte, 8<<10)); err != nil {
					return
				}
			}
		}()
		if _, err := exempt.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := heard[1].Load(); n != 1<<20 {
			t.Errorf("%d bytes are read of who is exempt", n)
		}
		for _, after := range []time.Duration{0, time.Minute} {
			time.Sleep(after)
			synctest.Wait()
			least := int64(64<<10 + after/time.Second*8<<10)
			if n := heard[0].Load(); n < least || n > least+4096 {
				t.Errorf("%d bytes are read of a stranger within %v, want %d", n, after, least)
			}
		}
		_ = exempt.(io.Closer).Close()
	})
}
