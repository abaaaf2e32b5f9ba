package rawconn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/rawconn"
	"parley/telnet/telnettest"
)

// pacedPipe returns a connection of which 100 bytes are read at once, and 10 a second, and on which 1,000 have come.
func pacedPipe(t *testing.T) (peer net.Conn, c rawconn.Conn) {
	t.Helper()
	peer, tried := telnettest.Pipe()
	if _, err := peer.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
		t.Fatal(err)
	}
	return peer, rawconn.Paced(rawconn.Of(tried), rawconn.Pace{Burst: 100, Rate: 10})
}

// TestPaced tests how much is read in which time, by Read and by who rests, and that a pause gives back no more than
// the burst.
func TestPaced(t *testing.T) {
	for name, read := range map[string]func(c rawconn.Conn, p []byte) (int, error){
		"Read": rawconn.Conn.Read,
		"TryRead": func(c rawconn.Conn, p []byte) (int, error) {
			for {
				if n, err := c.TryRead(p); n > 0 || err != nil {
					return n, err
				}
				called := make(chan struct{})
				c.AwaitInput(func() { close(called) }) // which panics if it is called twice
				<-called
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer, c := pacedPipe(t)
				defer peer.Close()
				defer c.Close()
				within := func(bytes int, least, most time.Duration) {
					t.Helper()
					began, buf := time.Now(), make([]byte, 10)
					for n := 0; n < bytes; {
						more, err := read(c, buf[:min(len(buf), bytes-n)])
						if n += more; err != nil {
							t.Fatal(err)
						}
					}
					if took := time.Since(began); took < least || took > most {
						t.Errorf("%d bytes took %v", bytes, took)
					}
				}
				within(100, 0, 0)
				within(200, 18*time.Second, 20*time.Second)
				time.Sleep(time.Hour)
				within(100, 0, 0)
				within(100, 8*time.Second, 10*time.Second)
			})
		})
	}
}

// TestPacedEnds tests that who waits because of the pace is called where a read would fail, and that an end is read
// behind all that has come.
func TestPacedEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(c net.Conn)
		want error
		by   time.Duration
	}{
		"closed": {func(c net.Conn) {
			time.Sleep(time.Second)
			c.Close()
		}, net.ErrClosed, time.Second},
		"a deadline to come": {func(c net.Conn) {
			_ = c.SetDeadline(time.Now().Add(2 * time.Second))
		}, os.ErrDeadlineExceeded, 2 * time.Second},
		"a deadline that has passed": {func(c net.Conn) {
			time.Sleep(time.Second)
			_ = c.SetReadDeadline(time.Now().Add(-time.Hour))
		}, os.ErrDeadlineExceeded, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer, c := pacedPipe(t)
				defer peer.Close()
				defer c.Close()
				if n, err := io.ReadFull(c, make([]byte, 100)); n != 100 || err != nil {
					t.Fatal(n, err)
				}
				if n, err := c.Read(make([]byte, 900)); err != nil { // which is what comes with the last free byte
					t.Fatal(n, err)
				}
				began, ended := time.Now(), make(chan error, 1)
				go func() {
					_, err := c.Read(make([]byte, 1))
					ended <- err
				}()
				synctest.Wait()
				tt.end(c)
				if err := <-ended; !errors.Is(err, tt.want) || time.Since(began) != tt.by {
					t.Errorf("%v after %v", err, time.Since(began))
				}
			})
		})
	}
}
