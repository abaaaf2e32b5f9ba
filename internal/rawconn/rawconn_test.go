package rawconn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"parley/internal/rawconn"
	"parley/telnet/telnettest"
)

// TestTrier is the contract of whatever can be tried: sockets, and what stands for one in plays.
func TestTrier(t *testing.T) {
	for _, kind := range []struct {
		name string
		open func(t *testing.T) (peer, tried net.Conn)
	}{
		{"socket", socketPair},
		{"pipe", func(*testing.T) (net.Conn, net.Conn) { return telnettest.Pipe() }},
	} {
		for _, tt := range []struct {
			name string
			run  func(t *testing.T, peer, tried net.Conn, c rawconn.Trier)
		}{
			{"read", tryRead}, {"write", tryWrite}, {"end", tryEnd}, {"closed", tryClosed}, {"deadline", tryDeadline},
		} {
			t.Run(kind.name+"/"+tt.name, func(t *testing.T) {
				peer, tried := kind.open(t)
				t.Cleanup(func() { peer.Close(); tried.Close() })
				c := rawconn.Of(tried)
				if c == nil {
					t.Fatal("cannot be tried")
				}
				tt.run(t, peer, tried, c)
			})
		}
	}
	if c := rawconn.Of(struct{ net.Conn }{}); c != nil {
		t.Error("what is no socket can be tried")
	}
}

func socketPair(t *testing.T) (peer, tried net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if peer, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if tried, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return peer, tried
}

func tryRead(t *testing.T, peer, _ net.Conn, c rawconn.Trier) {
	buf := make([]byte, 3)
	if n, err := c.TryRead(buf); n != 0 || err != nil {
		t.Errorf("before anything came: %d, %v", n, err)
	}
	if _, err := peer.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hel", "lo"} {
		if err := c.Await(); err != nil {
			t.Fatal(err)
		}
		if n, err := c.TryRead(buf); string(buf[:n]) != want || err != nil {
			t.Errorf("got %q, %v, want %q", buf[:n], err, want)
		}
	}
	if n, err := c.TryRead(buf); n != 0 || err != nil {
		t.Errorf("after all: %d, %v", n, err)
	}
}

func tryWrite(t *testing.T, peer, _ net.Conn, c rawconn.Trier) {
	var want []byte
	for full := false; !full; {
		if len(want) > 100<<20 {
			t.Fatal("100 MB went to a peer that does not read")
		}
		p := bytes.Repeat([]byte{byte('a' + len(want)/1000%26)}, 1000)
		n, err := c.TryWrite(p)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, p[:n]...)
		full = n < len(p)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(peer, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("what arrived is not what was written")
	}
	if n, err := c.TryWrite([]byte("x")); n != 1 || err != nil {
		t.Errorf("after the peer has read: %d, %v", n, err)
	}
}

func tryEnd(t *testing.T, peer, _ net.Conn, c rawconn.Trier) {
	if err := peer.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := c.Await(); err != nil {
		t.Fatal(err)
	}
	if n, err := c.TryRead(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("got %d, %v, want the end", n, err)
	}
	if n, err := c.TryWrite([]byte("x")); n != 1 || err != nil {
		t.Errorf("write: %d, %v", n, err)
	}
}

func tryClosed(t *testing.T, _, tried net.Conn, c rawconn.Trier) {
	tried.Close()
	if err := c.Await(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Await: %v", err)
	}
	if n, err := c.TryRead(make([]byte, 1)); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("TryRead: %d, %v", n, err)
	}
	if n, err := c.TryWrite([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("TryWrite: %d, %v", n, err)
	}
}

func tryDeadline(t *testing.T, _, tried net.Conn, c rawconn.Trier) {
	done := make(chan error)
	go func() { done <- c.Await() }()
	if err := tried.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// Output to a socket that takes it costs no memory for each write.
func TestTryAllocates(t *testing.T) {
	peer, tried := socketPair(t)
	defer tried.Close()
	go func() { _, _ = io.Copy(io.Discard, peer) }() // until the test ends
	c := rawconn.Of(tried)
	text := []byte("[Room 0] *bob*: hello\r\n")
	if n := testing.AllocsPerRun(1000, func() { _, _ = c.TryWrite(text) }); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}
