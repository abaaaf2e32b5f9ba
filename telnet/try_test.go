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

// fill writes until something is left, and returns all that was to be written and what is left.
func fill(t *testing.T, c *telnet.Conn) (written, rest []byte) {
	t.Helper()
	for range 100_000 {
		text := bytes.Repeat([]byte{byte('a' + len(written)/1000%26)}, 1000)
		written = append(written, text...)
		n, err := c.TryWrite(text, false)
		if err == io.ErrShortWrite {
			return written, text[n:]
		}
		if n != len(text) || err != nil {
			t.Fatalf("%d of %d bytes, %v", n, len(text), err)
		}
	}
	t.Fatal("100 MB went into a socket that nobody reads")
	return nil, nil
}

func TestTryWriteDoesNotWait(t *testing.T) {
	c, peer := socketPair(t, nil)
	want, rest := fill(t, c)
	if n, err := c.TryWrite([]byte("later"), false); n != 0 || err != io.ErrShortWrite {
		t.Fatalf("a write into a full connection: %d, %v", n, err)
	}
	want = append(want, "later\r\nlast"...)
	done := make(chan error, 1)
	go func() {
		_, err := c.Write(rest)
		_, later := c.Write([]byte("later\n"))
		done <- errors.Join(err, later)
	}()
	got := make([]byte, len("\xff\xfd\x18\r")+len(want)-len("last"))
	if _, err := io.ReadFull(peer, got); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n, err := c.TryWrite([]byte("last"), false); n != 4 || err != nil {
		t.Fatalf("a write after all was read: %d, %v", n, err)
	}
	end := make([]byte, len("last"))
	if _, err := io.ReadFull(peer, end); err != nil {
		t.Fatal(err)
	}
	if got = append(got, end...); string(got) != "\xff\xfd\x18\r"+string(want) {
		t.Error("what arrived is not what was written")
	}
}

func TestTryWriteGivesUp(t *testing.T) {
	c, _ := socketPair(t, &telnet.Options{WriteTimeout: 10 * time.Millisecond})
	_, rest := fill(t, c)
	if _, err := c.Write(rest); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestTryWriteAfterDeadline(t *testing.T) {
	c, _ := socketPair(t, nil)
	if err := c.SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.TryWrite([]byte("x"), false); n != 0 || err != io.ErrShortWrite {
		t.Errorf("%d, %v, although there is a deadline", n, err)
	}
	if _, err := c.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	// Nothing had gone out, so the stream is whole.
	if err := c.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if n, err := c.TryWrite([]byte("x"), false); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// A write that has waited leaves no deadline behind.
func TestWriteLeavesNoDeadline(t *testing.T) {
	c, peer := socketPair(t, &telnet.Options{WriteTimeout: 200 * time.Millisecond})
	_, rest := fill(t, c)
	go func() { _, _ = io.Copy(io.Discard, peer) }() // until the test ends
	if _, err := c.Write(rest); err != nil {
		t.Fatal(err)
	}
	time.Sleep(250 * time.Millisecond)
	if n, err := c.TryWrite([]byte("x"), false); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestTryRead(t *testing.T) {
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
			if n, err := c.TryRead(buf); n != 0 || err != nil {
				t.Errorf("before anything came: %q, %v", buf[:n], err)
			}
			if _, err := peer.Write([]byte(tt.sent)); err != nil {
				t.Fatal(err)
			}
			awaits(c)
			if n, err := c.TryRead(buf); string(buf[:n]) != tt.want || err != nil {
				t.Errorf("got %q, %v, want %q", buf[:n], err, tt.want)
			}
			if err := peer.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			awaits(c)
			for range 2 { // the first may still find out
				if n, err := c.TryRead(buf); n != 0 || err != nil && err != io.EOF {
					t.Errorf("at the end: %q, %v", buf[:n], err)
				}
			}
			if _, err := c.TryRead(buf); err != io.EOF {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

// awaits rests until there is something to read.
func awaits(c *telnet.Conn) {
	called := make(chan struct{})
	c.AwaitInput(func() { close(called) })
	<-called
}

func TestAwaitDeadline(t *testing.T) {
	c, _ := socketPair(t, nil)
	called := make(chan struct{})
	c.AwaitInput(func() { close(called) })
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	<-called
	if _, err := c.TryRead(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("TryRead: %v", err)
	}
	awaits(c) // and again
}

// Output to a socket that takes it costs no memory for each write.
func TestTryWriteAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools lose some of what is put into them")
	}
	c, peer := socketPair(t, nil)
	go func() { _, _ = io.Copy(io.Discard, peer) }() // until the test ends
	text := []byte("\r\n[Room 0] *bob*: hello\r\n<alice:0> ")
	if n := testing.AllocsPerRun(100, func() {
		if n, err := c.TryWrite(text, true); n != len(text) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
