package stream

import (
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"parley/cluster/natstest"
)

// TestFar opens a store whose server is half a second away, there and back, and writes while another does: the replica
// gets what there is. It was not given the time that the first of it needs.
func TestFar(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	c := newCluster(t, servers)
	near := c.must("near", t.TempDir())
	put := func(s *Store, key string) {
		t.Helper()
		if _, err := s.Put(t.Context(), "accounts", key, []byte("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		put(near.Store, fmt.Sprint("early", i))
	}
	far := newCluster(t, servers)
	far.prefix, far.way = c.prefix, farAway(t, servers.URLs()[0], 250*time.Millisecond)
	n := far.must("far", t.TempDir())
	put(n.Store, "alice")
	put(near.Store, "bob")
	for _, key := range []string{"early19", "alice", "bob"} {
		if _, err := n.Get(t.Context(), "accounts", key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// farAway returns the address of a way to a server that takes so long in each direction.
func farAway(t *testing.T, server string, delay time.Duration) string {
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
	go func() { // until the listener is closed
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", u.Host)
			if err != nil {
				nc.Close()
				return
			}
			go carry(nc, to, delay) // until one of them is closed, as those at their ends are
			go carry(to, nc, delay)
		}
	}()
	return "nats://" + l.Addr().String()
}

// carry carries what one connection says to the other, which hears it after the delay.
func carry(from, to net.Conn, delay time.Duration) {
	type piece struct {
		due  time.Time
		data []byte
	}
	pieces := make(chan piece, 4096)
	go func() {
		defer close(pieces)
		for {
			b := make([]byte, 32<<10)
			n, err := from.Read(b)
			if n > 0 {
				pieces <- piece{time.Now().Add(delay), b[:n]}
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
