package doors_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/doors"
	"parley/telnet/telnettest"
)

// greet asks for a name and says goodbye.
var greet = doors.Door{
	Handle: func(nc net.Conn, pass *doors.Pass) error {
		io.WriteString(nc, "name: ")
		buf := make([]byte, 64)
		n, err := nc.Read(buf)
		if err != nil {
			return err
		}
		fmt.Fprintf(nc, "Goodbye, %s", buf[:n])
		return nil
	},
	Refuse: func(nc net.Conn, reason error) { fmt.Fprintln(nc, reason) },
}

// open starts s on a listener until the test ends, which expects Serve to return ErrServerClosed.
func open(t *testing.T, s *doors.Server, l net.Listener, d doors.Door) {
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Serve(l, d); !errors.Is(err, doors.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { s.Close() })
}

func dial(t *testing.T, l *telnettest.Listener, source string) net.Conn {
	t.Helper()
	c, err := l.DialFrom(net.ParseIP(source))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

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

// A client that stays after the goodbye is not waited for any longer than a second, nor one that never stops talking.
func TestServerLingersNotForEver(t *testing.T) {
	for _, talks := range []bool{false, true} {
		t.Run(fmt.Sprintf("talks %v", talks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := telnettest.Listen(4000)
				s := &doors.Server{Logger: quiet()}
				open(t, s, l, greet)
				c := dial(t, l, "127.0.0.1")
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
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: quiet()}
		open(t, s, l, greet)
		c := dial(t, l, "127.0.0.1")
		synctest.Wait()
		time.AfterFunc(time.Second, func() { io.WriteString(c, "bob\n"); c.Close() })
		start := time.Now()
		if err := s.Shutdown(t.Context()); err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if _, err := l.Dial(); err == nil {
			t.Error("still listening")
		}
		if err := s.Serve(telnettest.Listen(4000), greet); !errors.Is(err, doors.ErrServerClosed) {
			t.Errorf("serve again: %v", err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("shutdown again: %v", err)
		}
	})
}

func TestShutdownLosesPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: quiet()}
		open(t, s, l, greet)
		c := dial(t, l, "127.0.0.1")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if got, err := io.ReadAll(c); string(got) != "name: " || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// A handler that hangs, in the store perhaps, does not keep the server from stopping.
func TestShutdownGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: quiet()}
		hang := make(chan struct{})
		open(t, s, l, doors.Door{Handle: func(net.Conn, *doors.Pass) error { <-hang; return nil }})
		dial(t, l, "127.0.0.1")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 4*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		close(hang)
	})
}

// A peer that does not read what refuses it stops nobody, and if there are many of them, the others are closed in
// silence.
func TestRefusalWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: quiet(), Gate: &doors.Gate{MaxConns: 1}}
		told := 0
		var mu sync.Mutex // guards told
		open(t, s, l, doors.Door{Handle: greet.Handle, Refuse: func(nc net.Conn, reason error) {
			mu.Lock()
			told++
			mu.Unlock()
			for {
				if _, err := nc.Write(make([]byte, 1024)); err != nil { // more than any socket takes
					return
				}
			}
		}})
		first := dial(t, l, "127.0.0.1")
		synctest.Wait()
		for range doors.MaxRefusing + 10 {
			dial(t, l, "127.0.0.1")
			time.Sleep(time.Millisecond)
		}
		start := time.Now()
		late := dial(t, l, "127.0.0.1")
		if got, err := io.ReadAll(late); len(got) > 0 || err != nil || time.Since(start) != 0 {
			t.Errorf("one too many reads %q, %v after %v", got, err, time.Since(start))
		}
		synctest.Wait()
		if told != doors.MaxRefusing {
			t.Errorf("%d are being told", told)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if open := s.Stats().Open; open != 1 {
			t.Errorf("%d connections are left, want that of the first alone", open)
		}
		first.Close()
		synctest.Wait()
		if got := readSome(t, dial(t, l, "127.0.0.1")); got != "name: " {
			t.Errorf("when there is room again one reads %q", got)
		}
	})
}

func readSome(t *testing.T, c net.Conn) string {
	t.Helper()
	buf := make([]byte, 64)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

// Who is refused while it sends something reads why all the same.
func TestRefusalArrives(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &doors.Server{Logger: quiet(), Gate: new(doors.Gate)}
	open(t, s, l, greet)
	defer s.Close()
	for n := range 20 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if n < 4 {
			continue
		}
		io.WriteString(c, "alice\nguess\n")
		if got, err := io.ReadAll(c); !strings.Contains(string(got), "refused") || err != nil {
			t.Errorf("connection %d reads %q, %v", n, got, err)
		}
	}
}

// A peer without an address of TCP is of a source that nobody knows, and limited as any other.
func TestUnixSocket(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := filepath.Join(t.TempDir(), "door")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	s := &doors.Server{Logger: quiet(), Gate: new(doors.Gate)}
	open(t, s, l, greet)
	defer s.Close()
	for n := range 5 {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		got := readSome(t, c)
		if refused := strings.HasPrefix(got, "refused"); refused != (n == 4) {
			t.Errorf("connection %d reads %q", n, got)
		}
	}
}

// One session's panic is logged and is nobody else's.
func TestServerSurvivesPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: slog.New(slog.NewTextHandler(&log, nil)), Gate: new(doors.Gate)}
		open(t, s, l, doors.Door{Handle: func(nc net.Conn, _ *doors.Pass) error {
			b := make([]byte, 8)
			n, _ := nc.Read(b)
			if string(b[:n]) == "panic\n" {
				panic("out of cheese")
			}
			_, err := nc.Write(b[:n])
			return err
		}})
		other, c := dial(t, l, "192.0.2.1"), dial(t, l, "192.0.2.2")
		io.WriteString(c, "panic\n")
		if got, err := io.ReadAll(c); len(got) > 0 || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if s := log.String(); strings.Contains(s, "out of cheese") || !strings.Contains(s, "server_test.go") {
			t.Errorf("log: %s", s)
		}
		io.WriteString(other, "hello\n")
		if got, err := io.ReadAll(other); string(got) != "hello\n" || err != nil {
			t.Errorf("the other got %q, %v", got, err)
		}
		c.Close()
		other.Close()
		synctest.Wait()
		if g := s.Gate.Stats(); g.Conns != 0 || g.Open != 0 {
			t.Errorf("left in the gate's counts: %+v", g)
		}
	})
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
	synctest.Test(t, func(t *testing.T) {
		l := &troubled{Listener: telnettest.Listen(4000)}
		for range 10 {
			l.errs = append(l.errs, &net.OpError{Op: "accept", Err: passingError{}})
		}
		open(t, &doors.Server{Logger: quiet()}, l, greet)
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
		synctest.Test(t, func(t *testing.T) {
			l := &troubled{Listener: telnettest.Listen(4000)}
			for range 20 {
				l.errs = append(l.errs, passingError{})
			}
			s := &doors.Server{Logger: quiet()}
			time.AfterFunc(2*time.Second, func() { s.Close() })
			start := time.Now()
			if err := s.Serve(l, greet); !errors.Is(err, doors.ErrServerClosed) || time.Since(start) != 2*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("for good", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gone := errors.New("no such network")
			l := &troubled{Listener: telnettest.Listen(4000), errs: []error{gone}}
			if err := new(doors.Server).Serve(l, greet); err != gone {
				t.Errorf("got %v", err)
			}
		})
	})
}

// The log says why connections end: of the first at once, of those that follow how many, once in ten seconds.
func TestEndsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		l := telnettest.Listen(4000)
		s := &doors.Server{Logger: slog.New(slog.NewTextHandler(&log, nil))}
		open(t, s, l, greet)
		want := func(lines ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for line := range strings.Lines(log.String()) {
				_, line, _ = strings.Cut(strings.TrimSpace(line), "msg=")
				line, _, _ = strings.Cut(line, " remote=")
				line, _, _ = strings.Cut(line, " last=")
				got = append(got, line)
			}
			if strings.Join(got, "\n") != strings.Join(lines, "\n") {
				t.Errorf("the log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
			}
		}
		first := `"connection ended" reason="closed by the peer"`
		for range 1000 {
			c := dial(t, l, "192.0.2.1")
			c.Close()
			time.Sleep(time.Millisecond)
		}
		want(first)
		time.Sleep(10 * time.Second)
		many := `"connections ended" reason="closed by the peer" count=999`
		want(first, many)
		for range 2 {
			c := dial(t, l, "192.0.2.1")
			io.WriteString(c, "bob\n")
			synctest.Wait()
			c.Close()
		}
		left := `"connection ended" reason=left`
		want(first, many, left)
		time.Sleep(time.Minute)
		want(first, many, left, `"connections ended" reason=left count=1`)
		dial(t, l, "192.0.2.1").Close()
		dial(t, l, "192.0.2.1").Close()
		synctest.Wait()
		s.Close()
		want(first, many, left, `"connections ended" reason=left count=1`,
			first, `"connections ended" reason="closed by the peer" count=1`)
		if got := fmt.Sprint(s.Stats().Ended); got != "map[closed by the peer:1002 left:2]" {
			t.Errorf("counted: %s", got)
		}
	})
}

// Socket options reach the TCP socket beneath TLS.
func TestSocketOptionsBeneathTLS(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	if doors.SocketOf(tls.Server(server, nil)) != nil {
		t.Error("a pipe has no socket")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if doors.SocketOf(tls.Server(tls.Client(c, nil), nil)) != c {
		t.Error("the socket is not found")
	}
}
