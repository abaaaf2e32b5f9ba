package telnet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gotelnet "github.com/reiver/go-telnet"
	"go.uber.org/goleak"

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

// serve runs s on a listener until the test ends, which expects Serve to return ErrServerClosed.
func serve(t *testing.T, s *telnet.Server, l net.Listener) {
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Serve(l); !errors.Is(err, telnet.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { s.Close() })
}

func listenTCP(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
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
	serve(t, &telnet.Server{Handler: greet}, l)
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

// The zero Server echoes, and a client that asks nothing is asked nothing.
func TestZeroServer(t *testing.T) {
	leakFree(t)
	l := listenTCP(t)
	var s telnet.Server
	serve(t, &s, l)
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
	serve(t, &telnet.Server{Handler: greet}, l)
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

// A client that stays after the goodbye is not waited for any longer than a second, nor one that never stops talking.
func TestServerLingersNotForEver(t *testing.T) {
	for _, talks := range []bool{false, true} {
		t.Run(fmt.Sprintf("talks %v", talks), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				l := telnettest.Listen(4000)
				s := &telnet.Server{Handler: greet}
				serve(t, s, l)
				c, err := l.Dial()
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				io.WriteString(c, "bob\n")
				if talks {
					go func() {
						for {
							if _, err := c.Write(make([]byte, 8*1024)); err != nil {
								return
							}
						}
					}()
				}
				synctest.Wait()
				start := time.Now()
				if err := s.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				want := time.Second
				if talks {
					want = 0
				}
				if took := time.Since(start); took != want {
					t.Errorf("took %v, want %v", took, want)
				}
			})
		})
	}
}

func TestShutdown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &telnet.Server{Handler: greet}
		serve(t, s, l)
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		synctest.Wait()
		time.AfterFunc(time.Second, func() { io.WriteString(c, "bob\n"); c.Close() })
		start := time.Now()
		if err := s.Shutdown(t.Context()); err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if _, err := l.Dial(); err == nil {
			t.Error("still listening")
		}
		if err := s.Serve(telnettest.Listen(4000)); !errors.Is(err, telnet.ErrServerClosed) {
			t.Errorf("serve again: %v", err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("shutdown again: %v", err)
		}
	})
}

func TestShutdownLosesPatience(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &telnet.Server{Handler: greet}
		serve(t, s, l)
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if got, err := io.ReadAll(c); !strings.HasSuffix(string(got), "name: ") || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// One session's panic is logged and is nobody else's.
func TestServerSurvivesPanic(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var log lockedBuffer
		l := telnettest.Listen(4000)
		serve(t, &telnet.Server{
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Handler: handlerFunc(func(c *telnet.Conn) {
				b := make([]byte, 8)
				n, _ := c.Read(b)
				if string(b[:n]) == "panic\n" {
					panic("out of cheese")
				}
				c.Write(b[:n])
			}),
		}, l)
		other, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, "panic\n")
		if got, err := io.ReadAll(c); len(got) > 0 || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if s := log.String(); strings.Contains(s, "out of cheese") || !strings.Contains(s, "server_test.go") {
			t.Errorf("log: %s", s)
		}
		io.WriteString(other, "hello\n")
		if got, err := io.ReadAll(other); string(got) != "hello\r\n" || err != nil {
			t.Errorf("the other got %q, %v", got, err)
		}
	})
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

// troubled is a listener whose Accept fails for a while.
type troubled struct {
	net.Listener
	mu   sync.Mutex
	errs []error
	at   []time.Time
}

func (l *troubled) Accept() (net.Conn, error) {
	l.mu.Lock()
	l.at = append(l.at, time.Now())
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		l.mu.Unlock()
		return nil, err
	}
	l.mu.Unlock()
	return l.Listener.Accept()
}

type passingError struct{}

func (passingError) Error() string   { return "too many open files" }
func (passingError) Temporary() bool { return true }

func TestServerWaitsOutTrouble(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	bubble(t, func(t *testing.T) {
		l := &troubled{Listener: telnettest.Listen(4000)}
		for range 10 {
			l.errs = append(l.errs, &net.OpError{Op: "accept", Err: passingError{}})
		}
		serve(t, &telnet.Server{Logger: quiet}, l)
		time.Sleep(time.Minute)
		l.mu.Lock()
		defer l.mu.Unlock()
		var waits []time.Duration
		for i := range l.at[1:] {
			waits = append(waits, l.at[i+1].Sub(l.at[i]))
		}
		want := "[5ms 10ms 20ms 40ms 80ms 160ms 320ms 640ms 1s 1s]"
		if got := fmt.Sprint(waits); got != want {
			t.Errorf("waited %s, want %s", got, want)
		}
	})
	t.Run("closed meanwhile", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			l := &troubled{Listener: telnettest.Listen(4000)}
			for range 20 {
				l.errs = append(l.errs, passingError{})
			}
			s := &telnet.Server{Logger: quiet}
			time.AfterFunc(2*time.Second, func() { s.Close() })
			start := time.Now()
			if err := s.Serve(l); !errors.Is(err, telnet.ErrServerClosed) || time.Since(start) != 2*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("for good", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			gone := errors.New("no such network")
			l := &troubled{Listener: telnettest.Listen(4000), errs: []error{gone}}
			if err := new(telnet.Server).Serve(l); err != gone {
				t.Errorf("got %v", err)
			}
		})
	})
}

// A handler of go-telnet's kind finds the context that it is used to.
func TestContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var log lockedBuffer
		l := telnettest.Listen(4000)
		serve(t, &telnet.Server{
			Logger:  slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Handler: loggingHandler{},
		}, l)
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.ReadAll(c)
		for _, want := range []string{"level=DEBUG msg=one", "level=DEBUG msg=\"number 2\"", "level=DEBUG msg=three",
			"level=DEBUG msg=\"number 4\"", "level=WARN msg=five", "level=WARN msg=\"number 6\"", "level=ERROR msg=seven",
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
