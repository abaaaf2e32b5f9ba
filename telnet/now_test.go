package telnet_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"parley/telnet"
)

// socketPair returns a Conn over a TCP connection, and its peer.
func socketPair(t *testing.T, opts *telnet.Options) (*telnet.Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		peer.Close()
		nc.Close()
	})
	return telnet.NewConn(nc, opts), peer.(*net.TCPConn)
}

// fill writes until something is left, and returns all that was written and what writes the remainder.
func fill(t *testing.T, c *telnet.Conn) (written []byte, rest func() error) {
	t.Helper()
	for range 100_000 {
		text := bytes.Repeat([]byte{byte('a' + len(written)/1000%26)}, 1000)
		written = append(written, text...)
		var err error
		if rest, err = c.WriteNow(text, false); err != nil {
			t.Fatal(err)
		}
		if rest != nil {
			return written, rest
		}
	}
	t.Fatal("100 MB went into a socket that nobody reads")
	return nil, nil
}

func TestWriteNowDoesNotWait(t *testing.T) {
	c, peer := socketPair(t, nil)
	want, rest := fill(t, c)

	// Who writes meanwhile comes after the remainder.
	want = append(want, "later\r\nlast"...)
	later, err := c.WriteNow([]byte("later\n"), false)
	if later == nil || err != nil {
		t.Fatalf("a write into a busy connection: %v, something left: %t", err, later != nil)
	}
	done := make(chan error, 2)
	go func() { done <- errors.Join(rest(), later()) }()
	got := make([]byte, len("\xff\xfd\x18\r")+len(want)-len("last"))
	if _, err := io.ReadFull(peer, got); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if left, err := c.WriteNow([]byte("last"), false); left != nil || err != nil {
		t.Fatalf("a write after all was read: %v, something left: %t", err, left != nil)
	}
	end := make([]byte, len("last"))
	if _, err := io.ReadFull(peer, end); err != nil {
		t.Fatal(err)
	}
	if got = append(got, end...); string(got) != "\xff\xfd\x18\r"+string(want) {
		t.Error("what arrived is not what was written")
	}
}

func TestWriteNowGivesUp(t *testing.T) {
	c, _ := socketPair(t, &telnet.Options{WriteTimeout: 10 * time.Millisecond})
	_, rest := fill(t, c)
	if err := rest(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestWriteNowAfterDeadline(t *testing.T) {
	c, _ := socketPair(t, nil)
	if err := c.SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if rest, err := c.WriteNow([]byte("x"), false); rest == nil || err != nil {
		t.Errorf("got %v, although there is a deadline", err)
	} else if err := rest(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	// Nothing had gone out, so the stream is whole.
	if err := c.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if rest, err := c.WriteNow([]byte("x"), false); rest != nil || err != nil {
		t.Errorf("got %v", err)
	}
}

// A write that has waited leaves no deadline behind.
func TestWriteLeavesNoDeadline(t *testing.T) {
	c, peer := socketPair(t, &telnet.Options{WriteTimeout: 200 * time.Millisecond})
	_, rest := fill(t, c)
	go func() { _, _ = io.Copy(io.Discard, peer) }() // until the test ends
	if err := rest(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(250 * time.Millisecond)
	if rest, err := c.WriteNow([]byte("x"), false); rest != nil || err != nil {
		t.Errorf("got %v, something left: %t", err, rest != nil)
	}
}

func TestReadNow(t *testing.T) {
	for _, tt := range []struct {
		name, sent, want string
	}{
		{"text", "hello\r\n", "hello\n"},
		{"a command alone", "\xff\xfb\x1f", ""},
		{"a command and text", "\xff\xfb\x1fhi", "hi"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, peer := socketPair(t, nil)
			buf := make([]byte, 64)
			if n, err := c.ReadNow(buf); n != 0 || err != nil {
				t.Errorf("before anything came: %q, %v", buf[:n], err)
			}
			if _, err := peer.Write([]byte(tt.sent)); err != nil {
				t.Fatal(err)
			}
			if err := c.Await(); err != nil {
				t.Fatal(err)
			}
			if n, err := c.ReadNow(buf); string(buf[:n]) != tt.want || err != nil {
				t.Errorf("got %q, %v, want %q", buf[:n], err, tt.want)
			}
			if err := errors.Join(peer.CloseWrite(), c.Await()); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the first may still find out
				if n, err := c.ReadNow(buf); n != 0 || err != nil && err != io.EOF {
					t.Errorf("at the end: %q, %v", buf[:n], err)
				}
			}
			if _, err := c.ReadNow(buf); err != io.EOF {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

func TestAwaitDeadline(t *testing.T) {
	c, _ := socketPair(t, nil)
	done := make(chan error)
	go func() { done <- c.Await() }()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Await: %v", err)
	}
	if _, err := c.ReadNow(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("ReadNow: %v", err)
	}
}

// Output to a socket that takes it costs no memory for each write.
func TestWriteNowAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools lose some of what is put into them")
	}
	c, peer := socketPair(t, nil)
	go func() { _, _ = io.Copy(io.Discard, peer) }() // until the test ends
	text := []byte("\r\n[Room 0] *bob*: hello\r\n<alice:0> ")
	if n := testing.AllocsPerRun(100, func() {
		if rest, err := c.WriteNow(text, true); rest != nil || err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
