package order

import (
	"context"
	"sync"
	"sync/atomic"
)

// A gate is open while submissions are taken. Who comes while it is shut may wait for it.
type gate struct {
	open  atomic.Bool
	mu    sync.Mutex    // guards opens
	opens chan struct{} // closed when the gate opens next
}

func (g *gate) init() { g.opens = make(chan struct{}) }

// set opens the gate, or shuts it.
func (g *gate) set(open bool) {
	if g.open.Load() == open {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open.Store(open)
	if open {
		close(g.opens)
		g.init()
	}
}

// wait waits until the gate is open, which it returns nil for, or ends is closed.
func (g *gate) wait(ctx context.Context, ends <-chan struct{}) error {
	g.mu.Lock()
	open, opens := g.open.Load(), g.opens
	g.mu.Unlock()
	if open {
		return nil
	}
	select {
	case <-opens:
		return nil
	case <-ends:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
