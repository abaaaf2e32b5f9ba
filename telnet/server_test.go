package telnet_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	gotelnet "github.com/reiver/go-telnet"
	"go.uber.org/goleak"

	"parley/doors"
	"parley/telnet"
	"parley/telnet/telnettest"
)

// handlerFunc is a handler that knows Conn.
type handlerFunc func(c *telnet.Conn)

func (f handlerFunc) ServeTELNET(_ gotelnet.Context, w gotelnet.Writer, r gotelnet.Reader) {
	f(telnet.Bare(w, r))
}

// greet asks for a name and says goodbye.
var greet = handlerFunc(func(c *telnet.Conn) {
	c.Write([]byte("Welcome\n"))
	if c.Settle(300*time.Millisecond) != nil {
		return
	}
	c.WritePrompt([]byte("name: "))
	c.SetReadDeadline(time.Now().Add(time.Minute))
	var line []byte
	buf := make([]byte, 64)
	for !bytes.ContainsRune(line, '\n') {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		line = append(line, buf[:n]...)
	}
	name, _, _ := strings.Cut(string(line), "\n")
	fmt.Fprintf(c, "Goodbye, %s\n", name)
})

// serve lets h serve those who come to l until the test ends.
func serve(t *testing.T, h gotelnet.Handler, l net.Listener) {
	serveWith(t, new(doors.Server), telnet.Handle(h, nil, nil), l)
}

func serveWith(t *testing.T, s *doors.Server, handle func(net.Conn, *doors.Pass) error, l net.Listener) {
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Serve(l, doors.Door{Handle: handle}); !errors.Is(err, doors.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { s.Close() })
}

func listenTCP(t *testing.T) net.Listener {
	l, err := doors.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func leakFree(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, ignore) })
}

// An independent implementation of the protocol as the client.
func TestServerWithGoTelnet(t *testing.T) {
	leakFree(t)
	l := listenTCP(t)
	serve(t, greet, l)
	c, err := gotelnet.DialTo(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("b\xffb\r\n")); err != nil {
		t.Fatal(err)
	}
	// It knows how to leave out the opening question, but not the CR behind it.
	want := "\rWelcome\r\nname: Goodbye, b\xffb\r\n"
	got, err := readByBytes(c)
	if string(got) != want || err != io.EOF {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// TestHandleOptions tests that what a Conn is asked to do it does behind a door too.
func TestHandleOptions(t *testing.T) {
	leakFree(t)
	l := listenTCP(t)
	goodbye := handlerFunc(func(c *telnet.Conn) { c.Write([]byte("Goodbye\n")) })
	opts := &telnet.Options{Status: func() []byte { return []byte("\x01NAME\x02Parley") }}
	serveWith(t, new(doors.Server), telnet.Handle(goodbye, opts, nil), l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(c); err != nil || string(got) != "\xff\xfd\x18\xff\xfb\x46\rGoodbye\r\n" {
		t.Errorf("got %q, %v, want an offer of MSSP", got, err)
	}
}

// readByBytes reads all of r, whose Read waits until it has all that it is asked for.
func readByBytes(r io.Reader) (got []byte, err error) {
	buf := make([]byte, 1)
	for err == nil {
		var n int
		n, err = r.Read(buf)
		got = append(got, buf[:n]...)
	}
	return got, err
}

// Without a handler there is an echo, and a client that asks nothing is asked nothing.
func TestEcho(t *testing.T) {
	leakFree(t)
	l := listenTCP(t)
	serve(t, nil, l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "hello\n")
	c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(c); string(got) != "hello\r\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// What was written last arrives although the client sent more than anybody read.
func TestServerLingers(t *testing.T) {
	leakFree(t)
	l := listenTCP(t)
	serve(t, greet, l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "bob\n"+strings.Repeat("and one more line\n", 2000))
	got, err := io.ReadAll(c)
	if !strings.HasSuffix(string(got), "Goodbye, bob\r\n") || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A handler of go-telnet's kind finds the context that it is used to.
func TestContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var log lockedBuffer
		l := telnettest.Listen(4000)
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		serveWith(t, new(doors.Server), telnet.Handle(loggingHandler{}, nil, logger), l)
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.ReadAll(c)
		for _, want := range []string{"level=DEBUG msg=one", "level=DEBUG msg=\"number 2\"", "level=DEBUG msg=three",
			"level=DEBUG msg=\"number 4\"", "level=WARN msg=five", "level=WARN msg=\"number 6\"",
			"level=ERROR msg=seven",
			"level=ERROR msg=\"number 8\""} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("no %s in the log:\n%s", want, log.String())
			}
		}
	})
}

type loggingHandler struct{}

func (loggingHandler) ServeTELNET(ctx gotelnet.Context, _ gotelnet.Writer, _ gotelnet.Reader) {
	log := ctx.Logger()
	log.Debug("one")
	log.Debugf("number %d", 2)
	log.Trace("three")
	log.Tracef("number %d", 4)
	log.Warn("five")
	log.Warnf("number %d", 6)
	log.Error("seven")
	log.Errorf("number %d", 8)
}
