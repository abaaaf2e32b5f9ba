package simnet

import (
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// A Way leads to a real server by TCP, outside any bubble, and may be long. All methods may be called from any
// goroutine.
type Way struct {
	listener net.Listener
	delay    atomic.Int64 // nanoseconds in each direction
}

// NewWay returns a way to the server at that URL, on which nothing is delayed. It ends with the test.
func NewWay(t *testing.T, server string) *Way {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &Way{listener: l}
	go func() { // until the listener is closed
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", u.Host)
			if err != nil {
				nc.Close()
				continue
			}
			go w.carry(nc, to) // until one of them is closed, as those at their ends are
			go w.carry(to, nc)
		}
	}()
	return w
}

// URL returns the address at which the way begins, as that of a NATS server.
func (w *Way) URL() string { return "nats://" + w.listener.Addr().String() }

// Take lets what is said from now on take so long, in each direction.
func (w *Way) Take(delay time.Duration) { w.delay.Store(int64(delay)) }

// carry carries what one connection says to the other, which hears it after the delay.
func (w *Way) carry(from, to net.Conn) {
	type piece struct {
		due  time.Time
		data []byte
	}
	pieces := make(chan piece, 4096)
	go func() { // until from is closed
		defer close(pieces)
		for {
			b := make([]byte, 32<<10)
			n, err := from.Read(b)
			if n > 0 {
				pieces <- piece{time.Now().Add(time.Duration(w.delay.Load())), b[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	from.Close()
	to.Close()
	for range pieces { // until the reader has ended
	}
}
