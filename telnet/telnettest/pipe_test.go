package telnettest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPipeEnds(t *testing.T) {
	type ends struct{ a, b net.Conn }
	buf := make([]byte, 100)
	tests := []struct {
		name string
		do   func(e ends) (int, error)
		n    int
		want error
	}{
		{"read after own close", func(e ends) (int, error) { e.a.Close(); return e.a.Read(buf) }, 0, net.ErrClosed},
		{"write after own close", func(e ends) (int, error) { e.a.Close(); return e.a.Write(buf) }, 0, net.ErrClosed},
		{"close twice", func(e ends) (int, error) { e.a.Close(); return 0, e.a.Close() }, 0, net.ErrClosed},
		{"deadline after close", func(e ends) (int, error) {
			e.a.Close()
			return 0, e.a.SetDeadline(time.Now())
		}, 0, net.ErrClosed},
		{"read from closed", func(e ends) (int, error) { e.b.Close(); return e.a.Read(buf) }, 0, io.EOF},
		{"read what was sent before the close", func(e ends) (int, error) {
			e.b.Write(buf[:7])
			e.b.Close()
			return e.a.Read(buf)
		}, 7, nil},
		{"write to closed", func(e ends) (int, error) { e.b.Close(); return e.a.Write(buf) }, 0, syscall.EPIPE},
		{"write after half-close", func(e ends) (int, error) {
			halfClose(e.a)
			return e.a.Write(buf)
		}, 0, syscall.EPIPE},
		{"read from half-closed", func(e ends) (int, error) { halfClose(e.b); return e.a.Read(buf) }, 0, io.EOF},
		{"answer a half-closed", func(e ends) (int, error) {
			halfClose(e.b)
			e.a.Write(buf[:3])
			return e.b.Read(buf)
		}, 3, nil},
		{"half-close twice", func(e ends) (int, error) { halfClose(e.a); return 0, halfClose(e.a) }, 0, nil},
		{"half-close after close", func(e ends) (int, error) {
			e.a.Close()
			return 0, halfClose(e.a)
		}, 0, net.ErrClosed},
		{"nothing into nothing", func(e ends) (int, error) { return e.a.Read(nil) }, 0, nil},
		{"write nothing", func(e ends) (int, error) { return e.a.Write(nil) }, 0, nil},
		{"late read", func(e ends) (int, error) {
			e.b.Write(buf)
			e.a.SetReadDeadline(time.Now().Add(-time.Second))
			return e.a.Read(buf)
		}, 0, os.ErrDeadlineExceeded},
		{"late write", func(e ends) (int, error) {
			e.a.SetWriteDeadline(time.Unix(1, 0))
			return e.a.Write(buf)
		}, 0, os.ErrDeadlineExceeded},
		{"deadline taken back", func(e ends) (int, error) {
			e.a.SetDeadline(time.Unix(1, 0))
			e.a.SetDeadline(time.Time{})
			return e.a.Write(buf)
		}, 100, nil},
		{"full", func(e ends) (int, error) {
			e.a.SetWriteDeadline(time.Now().Add(time.Hour))
			return e.a.Write(make([]byte, socketBuffer+1))
		}, socketBuffer, os.ErrDeadlineExceeded},
		{"nothing to read", func(e ends) (int, error) {
			e.a.SetReadDeadline(time.Now().Add(time.Hour))
			return e.a.Read(buf)
		}, 0, os.ErrDeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, swapped := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					var e ends
					e.a, e.b = Pipe()
					if swapped {
						e.a, e.b = e.b, e.a
					}
					n, err := tt.do(e)
					if n != tt.n || !errors.Is(err, tt.want) {
						t.Errorf("got %d, %v, want %d, %v", n, err, tt.n, tt.want)
					}
					if err == nil || err == io.EOF {
						return
					}
					var op *net.OpError
					if !errors.As(err, &op) || op.Timeout() != (tt.want == os.ErrDeadlineExceeded) {
						t.Errorf("%#v is not the error that package net would give", err)
					}
				})
			}
		})
	}
}

func halfClose(c net.Conn) error { return c.(interface{ CloseWrite() error }).CloseWrite() }

// Whoever waits is woken by what he waits for, or by the end of it.
func TestPipeWakes(t *testing.T) {
	tests := []struct {
		name string
		full bool
		wait func(a net.Conn) error
		wake func(a, b net.Conn)
		want error
	}{
		{"reader by data", false, read, func(a, b net.Conn) { b.Write([]byte{1}) }, nil},
		{"reader by close", false, read, func(a, b net.Conn) { b.Close() }, io.EOF},
		{"reader by half-close", false, read, func(a, b net.Conn) { halfClose(b) }, io.EOF},
		{"reader by own close", false, read, func(a, b net.Conn) { a.Close() }, net.ErrClosed},
		{"reader by deadline", false, read, func(a, b net.Conn) {
			a.SetReadDeadline(time.Unix(1, 0))
		}, os.ErrDeadlineExceeded},
		{"reader by deadline to come", false, read, func(a, b net.Conn) {
			a.SetReadDeadline(time.Now().Add(time.Minute))
		}, os.ErrDeadlineExceeded},
		{"writer by room", true, write, func(a, b net.Conn) { read(b) }, nil},
		{"writer by close", true, write, func(a, b net.Conn) { b.Close() }, syscall.EPIPE},
		{"writer by own close", true, write, func(a, b net.Conn) { a.Close() }, net.ErrClosed},
		{"writer by deadline", true, write, func(a, b net.Conn) {
			a.SetDeadline(time.Unix(1, 0))
		}, os.ErrDeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := Pipe()
				if tt.full {
					a.Write(make([]byte, socketBuffer))
				}
				done := make(chan error, 1)
				go func() { done <- tt.wait(a) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("did not wait: %v", err)
				default:
				}
				tt.wake(a, b)
				if err := <-done; !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
			})
		})
	}
}

func read(c net.Conn) error  { _, err := c.Read(make([]byte, 10)); return err }
func write(c net.Conn) error { _, err := c.Write([]byte{1}); return err }

// Every byte arrives, in order, in both directions at once, through buffers smaller than the data.
func TestPipeCarries(t *testing.T) {
	a, b := Pipe()
	sent := make([]byte, 5*socketBuffer+1)
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	errs := make(chan error, 4)
	for _, c := range []net.Conn{a, b} {
		go func() {
			_, err := c.Write(sent)
			errs <- errors.Join(err, halfClose(c))
		}()
		go func() {
			got, err := io.ReadAll(c)
			if err == nil && !bytes.Equal(got, sent) {
				err = errors.New("other bytes arrived")
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestListener(t *testing.T) {
	l := Listen(4711)
	var addresses []string
	for range 3 {
		client, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := server.LocalAddr().String(); got != "127.0.0.1:4711" || got != client.RemoteAddr().String() ||
			got != l.Addr().String() {
			t.Errorf("server's address is %s, %s for the client, %s for the listener", got, client.RemoteAddr(),
				l.Addr())
		}
		if client.LocalAddr().String() != server.RemoteAddr().String() {
			t.Errorf("client is %s for itself, %s for the server", client.LocalAddr(), server.RemoteAddr())
		}
		addresses = append(addresses, client.LocalAddr().String())
		client.Write([]byte("x"))
		if err := read(server); err != nil {
			t.Error(err)
		}
	}
	if addresses[0] == addresses[1] || addresses[1] == addresses[2] {
		t.Errorf("clients share an address: %q", addresses)
	}

	var waiting net.Conn
	for range backlog {
		var err error
		if waiting, err = l.Dial(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Dial(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("one over the backlog: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := read(waiting); err != io.EOF {
		t.Errorf("a connection nobody accepted: %v", err)
	}
	if _, err := l.Dial(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial after close: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept after close: %v", err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second close: %v", err)
	}
}

func TestListenerCloseWakesAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen(4000)
		done := make(chan error)
		go func() {
			_, err := l.Accept()
			done <- err
		}()
		synctest.Wait()
		l.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want %v", err, net.ErrClosed)
		}
	})
}
