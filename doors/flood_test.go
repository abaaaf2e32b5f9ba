package doors_test

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/doors"
	"parley/telnet/telnettest"
)

// TestAcceptingRests tests that as many as come at once are let in bit by bit, so that who is in has a processor in
// between, and that no time passes where few come.
func TestAcceptingRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: quiet()}
		open(t, s, l, greet)
		for range 32 {
			dial(t, l, "192.0.2.1")
		}
		synctest.Wait()
		if got := s.Stats().Open; got != 32 {
			t.Errorf("%d are let in at once", got)
		}
		for range 64 {
			dial(t, l, "192.0.2.1")
		}
		for _, want := range []int{32, 64, 96} {
			synctest.Wait()
			if got := s.Stats().Open; got != want {
				t.Errorf("%d are let in, want %d", got, want)
			}
			time.Sleep(time.Millisecond)
		}
		for range 64 {
			time.Sleep(time.Millisecond)
			dial(t, l, "192.0.2.1")
			synctest.Wait()
		}
		if got := s.Stats().Open; got != 160 {
			t.Errorf("%d are let in, want all", got)
		}
	})
}

// TestRefusalRate tests that of those who cannot come in by a handshake, and come again at once, only so many are told
// why: the others are sent nothing.
func TestRefusalRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: quiet(), Gate: &doors.Gate{MaxConns: 1}}
		var told atomic.Int64
		asItIs := func(nc net.Conn, _ *doors.Pass) (net.Conn, error) { return nc, nil }
		open(t, s, l, doors.Door{Open: asItIs, Handle: greet.Handle, Refuse: func(nc net.Conn, _ error) {
			told.Add(1)
			fmt.Fprint(nc, "no\r\n")
		}})
		dial(t, l, "127.0.0.1")
		const seconds, each = 3, 500
		for range seconds * each {
			dial(t, l, "127.0.0.1").Close()
			time.Sleep(time.Second / each)
		}
		want := int64(doors.MaxRefusing + seconds*doors.RefusalRate)
		if got := told.Load(); got < want-2 || got > want {
			t.Errorf("%d are told, want %d", got, want)
		}
	})
}
