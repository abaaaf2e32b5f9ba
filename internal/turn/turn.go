// Package turn has a lock for what may take its time, such as writing to a peer that does not read.
package turn

import "sync"

// A Turn is held by one goroutine at a time; those who wait for it get it in the order in which they came. It is what a
// sync.Mutex is, but that testing/synctest sees who waits for it. The zero value is free, and small.
type Turn struct {
	mu      sync.Mutex // guards all below
	taken   bool
	waiting []chan struct{}
}

// Take waits for the turn.
func (t *Turn) Take() {
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
	if len(t.waiting) == 0 {
		t.taken, t.waiting = false, nil
		return
	}
	close(t.waiting[0])
	t.waiting = t.waiting[1:]
}
