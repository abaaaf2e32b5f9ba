package chat

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// A counter is a listener that counts.
type counter int

func (c *counter) Hear(context.Context, *Event) { *c++ }

func (c *counter) Sit() {}

// TestBusListeners tests that whoever has subscribed last hears, and nobody else, with few listeners and with
// many.
func TestBusListeners(t *testing.T) {
	ctx, b := t.Context(), NewBus()
	listeners, subscribed := make([]counter, 4*fewListeners), make(map[int]bool)
	random := rand.New(rand.NewPCG(1, 2))
	few, many := false, false
	for step := range 2000 {
		i := random.IntN(len(listeners))
		// Now most come, now most go.
		come := random.IntN(4) > 0 == (step/200%2 == 0)
		change := b.unsubscribe
		if come {
			change = b.subscribe
		}
		change("topic", &listeners[i])
		subscribed[i] = come
		clear(listeners)
		b.Publish(ctx, "topic", newEvent(Announced, User{}, 0, Clean("hello")))
		n := 0
		for i, heard := range listeners {
			if want := subscribed[i]; (heard == 1) != want || heard > 1 {
				t.Fatalf("step %d: listener %d heard %d times, although subscribed is %v", step, i, heard, want)
			}
			n += int(heard)
		}
		few, many = few || n < fewListeners/2, many || n > 2*fewListeners
	}
	if !few || !many {
		t.Error("there were never few listeners, or never many")
	}
}

// A holder is a listener that notes what it hears, and holds up the first event until it is let go.
type holder struct {
	reached, release chan struct{}
	heard            []string // guarded by the topic
}

func (h *holder) Hear(_ context.Context, e *Event) {
	if h.heard = append(h.heard, e.Text.String()); len(h.heard) == 1 {
		close(h.reached)
		<-h.release
	}
}

func (h *holder) Sit() {}

// TestBusTogether tests that events which are published while another is handed out are all heard, once and in
// one order, before their Publish returns, and that meanwhile other topics wait for nothing.
func TestBusTogether(t *testing.T) {
	const publishers = 20
	ctx, b := t.Context(), NewBus()
	first := &holder{reached: make(chan struct{}), release: make(chan struct{})}
	second := &holder{reached: make(chan struct{}), release: first.release}
	late := &holder{reached: make(chan struct{}), release: first.release}
	b.subscribe("topic", first)
	b.subscribe("topic", second)
	event := func(text string) *Event { return newEvent(Announced, User{}, 0, Clean(text)) }

	var wg sync.WaitGroup
	wg.Go(func() { b.Publish(ctx, "topic", event("first")) })
	<-first.reached
	var mu sync.Mutex // guards unheard
	var unheard []string
	for i := range publishers {
		wg.Go(func() {
			text := fmt.Sprint("number ", i)
			b.Publish(ctx, "topic", event(text))
			top := b.find("topic", false)
			top.mu.Lock()
			defer top.mu.Unlock()
			if !slices.Contains(first.heard, text) || !slices.Contains(second.heard, text) {
				mu.Lock()
				defer mu.Unlock()
				unheard = append(unheard, text)
			}
		})
	}
	wg.Go(func() { b.subscribe("topic", late) })
	waiting := &b.find("topic", false).waiting
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		waiting.mu.Lock()
		n := len(waiting.list)
		waiting.mu.Unlock()
		if n == publishers {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d wait, want %d", n, publishers)
		}
	}

	var other counter
	b.subscribe("other", &other)
	b.Publish(ctx, "other", event("hello"))
	b.unsubscribe("other", &other)
	if other != 1 {
		t.Errorf("the other topic was heard %d times", other)
	}

	close(first.release)
	wg.Wait()
	if len(unheard) > 0 {
		t.Errorf("not heard when Publish had returned: %q", unheard)
	}
	if len(first.heard) != 1+publishers || !slices.Equal(first.heard, second.heard) {
		t.Errorf("one heard %q, the other %q", first.heard, second.heard)
	}
}

// TestBusMany tests that a topic of many is heard by all, in the order published.
func TestBusMany(t *testing.T) {
	ctx, b := t.Context(), NewBus()
	released := make(chan struct{})
	close(released)
	listeners := make([]holder, manyListeners+1)
	for i := range listeners {
		listeners[i] = holder{reached: make(chan struct{}), release: released}
		b.subscribe("topic", &listeners[i])
	}
	for _, text := range []string{"one", "two", "three"} {
		b.Publish(ctx, "topic", newEvent(Announced, User{}, 0, Clean(text)))
		for i := range listeners {
			if heard := listeners[i].heard; heard[len(heard)-1] != text {
				t.Fatalf("listener %d heard %q, %s not among them", i, heard, text)
			}
		}
	}
	if heard := listeners[0].heard; !slices.Equal(heard, []string{"one", "two", "three"}) {
		t.Errorf("heard %q", heard)
	}
}

// TestBusForgotten publishes to a topic that the bus forgets meanwhile, since nobody hears it any more: who comes then
// hears the event, and it is kept.
func TestBusForgotten(t *testing.T) {
	ctx, b := t.Context(), NewBus()
	var first, second counter
	b.subscribe(Everyone, &first)
	a := b.hold(Everyone)
	var publishing sync.WaitGroup
	publishing.Go(func() { b.Publish(ctx, Everyone, newEvent(Announced, User{}, 0, Clean("hello"))) })
	for waits := 0; waits == 0; runtime.Gosched() {
		a.waiting.mu.Lock()
		waits = len(a.waiting.list)
		a.waiting.mu.Unlock()
	}
	a.removeLocked(&first)
	b.finishLocked(a)
	b.subscribe(Everyone, &second)
	a.mu.Unlock()
	publishing.Wait()
	if past, err := b.pasts.of(Everyone, User{}); first != 0 || second != 1 || err != nil || len(past.Lines) != 1 {
		t.Errorf("heard %d and %d times, kept %v, %v", first, second, past.Lines, err)
	}
}
