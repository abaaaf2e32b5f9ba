package session

import "sync"

// A turn is held by one goroutine at a time; those who wait for it get it in the order in which they came. It is what a sync.Mutex is, but that
// testing/synctest sees who waits for it, which may be for a peer that does not read; and it is small while nobody waits.
type turn struct {
	mu      sync.Mutex // guards all below
	taken   bool
	waiting []chan struct{}
}

// take waits for the turn.
func (t *turn) take() {
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return
	}
	mine := make(chan struct{})
	t.waiting = append(t.waiting, mine)
	t.mu.Unlock()
	<-mine
}

// try takes the turn if nobody has it, and reports whether.
func (t *turn) try() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken {
		return false
	}
	t.taken = true
	return true
}

// give gives the turn up, to the first who waits.
func (t *turn) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.taken, t.waiting = false, nil
		return
	}
	close(t.waiting[0])
	t.waiting = t.waiting[1:]
}
