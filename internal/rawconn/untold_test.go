//go:build unix

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
)

// TestUntold reads and writes more than fits at once over a connection of whose calls the scheduler is not told: both
// wait for the other end, in the right order, to the end of the input.
func TestUntold(t *testing.T) {
	peer, nc := socketPair(t)
	c := rawconn.Untold(nc)
	if _, is := c.(interface{ CloseWrite() error }); !is || c == nc {
		t.Fatalf("%T tells the scheduler", c)
	}
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	echoed := make(chan error, 1)
	go func() { // until the input ends
		all, err := io.ReadAll(peer)
		if err == nil {
			_, err = peer.Write(all)
		}
		echoed <- errors.Join(err, peer.Close())
	}()
	if n, err := c.Write(want); n != len(want) || err != nil {
		t.Fatalf("wrote %d: %v", n, err)
	}
	if n, err := c.Write(nil); n != 0 || err != nil {
		t.Errorf("nothing: wrote %d: %v", n, err)
	}
	if err := rawconn.CloseWrite(c); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(nil); n != 0 || err != nil {
		t.Errorf("nothing: read %d: %v", n, err)
	}
	got, err := io.ReadAll(c) // which waits, and ends with io.EOF
	if err := errors.Join(err, <-echoed); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d of %d bytes came back: %v", len(got), len(want), err)
	}
}

// TestUntoldWaits tests what ends a read and a write that wait: a deadline, set before or meanwhile, and Close. Once
// the deadline is gone they wait again.
func TestUntoldWaits(t *testing.T) {
	const long = 10 * time.Second
	past := time.Unix(1, 0)
	much := make([]byte, 64<<20) // more than any system takes unread
	for name, tt := range map[string]struct {
		before, meanwhile func(c net.Conn) error
		want              error
	}{
		"deadline before": {func(c net.Conn) error { return c.SetDeadline(past) }, nil, os.ErrDeadlineExceeded},
		"deadlines before": {func(c net.Conn) error {
			return errors.Join(c.SetReadDeadline(past), c.SetWriteDeadline(past))
		}, nil, os.ErrDeadlineExceeded},
		"deadline meanwhile": {nil, func(c net.Conn) error { return c.SetDeadline(past) }, os.ErrDeadlineExceeded},
		"deadline that is off": {func(c net.Conn) error {
			return errors.Join(c.SetDeadline(past), c.SetDeadline(time.Time{}))
		}, net.Conn.Close, net.ErrClosed},
		"closed": {nil, net.Conn.Close, net.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			_, nc := socketPair(t)
			c := rawconn.Untold(nc)
			if tt.before != nil {
				if err := tt.before(c); err != nil {
					t.Fatal(err)
				}
			}
			ended := make(chan error, 2)
			go func() {
				_, err := c.Read(make([]byte, 1))
				ended <- err
			}()
			go func() {
				n, err := c.Write(much)
				if n == len(much) {
					err = errors.New("all was taken")
				}
				ended <- err
			}()
			if tt.meanwhile != nil {
				select {
				case err := <-ended:
					t.Fatalf("ended before: %v", err)
				case <-time.After(50 * time.Millisecond): // it holds at any moment
				}
				if err := tt.meanwhile(c); err != nil {
					t.Error(err)
				}
			}
			for range 2 {
				select {
				case err := <-ended:
					said, ok := errors.AsType[*net.OpError](err)
					if !errors.Is(err, tt.want) || !ok || said.Op != "read" && said.Op != "write" || said.Addr == nil {
						t.Errorf("ended with %v, want %v of a read or a write", err, tt.want)
					}
				case <-time.After(long):
					t.Fatal("it still waits")
				}
			}
		})
	}
}

// TestUntoldOfOthers tests that what is no socket stays what it is.
func TestUntoldOfOthers(t *testing.T) {
	_, nc := socketPair(t)
	other := struct{ net.Conn }{nc}
	if got := rawconn.Untold(other); got != other {
		t.Errorf("got %T", got)
	}
}
