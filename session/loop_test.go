package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/commands"
)

func TestTypeAhead(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		f := newFake()
		f.in = []byte("guest\nstart tea\nsay 0 one\nsay 0 two\nnonsense\nquit\nsay 0 never\n")
		g := h.comes(f, f, nearby)
		h.sees(g, "guest:0> ", "topic: tea", "one", "two", "nonsense", "See you next time.")
		h.ends(g, nil)
	})
}

// TestLastLine tests that what a peer with lines of its own typed last counts without its end, and what stands at a
// terminal does not.
func TestLastLine(t *testing.T) {
	for _, keys := range []bool{false, true} {
		inside(t, func(t *testing.T) {
			h := newHouse(t)
			hearer := h.guest()
			f := newFake()
			f.keys = keys
			g := h.comes(f, f, nearby)
			g.types("guest\nshout last words")
			g.do(func() { g.hungUp = true })
			h.ends(g, io.EOF)
			if heard := strings.Contains(hearer.shown(), "last words"); heard == keys {
				t.Errorf("keys %t: heard %t", keys, heard)
			}
		})
	}
}

func TestTakeOverInMidLine(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		first, second, other := h.guest(), h.guest(), h.guest()
		first.types("register bob s3cret-word\nlogin bob\ns3cret-word\nshout hel")
		first.shown()
		second.types("login bob\ns3cret-word\n")
		h.sees(first, "You logged in from another place.")
		h.ends(first, chat.ErrMoved)
		other.shown()
		second.types("shout here\n")
		if text := other.shown(); !strings.Contains(text, "!!bob!!: here") || strings.Contains(text, "!!: hel\r") {
			t.Errorf("got %q", text)
		}
	})
}

// TestStalledWrite tests that nobody else waits for a terminal that takes nothing, that its session ends for that, and
// that what it had not taken is all that is lost.
func TestStalledWrite(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		var log bytes.Buffer
		h.server.Log = slog.New(slog.NewTextHandler(&log, nil))
		slow, speaker, other := h.guest(), h.guest(), h.guest()
		slow.do(func() { slow.stalled = true })
		for i := range 3 {
			speaker.types(fmt.Sprintf("shout number %d\n", i))
			h.sees(other, fmt.Sprint("number ", i))
			h.sees(speaker, fmt.Sprint("number ", i))
		}
		time.Sleep(9 * time.Second)
		slow.do(func() { slow.stalled = false })
		h.sees(slow, "number 0", "number 1", "number 2")
		slow.do(func() { slow.stalled = true })
		speaker.types("shout too much\n")
		h.sees(other, "too much")
		speaker.types("shout unread\n")
		time.Sleep(11 * time.Second)
		h.ends(slow, chat.ErrTooSlow)
		h.sees(other, "unread")
		if text := log.String(); !strings.Contains(text, "does not read") || strings.Contains(text, "unread=0") {
			t.Errorf("the log says %q", text)
		}
		if h.server.Stats().Slow != 1 {
			t.Error("it is not counted")
		}
	})
}

// TestResizeWhileDrawing tests that the line that is typed stands once, at the new width, however a change of the
// window meets what others say.
func TestResizeWhileDrawing(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		f := newFake()
		f.keys = true
		g := h.comes(f, f, nearby)
		g.types("guest\nshout half a li")
		speaker := h.guest()
		for _, columns := range []int{40, 20, 100} {
			h.serving.Go(func() {
				g.do(func() { g.columns = columns })
				g.resized()
			})
			h.serving.Go(func() { speaker.do(func() { speaker.in = fmt.Appendf(nil, "shout at %d\n", columns) }) })
			shown := strings.ReplaceAll(g.shown(), "\r\n", "") // which also breaks the line, where the window is narrow
			if _, after, ok := strings.Cut(shown, fmt.Sprint("at ", columns)); !ok ||
				!strings.Contains(after, "half a li") {
				t.Errorf("at %d columns: %q", columns, shown)
			}
		}
		g.types("ne\n")
		h.sees(speaker, "half a line")
	})
}

// A trickle is a terminal to which a write takes 10 ms.
type trickle struct {
	*fake
	lines int
}

func (f *trickle) TryWrite(p []byte, _ bool) (int, error) {
	time.Sleep(10 * time.Millisecond)
	f.lines += strings.Count(string(p), "!!: ")
	return len(p), nil
}

// A counter is a terminal that counts what is written to it.
type counter struct {
	*fake
	writes int
}

func (f *counter) Write(p []byte) (int, error) {
	f.writes++
	return f.fake.Write(p)
}

func (f *counter) TryWrite(p []byte, _ bool) (int, error) { return f.Write(p) }

// TestSpokenAtOnce tests that what many say in the same moment goes out in few writes, on one processor.
func TestSpokenAtOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const speakers = 16
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		c := &counter{fake: newFake()}
		hearer := h.comes(c, c.fake, nearby)
		hearer.types("guest\n")
		var all []*guest
		for range speakers {
			all = append(all, h.guest())
		}
		fewest := 100 * speakers
		for range 10 { // since the scheduler may take anybody first
			hearer.shown()
			c.writes = 0
			for _, g := range all { // none of whom runs before all have typed
				g.do(func() { g.in = []byte("shout hello\n") })
			}
			if said := strings.Count(hearer.shown(), "hello"); said != speakers {
				t.Fatalf("%d lines of %d", said, speakers)
			}
			fewest = min(fewest, c.writes)
		}
		if fewest > speakers/4 {
			t.Errorf("%d lines in %d writes", speakers, fewest)
		}
	})
}

// TestHeardInOneWrite tests that what others say in the same moment reaches who speaks in the write that has the
// answer.
func TestHeardInOneWrite(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const speakers = 16
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		var all []*counter
		for range speakers {
			c := &counter{fake: newFake()}
			h.comes(c, c.fake, nearby).types("guest\n")
			all = append(all, c)
		}
		fewest := 100 * speakers
		for range 10 { // since the scheduler may take anybody first
			synctest.Wait()
			for _, c := range all {
				c.writes = 0
			}
			for _, c := range all { // none of whom runs before all have typed
				c.do(func() { c.in = []byte("shout hello\n") })
			}
			synctest.Wait()
			n := 0
			for _, c := range all {
				n += c.writes
			}
			fewest = min(fewest, n)
		}
		if fewest > 7*speakers/4 {
			t.Errorf("%d writes to %d who spoke and heard the others", fewest, speakers)
		}
	})
}

// TestBackPressure is a model of many who speak faster than the server writes: nobody who reads is ended, and nothing
// is lost. About sixteen times what fits into a mailbox is said while a pass takes as long as it pleases.
func TestBackPressure(t *testing.T) {
	const hearers, speakers, each = 10, 20, 200
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		hearing := make([]*trickle, hearers)
		var all []*guest
		for i := range hearing {
			hearing[i] = &trickle{fake: newFake()}
			g := h.comes(hearing[i], hearing[i].fake, nearby)
			g.types("guest\n")
			all = append(all, g)
		}
		time.Sleep(time.Second) // until they have their prompts
		line := "shout " + strings.Repeat("x", 1000) + "\n"
		for range speakers {
			g := h.guest()
			all = append(all, g)
			h.serving.Go(func() { g.do(func() { g.in = []byte(strings.Repeat(line, each)) }) })
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		for _, g := range all {
			if g.ended {
				t.Fatalf("somebody who reads was ended: %v", g.why)
			}
		}
		for i, f := range hearing {
			if f.lines != speakers*each {
				t.Errorf("hearer %d: %d lines of %d", i, f.lines, speakers*each)
			}
		}
		if n := h.server.Chat.Stats(context.Background()).Overflows; n > 0 {
			t.Errorf("%d mailboxes ran over", n)
		}
	})
}

// A taskFunc is a function as a task.
type taskFunc func()

func (f taskFunc) do() { f() }

// TestWorkers tests that work goes to goroutines that have worked before, that no more wait than may, that
// those end who have nothing to do for a while, and that all end.
func TestWorkers(t *testing.T) {
	inside(t, func(t *testing.T) {
		var w workers
		idle := func() int {
			w.mu.Lock()
			defer w.mu.Unlock()
			return len(w.idle)
		}
		for range 3 {
			ran := false
			w.start(taskFunc(func() { ran = true }))
			if synctest.Wait(); !ran || idle() != 1 {
				t.Fatalf("ran: %t, %d idle", ran, idle())
			}
		}
		h := make(chan struct{})
		for range 2 * maxIdle {
			w.start(taskFunc(func() { <-h }))
		}
		synctest.Wait()
		close(h)
		synctest.Wait()
		if idle() != maxIdle {
			t.Errorf("%d idle", idle())
		}
		for range 3 {
			for range 2 { // one after the other: one worker does
				w.start(taskFunc(func() {}))
				synctest.Wait()
			}
			time.Sleep(idleTime)
			synctest.Wait()
		}
		if idle() != 1 {
			t.Errorf("%d idle where one has work", idle())
		}
		time.Sleep(3 * idleTime)
		synctest.Wait()
		if idle() != 0 {
			t.Errorf("%d idle, although there is nothing to do", idle())
		}
		w.start(taskFunc(func() {}))
		w.start(taskFunc(func() { time.Sleep(idleTime) }))
		w.close()
		if idle() != 0 {
			t.Errorf("%d idle at the end", idle())
		}
	})
}

// TestEndedBetweenCommands tests that nothing more is done of what was typed ahead once the session is ended from
// outside.
func TestEndedBetweenCommands(t *testing.T) {
	inside(t, func(t *testing.T) {
		var h *house
		h = newHouse(t, commands.Command{
			Name: "stopall", Usage: "stopall", Pace: commands.Unpaced, Needs: commands.Nothing,
			Run: func(context.Context, *commands.Call) error {
				h.server.Stop(chat.ErrStopped)
				return nil
			},
		})
		g := h.guest()
		g.types("stopall\nhelp\n")
		if text := g.shown(); strings.Contains(text, "help") || !strings.Contains(text, "shutting down") {
			t.Errorf("got %q", text)
		}
		h.ends(g, chat.ErrStopped)
	})
}

// TestSaidLater tests that what a command leaves behind to be said is heard when it is said, not when its session is at
// work again.
func TestSaidLater(t *testing.T) {
	inside(t, func(t *testing.T) {
		var h *house
		h = newHouse(t, commands.Command{
			Name: "later", Usage: "later", Pace: commands.Unpaced, Needs: commands.Nothing,
			Run: func(ctx context.Context, c *commands.Call) error {
				h.serving.Go(func() {
					time.Sleep(time.Second)
					_ = c.Chat.SpeakToAll(ctx, c.Me, chat.Shouted, chat.Clean("later"))
				})
				return nil
			},
		})
		speaker, hearer := h.guest(), h.guest()
		speaker.types("later\n")
		hearer.shown()
		time.Sleep(2 * time.Second)
		h.sees(hearer, "later")
	})
}

// TestCameWhileResting tests that who is called for when a pass ends is visited all the same.
func TestCameWhileResting(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		speaker, hearer := h.guest(), h.guest()
		d := &h.server.deliverer
		d.working.Store(true)
		speaker.types("shout hello\n")
		if text := hearer.shown(); text != "" {
			t.Fatalf("visited during a pass: %q", text)
		}
		d.rest()
		h.sees(hearer, "hello")
	})
}
