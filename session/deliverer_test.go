package session

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"parley/chat"
	"parley/words"
)

// TestRenderings tests that an event is rendered as the screen prints it, for every width, however much was rendered
// before.
func TestRenderings(t *testing.T) {
	var r renderings
	for i := range 2 * maxRendered {
		text := chat.Clean(fmt.Sprintf("%d %s", i, strings.Repeat("hello ", i%30)))
		e := &chat.Event{Kind: chat.Said, From: chat.User{Name: "bob"}, Text: text}
		for _, width := range []int{0, 40, 79} {
			for range 2 {
				got := r.of(e, View{Words: words.English, Width: width}).rows
				if want := string(appendLines(nil, "[Room 0] *bob*: "+text.String(), width)); got != want {
					t.Fatalf("width %d: got %q, want %q", width, got, want)
				}
			}
		}
	}
	if len(r.made) > maxRendered {
		t.Errorf("%d renderings are kept", len(r.made))
	}
}

// TestRecent tests that what a pass remembers of the session before is shown to the next only where it sees the same.
func TestRecent(t *testing.T) {
	var r renderings
	var b scratch
	event := func(text string) *chat.Event {
		return &chat.Event{Kind: chat.Said, From: chat.User{Name: "bob"}, Text: chat.Clean(text)}
	}
	long := strings.Repeat("hello ", 20)
	one, two, three := event("one "+long), event("two "+long), event("three "+long)
	for _, events := range [][]*chat.Event{{one, two, three}, {one, two, three}, {one, three}, {two, one, three},
		{three},
		{one, two}} {
		for _, width := range []int{40, 40, 79, 0} {
			view := View{Words: words.English, Width: width}
			b.show(view)
			for i, e := range events {
				if got, want := b.of(i, e, &r).rows, string(view.appendRows(nil, e, "")); got != want {
					t.Fatalf("width %d: got %q, want %q", width, got, want)
				}
			}
		}
	}
}

// gathered returns the places in sessions of those that the next pass would visit, and puts them back to be called for.
func gathered(d *deliverer, sessions []Session) (places []int) {
	d.gather()
	for s := d.list; s != nil; s = d.list {
		d.list, s.next = s.next, nil
		s.queued.Store(false)
		for i := range sessions {
			if s == &sessions[i] {
				places = append(places, i)
			}
		}
	}
	return places
}

// TestGather tests that a pass visits sessions in the order in which they were called for, and nobody twice.
func TestGather(t *testing.T) {
	var d deliverer
	sessions := make([]Session, 4)
	for i := range sessions {
		d.enqueue(&sessions[i])
		d.enqueue(&sessions[0])
	}
	if got := fmt.Sprint(gathered(&d, sessions)); got != "[0 1 2 3]" {
		t.Errorf("got %s", got)
	}
	d.enqueue(&sessions[2])
	if got := fmt.Sprint(gathered(&d, sessions)); got != "[2]" {
		t.Errorf("then %s", got)
	}
	if got := fmt.Sprint(gathered(&d, sessions)); got != "[]" {
		t.Errorf("at last %s", got)
	}
}

// TestGatherConcurrently tests that nobody who is called for is forgotten, whoever calls at the same time.
func TestGatherConcurrently(t *testing.T) {
	var d deliverer
	sessions := make([]Session, 64)
	var calling sync.WaitGroup
	for i := range 8 {
		calling.Go(func() {
			for j := range sessions {
				d.enqueue(&sessions[(j*(i+1))%len(sessions)])
			}
		})
	}
	seen := make([]bool, len(sessions))
	look := func() {
		for _, i := range gathered(&d, sessions) {
			seen[i] = true
		}
	}
	for range 100 {
		look()
	}
	calling.Wait()
	look()
	for i, ok := range seen {
		if !ok {
			t.Errorf("session %d is forgotten", i)
		}
	}
}

// TestAdmit tests that no more is said than the bound before a pass, and that whoever waits for one goes on after it,
// even if nobody is to be visited.
func TestAdmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d deliverer
		for n := 0; n < maxSaid; n += maxSaid / 4 {
			if !d.admit(maxSaid / 4) {
				t.Fatalf("refused after %d bytes", n)
			}
		}
		if d.admit(1) {
			t.Error("more is admitted than the bound")
		}
		d.working.Store(true) // a pass is under way
		var went atomic.Int32
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() {
				for !d.admit(maxSaid / 4) {
					d.caughtUp()
				}
				went.Add(1)
			})
			synctest.Wait()
		}
		if went.Load() > 0 {
			t.Fatal("did not wait for the pass")
		}
		d.pass()
		d.working.Store(false)
		waiting.Wait() // they start the next pass themselves
		d.running.Wait()
	})
}

// TestCaughtUpBehindTheLastPass tests that nobody waits for ever who begins to wait when the last pass is over and
// whoever has made it is still at work.
func TestCaughtUpBehindTheLastPass(t *testing.T) {
	inside(t, func(t *testing.T) {
		var d deliverer
		d.working.Store(true)
		over := false
		go func() {
			d.caughtUp()
			over = true
		}()
		synctest.Wait()
		if over {
			t.Error("the wait was over before the work was")
		}
		d.rest()
		synctest.Wait()
		if !over {
			t.Error("the wait is not over")
			d.passed()
		}
	})
}

// BenchmarkRender is an event as the rows of a terminal: made anew, and made for a terminal of the same width before.
func BenchmarkRender(b *testing.B) {
	for _, bb := range []struct {
		name, text string
		width      int
	}{
		{"whole", strings.Repeat("hello ", 16), 0},
		{"wrapped", strings.Repeat("hello ", 16), 79},
		{"wide", strings.Repeat("你好，", 16), 79},
	} {
		e := &chat.Event{Kind: chat.Said, From: chat.User{Name: "bob"}, Text: chat.Clean(bb.text)}
		b.Run(bb.name, func(b *testing.B) {
			var r renderings
			b.ReportAllocs()
			for b.Loop() {
				clear(r.made)
				r.of(e, View{Words: words.English, Width: bb.width})
			}
		})
		b.Run(bb.name+" in a pass", func(b *testing.B) {
			var r renderings
			var pass scratch
			b.ReportAllocs()
			for b.Loop() {
				pass.show(View{Words: words.English, Width: bb.width})
				pass.of(0, e, &r)
			}
		})
		b.Run(bb.name+" again", func(b *testing.B) {
			var r renderings
			b.ReportAllocs()
			for b.Loop() {
				r.of(e, View{Words: words.English, Width: bb.width})
			}
		})
	}
}
