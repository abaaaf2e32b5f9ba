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

// A pair is a connection to be tried and its other end.
type pair struct {
	peer, tried net.Conn
	c           rawconn.Conn
	plain       bool // it takes nothing at once
}

// TestConn is the contract of whatever can be tried, and can rest: sockets that rest with a goroutine and in a poller,
// what stands for a socket in plays, and what can only be read and written.
func TestConn(t *testing.T) {
	for _, kind := range []struct {
		name string
		open func(t *testing.T) pair
	}{
		{"socket", func(t *testing.T) pair {
			peer, tried := socketPair(t)
			return pair{peer: peer, tried: tried, c: rawconn.Of(tried)}
		}},
		{"untold", func(t *testing.T) pair {
			peer, tried := socketPair(t)
			c := rawconn.Of(rawconn.Untold(tried))
			return pair{peer: peer, tried: c, c: c}
		}},
		{"watched", func(t *testing.T) pair {
			peer, tried := socketPair(t)
			tried = newPoller(t).Watch(tried)
			return pair{peer: peer, tried: tried, c: rawconn.Of(tried)}
		}},
		{"pipe", func(*testing.T) pair {
			peer, tried := telnettest.Pipe()
			return pair{peer: peer, tried: tried, c: rawconn.Of(tried)}
		}},
		{"paced", func(t *testing.T) pair {
			peer, tried := socketPair(t)
			c := rawconn.Paced(rawconn.Of(newPoller(t).Watch(tried)), rawconn.Pace{Burst: 500, Rate: 10 << 20})
			return pair{peer: peer, tried: c, c: c}
		}},
		{"TLS", func(t *testing.T) pair {
			peer, tried := socketPair(t)
			return tlsPair(t, peer, newPoller(t).Watch(tried))
		}},
		{"TLS over a pipe", func(t *testing.T) pair {
			peer, tried := telnettest.Pipe()
			return tlsPair(t, peer, tried)
		}},
		{"plain", func(*testing.T) pair {
			peer, tried := telnettest.Pipe()
			c := rawconn.Of(struct{ net.Conn }{tried})
			return pair{peer: peer, tried: c, c: c, plain: true}
		}},
	} {
		for _, tt := range []struct {
			name string
			run  func(t *testing.T, p pair)
		}{
			{"read", tryRead}, {"write", tryWrite}, {"end", tryEnd}, {"end behind text", endBehindText},
			{"closed", tryClosed}, {"closed at rest", closedAtRest}, {"deadline", restsUntilDeadline},
			{"ended by a deadline", endedByDeadline}, {"deadline taken away", deadlineTakenAway},
			{"much", readMuch},
		} {
			t.Run(kind.name+"/"+tt.name, func(t *testing.T) {
				p := kind.open(t)
				t.Cleanup(func() { p.peer.Close(); p.tried.Close() })
				tt.run(t, p)
			})
		}
	}
}

// rests goes to rest, and returns what is closed when there is something to read.
func (p pair) rests(t *testing.T) <-chan struct{} {
	t.Helper()
	called := make(chan struct{})
	p.c.AwaitInput(func() { close(called) }) // which panics if it is called twice
	return called
}

// awaits waits for input.
func (p pair) awaits(t *testing.T) {
	t.Helper()
	wait(t, p.rests(t))
}

func wait(t *testing.T, called <-chan struct{}) {
	t.Helper()
	select {
	case <-called:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was called")
	}
}

// writes writes text at the other end.
func (p pair) writes(t *testing.T, text string) {
	t.Helper()
	if _, err := p.peer.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// reads tries to read until it gets something or an error.
func (p pair) reads(t *testing.T, buf []byte) (string, error) {
	t.Helper()
	for range 100 { // who rests may be called for nothing
		p.awaits(t)
		if n, err := p.c.TryRead(buf); n > 0 || err != nil {
			return string(buf[:n]), err
		}
	}
	t.Fatal("called for nothing again and again")
	return "", nil
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

func tryRead(t *testing.T, p pair) {
	buf := make([]byte, 3)
	if n, err := p.c.TryRead(buf); n != 0 || err != nil {
		t.Errorf("before anything came: %d, %v", n, err)
	}
	for range 100 { // at rest before something comes, and after
		p.writes(t, "hello")
		for _, want := range []string{"hel", "lo"} {
			if got, err := p.reads(t, buf); got != want || err != nil {
				t.Fatalf("got %q, %v, want %q", got, err, want)
			}
		}
		if n, err := p.c.TryRead(buf); n != 0 || err != nil {
			t.Errorf("after all: %d, %v", n, err)
		}
		called := p.rests(t)
		p.writes(t, "x")
		wait(t, called)
		if got, err := p.reads(t, buf); got != "x" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
}

// readMuch reads by turns with Read and TryRead what comes in pieces of its own.
func readMuch(t *testing.T, p pair) {
	const size = 200_000
	want := make([]byte, size)
	for i := range want {
		want[i] = byte(i * i >> 8)
	}
	go func() {
		for n := 0; n < size; n += 1000 {
			if _, err := p.peer.Write(want[n : n+1000]); err != nil {
				t.Error(err)
				return
			}
			if n%7000 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}()
	var got []byte
	for i := 0; len(got) < size; i++ {
		buf := make([]byte, []int{700, 3000, 64}[i%3])
		if i%5 == 0 {
			n, err := p.c.Read(buf)
			if got = append(got, buf[:n]...); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := p.reads(t, buf)
		if got = append(got, text...); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, want) {
		t.Error("what was read is not what was written")
	}
}

func tryWrite(t *testing.T, p pair) {
	if n, err := p.c.TryWrite([]byte("x")); p.plain {
		if n != 0 || err != nil {
			t.Errorf("a plain connection takes %d, %v", n, err)
		}
		return
	} else if n != 1 || err != nil {
		t.Fatal(n, err)
	}
	want := []byte("x")
	for full := false; !full; {
		if len(want) > 100<<20 {
			t.Fatal("100 MB went to a peer that does not read")
		}
		text := bytes.Repeat([]byte{byte('a' + len(want)/1000%26)}, 1000)
		n, err := p.c.TryWrite(text)
		if err != nil && (err != io.ErrShortWrite || n < len(text)) {
			t.Fatal(n, err)
		}
		want = append(want, text[:n]...)
		full = n < len(text) || err != nil
	}
	rest := make(chan error, 1)
	go func() {
		_, err := p.c.Write(nil)
		rest <- err
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(p.peer, got); err != nil {
		t.Fatal(err)
	}
	if err := <-rest; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("what arrived is not what was written")
	}
	if n, err := p.c.TryWrite([]byte("x")); n != 1 || err != nil {
		t.Errorf("after the peer has read: %d, %v", n, err)
	}
}

// ends ends the input.
func (p pair) ends(t *testing.T) {
	t.Helper()
	if err := p.peer.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
}

func tryEnd(t *testing.T, p pair) {
	called := p.rests(t)
	p.ends(t)
	wait(t, called)
	for range 2 {
		if got, err := p.reads(t, make([]byte, 1)); got != "" || err != io.EOF {
			t.Errorf("got %q, %v, want the end", got, err)
		}
	}
	if n, err := p.c.Write([]byte("x")); n != 1 || err != nil {
		t.Errorf("write: %d, %v", n, err)
	}
}

// endBehindText tests that an end is noticed that came together with the last text, of which a read takes less than
// there is room for.
func endBehindText(t *testing.T, p pair) {
	called := p.rests(t)
	p.writes(t, "last")
	p.ends(t)
	wait(t, called)
	time.Sleep(10 * time.Millisecond) // until both were told
	if got, err := p.reads(t, make([]byte, 8)); got != "last" || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	if got, err := p.reads(t, make([]byte, 8)); got != "" || err != io.EOF {
		t.Errorf("got %q, %v, want the end", got, err)
	}
}

func newPoller(t *testing.T) *rawconn.Poller {
	t.Helper()
	p := new(rawconn.Poller)
	t.Cleanup(p.Close)
	return p
}

func tryClosed(t *testing.T, p pair) {
	p.tried.Close()
	p.awaits(t)
	if p.plain {
		return // what TryRead has is what the goroutine found
	}
	if n, err := p.c.TryRead(make([]byte, 1)); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("TryRead: %d, %v", n, err)
	}
	if n, err := p.c.TryWrite([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("TryWrite: %d, %v", n, err)
	}
}

func closedAtRest(t *testing.T, p pair) {
	called := p.rests(t)
	p.tried.Close()
	wait(t, called)
	if got, err := p.reads(t, make([]byte, 1)); got != "" || !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %q, %v", got, err)
	}
}

func restsUntilDeadline(t *testing.T, p pair) {
	if err := p.tried.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	p.awaits(t)
	if _, err := p.c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// endedByDeadline sets deadlines for who rests: one that is to come and one that has passed.
func endedByDeadline(t *testing.T, p pair) {
	for _, in := range []time.Duration{10 * time.Millisecond, -time.Second} {
		if err := p.tried.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		called := p.rests(t)
		end := time.Now().Add(in)
		if err := p.tried.SetDeadline(end); err != nil {
			t.Fatal(err)
		}
		for wait(t, called); time.Now().Before(end); {
			p.awaits(t) // it was called because there is a deadline now
		}
		if _, err := p.c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	}
}

func deadlineTakenAway(t *testing.T, p pair) {
	for _, at := range []time.Time{time.Now().Add(-time.Second), {}} {
		if err := p.tried.SetReadDeadline(at); err != nil {
			t.Fatal(err)
		}
	}
	called := p.rests(t)
	select {
	case <-called:
		t.Error("there is no deadline")
	case <-time.After(20 * time.Millisecond):
	}
	p.writes(t, "x")
	wait(t, called)
	if got, err := p.reads(t, make([]byte, 2)); got != "x" || err != nil {
		t.Errorf("got %q, %v", got, err)
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
