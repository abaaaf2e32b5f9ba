package session

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/commands"
)

// A fake is the least that a terminal can be: it has no optional method. It edits its lines unless keys is set.
type fake struct {
	keys bool

	mu       sync.Mutex // guards all below
	changed  sync.Cond
	in, out  []byte
	hungUp   bool
	stalled  bool
	deadline time.Time // for reading
	writeBy  time.Time // zero: no deadline
	columns  int
	resized  func()
}

func newFake() *fake {
	f := &fake{columns: 80}
	f.changed.L = &f.mu
	return f
}

func (f *fake) do(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	f.changed.Broadcast()
}

// idle reports whether a Read has to wait. Call it within do.
func (f *fake) idle() bool {
	return len(f.in) == 0 && !f.hungUp && (f.deadline.IsZero() || time.Now().Before(f.deadline))
}

func (f *fake) Read(p []byte) (n int, err error) {
	f.do(func() {
		for f.idle() {
			f.changed.Wait()
		}
		switch n = copy(p, f.in); {
		case n > 0:
			f.in = f.in[n:]
		case f.hungUp:
			err = io.EOF
		default:
			err = os.ErrDeadlineExceeded
		}
	})
	return n, err
}

// Write gives up after ten seconds, as telnet's does.
func (f *fake) Write(p []byte) (n int, err error) {
	late := time.Now().Add(10 * time.Second)
	defer time.AfterFunc(time.Until(late), func() { f.do(func() {}) }).Stop()
	f.do(func() {
		for f.stalled && time.Now().Before(late) && (f.writeBy.IsZero() || time.Now().Before(f.writeBy)) {
			f.changed.Wait()
		}
		if f.stalled {
			err = os.ErrDeadlineExceeded
			return
		}
		f.out = append(f.out, p...)
		n = len(p)
	})
	return n, err
}

func (f *fake) SetReadDeadline(t time.Time) error  { return f.until(&f.deadline, t) }
func (f *fake) SetWriteDeadline(t time.Time) error { return f.until(&f.writeBy, t) }

func (f *fake) until(deadline *time.Time, t time.Time) error {
	f.do(func() { *deadline = t })
	if left := time.Until(t); left > 0 {
		time.AfterFunc(left, func() { f.do(func() {}) })
	}
	return nil
}

func (f *fake) RemoteAddr() net.Addr     { return &net.TCPAddr{} }
func (f *fake) EditsLines() bool         { return !f.keys }
func (f *fake) Name() string             { return "xterm" }
func (f *fake) Notify(resized, _ func()) { f.resized = resized }

func (f *fake) Size() (columns, rows int) {
	f.do(func() { columns = f.columns })
	return columns, 24
}

// types types text and lets everything settle; shown returns what has come since the last call.
func (f *fake) types(text string) {
	f.do(func() { f.in = append(f.in, text...) })
	synctest.Wait()
}

func (f *fake) shown() (text string) {
	synctest.Wait()
	f.do(func() { text, f.out = string(f.out), nil })
	return text
}

// A resting terminal is a fake that can be read without waiting, as a socket can: its session at rest is no goroutine.
type resting struct {
	*fake
	h      *house
	called bool // for nothing but what the terminal says beside its text
}

func (r *resting) TryRead(p []byte) (n int, err error) {
	idle := false
	r.do(func() { idle, r.called = r.idle(), false })
	if idle {
		return 0, nil
	}
	return r.Read(p)
}

func (r *resting) AwaitInput(ready func()) {
	r.h.serving.Go(func() { // until there is something to be read, or the session is ended
		r.do(func() {
			for r.idle() && !r.called {
				r.changed.Wait()
			}
		})
		ready()
	})
}

// calls has the session look at what the terminal says beside its text.
func (r *resting) calls() {
	r.do(func() { r.called = true })
	synctest.Wait()
}

// A house is a server for tests of the loop. It lives in a bubble of synctest.
type house struct {
	*testing.T
	server  *Server
	serving sync.WaitGroup
}

// nearby is limited by no pace, faraway is.
var nearby, faraway = netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("198.51.100.7")

func newHouse(t *testing.T, extra ...commands.Command) *house {
	node := chat.New(chat.Options{Guests: chat.GuestsChat, Hash: chat.HashParams{Memory: 8, Time: 1}})
	h := &house{T: t, server: &Server{Chat: node, Commands: commands.New(extra...)}}
	t.Cleanup(func() {
		h.server.Stop(chat.ErrStopped)
		h.serving.Wait()
		h.server.Wait()
		node.Close()
	})
	return h
}

// A guest sits at a terminal.
type guest struct {
	*fake
	why   error // of the end
	ended bool
}

// comes lets somebody come to term, who is to be asked for a name.
func (h *house) comes(term Terminal, f *fake, source netip.Addr) *guest {
	return h.visits(term, f, Visitor{Source: source})
}

func (h *house) visits(term Terminal, f *fake, v Visitor) *guest {
	g := &guest{fake: f}
	h.serving.Go(func() {
		g.why = h.server.Serve(context.Background(), term, v)
		g.ended = true
	})
	synctest.Wait()
	return g
}

// guest lets somebody come and log in as a guest.
func (h *house) guest() *guest {
	f := newFake()
	g := h.comes(f, f, nearby)
	g.types("guest\n")
	if text := g.shown(); !strings.Contains(text, ":0> ") {
		h.Fatalf("no prompt in %q", text)
	}
	return g
}

// end ends the session of g, whose terminal is its fake, from outside.
func (h *house) end(g *guest, reason error) {
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	for s := range h.server.sessions {
		if s.term == Terminal(g.fake) {
			s.End(reason)
		}
	}
}

// sees fails the test unless text is among what was shown.
func (h *house) sees(g *guest, text ...string) {
	h.Helper()
	shown := g.shown()
	for _, part := range text {
		_, after, ok := strings.Cut(shown, part)
		if !ok {
			h.Fatalf("%q is not, in order, in %q", part, shown)
		}
		shown = after
	}
}

// ends fails the test unless the session has ended with why.
func (h *house) ends(g *guest, why error) {
	h.Helper()
	synctest.Wait()
	if !g.ended || !errors.Is(g.why, why) {
		h.Fatalf("ended: %t, why: %v, want %v", g.ended, g.why, why)
	}
}

// inside runs f in a bubble.
func inside(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}
