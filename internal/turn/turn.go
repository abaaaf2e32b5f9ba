// Package turn has a lock for what may take its time, such as writing to a peer that does not read.
package turn

import (
	"context"
	"sync"
)

// A Turn is held by one goroutine at a time; those who wait for it get it in the order in which they came. It is what a
// sync.Mutex is, but that testing/synctest sees who waits for it, and that waiting can be given up. The zero value is
// free, and small. It is meant for few who wait.
type Turn struct {
	mu    sync.Mutex // guards all below
	taken bool
	first *waiter // nil while nobody waits
}

// A waiter is somebody who waits.
type waiter struct {
	granted chan struct{} // closed when the turn is the waiter's
	next    *waiter
}

// Take waits for the turn.
func (t *Turn) Take() {
	if w := t.request(); w != nil {
		<-w.granted
	}
}

// Await waits for the turn until ctx is done, and then returns the error of ctx.
func (t *Turn) Await(ctx context.Context) error {
	w := t.request()
	if w == nil {
		return nil
	}
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	if !t.withdraw(w) {
		t.Give() // it was granted at the same moment
	}
	return ctx.Err()
}

// request takes the turn and returns nil, or joins those who wait.
func (t *Turn) request() *waiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.taken {
		t.taken = true
		return nil
	}
	w := &waiter{granted: make(chan struct{})}
	last := &t.first
	for *last != nil {
		last = &(*last).next
	}
	*last = w
	return w
}

// withdraw takes w out of those who wait, and reports whether it was there.
func (t *Turn) withdraw(w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for at := &t.first; *at != nil; at = &(*at).next {
		if *at == w {
			*at = w.next
			return true
		}
	}
	return false
}

// Try takes the turn if nobody has it, and reports whether.
func (t *Turn) Try() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken {
		return false
	}
	t.taken = true
	return true
}

// Give gives the turn up, to the first who waits.
func (t *Turn) Give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.first
	if w == nil {
		t.taken = false
		return
	}
	t.first = w.next
	close(w.granted)
}
