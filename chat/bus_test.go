package chat

import (
	"context"
	"math/rand/v2"
	"testing"
)

// A counter is a listener that counts.
type counter int

func (c *counter) Hear(context.Context, *Event) { *c++ }

// TestMemoryBusListeners tests that whoever has subscribed last hears, and nobody else, with few listeners and with many.
func TestMemoryBusListeners(t *testing.T) {
	ctx, b := t.Context(), NewMemoryBus()
	listeners, subscribed := make([]counter, 4*fewListeners), make(map[int]bool)
	random := rand.New(rand.NewPCG(1, 2))
	few, many := false, false
	for step := range 2000 {
		i := random.IntN(len(listeners))
		// Now most come, now most go.
		come := random.IntN(4) > 0 == (step/200%2 == 0)
		change := b.Unsubscribe
		if come {
			change = b.Subscribe
		}
		must(t, change(ctx, "topic", &listeners[i]))
		subscribed[i] = come
		clear(listeners)
		must(t, b.Publish(ctx, "topic", newEvent(Announced, User{}, 0, Clean("hello"))))
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
