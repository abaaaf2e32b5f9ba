package telnet_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	gotelnet "github.com/reiver/go-telnet"

	"parley/telnet"
)

// serveBare runs handler under go-telnet's own server.
func serveBare(t *testing.T, handler gotelnet.Handler) (client net.Conn) {
	leakFree(t)
	l := listenTCP(t)
	var wg sync.WaitGroup
	wg.Go(func() { gotelnet.Serve(l, handler) })
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { l.Close() })
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestBare(t *testing.T) {
	c := serveBare(t, greet)
	c.Write([]byte("\xff\xfd\x01b\xff\xffb\r\n"))
	want := "Welcome\r\nname: Goodbye, b\xfeb\r\n"
	if got, err := io.ReadAll(c); string(got) != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// A handler that gives up reading, for whatever reason, can return although nothing more is sent.
func TestBareEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		stop func(c *telnet.Conn)
		want error
	}{
		{"deadline before", func(c *telnet.Conn) {
			c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		}, os.ErrDeadlineExceeded},
		{"deadline meanwhile", func(c *telnet.Conn) {
			time.AfterFunc(10*time.Millisecond, func() { c.SetReadDeadline(time.Unix(1, 0)) })
		}, os.ErrDeadlineExceeded},
		{"closed", func(c *telnet.Conn) { time.AfterFunc(10*time.Millisecond, func() { c.Close() }) }, net.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result := make(chan error, 1)
			c := serveBare(t, handlerFunc(func(c *telnet.Conn) {
				b := make([]byte, 8)
				n, _ := c.Read(b)
				c.Write(b[:n])
				tt.stop(c)
				_, err := c.Read(b)
				result <- err
			}))
			io.WriteString(c, "x")
			if got, err := io.ReadAll(c); string(got) != "x" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			if err := <-result; !errors.Is(err, tt.want) {
				t.Errorf("read: %v, want %v", err, tt.want)
			}
		})
	}
}

// Every method of a bare Conn does something sensible.
func TestBareMethods(t *testing.T) {
	c := serveBare(t, handlerFunc(func(c *telnet.Conn) {
		c.WritePrompt([]byte("> \xff"))
		if c.HideInput(time.Minute) {
			t.Error("hidden")
		}
		c.ShowInput()
		if !c.EditsLines() || c.Name() != "" || c.RemoteAddr().String() != "unknown" ||
			c.RemoteAddr().Network() != "telnet" {
			t.Error("it claims to know its peer")
		}
		if err := c.SetWriteDeadline(time.Now()); !errors.Is(err, os.ErrNoDeadline) {
			t.Errorf("write deadline: %v", err)
		}
		if err := c.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("close write: %v", err)
		}
		if got, err := io.ReadAll(c); string(got) != "a\nb" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		c.Close()
		if _, err := c.Write([]byte("late")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write after close: %v", err)
		}
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("close after close: %v", err)
		}
	}))
	io.WriteString(c, "a\r\nb")
	c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(c); string(got) != "> \xff\xff" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestBareReaderPanics reads from what panics: the reader is told, and nothing else happens.
func TestBareReaderPanics(t *testing.T) {
	leakFree(t)
	c := telnet.Bare(io.Discard, panickingReader{})
	if n, err := c.Read(make([]byte, 8)); n != 0 || err == nil || strings.Contains(err.Error(), "zebra") {
		t.Errorf("Read = %d, %v", n, err)
	}
}

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic("zebra") }
