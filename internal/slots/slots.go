// Package slots bounds how much of what takes a processor is done at a time, so that those who wait for nothing but a
// line of text find a processor free.
package slots

import "sync"

// Slots are as many as the channel has room. nil is no bound. Who waits for one gets it in the order of coming.
type Slots chan struct{}

// Take waits for a slot.
func (s Slots) Take() {
	if s != nil {
		s <- struct{}{}
	}
}

// Try takes a slot if one is free, and reports whether it has.
func (s Slots) Try() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return s == nil
	}
}

// Give gives a slot back.
func (s Slots) Give() {
	if s != nil {
		<-s
	}
}

// Work is what several goroutines do together for one peer. It holds a slot as long as none of them waits for the peer.
type Work struct {
	slots Slots

	mu      sync.Mutex // guards both, and is held while a slot is waited for
	waiting int        // goroutines that wait for the peer
	over    bool
}

// Begin waits for a slot and begins work with it, which has to End.
func Begin(s Slots) *Work {
	s.Take()
	return &Work{slots: s}
}

// Pause is called before a goroutine waits for the peer. It gives the slot to others.
func (w *Work) Pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting++; w.waiting == 1 && !w.over {
		w.slots.Give()
	}
}

// Resume is called when the goroutine goes on. It waits for a slot if there is none.
func (w *Work) Resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting--; w.waiting == 0 && !w.over {
		w.slots.Take()
	}
}

// End says that what is still to be done needs no slot.
func (w *Work) End() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == 0 && !w.over {
		w.slots.Give()
	}
	w.over = true
}
