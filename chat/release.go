package chat

import (
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// releaseWait is for how long no password is to be hashed until the memory for that is given back.
	releaseWait = 5 * time.Second
	// releaseFrom is what a hash must have taken to be worth it: KiB.
	releaseFrom = 1024
)

// A release gives memory back to the system when hashing passwords has come to rest. One hash takes as much as a thousand sessions, and by itself
// the Go runtime keeps that for minutes. To give it back costs a collection of garbage: not while more passwords come.
type release struct {
	log  *slog.Logger
	free func() // nil means debug.FreeOSMemory

	mu      sync.Mutex // guards last and waiting
	last    time.Time  // when a hash ended
	waiting bool       // a goroutine waits to give memory back

	closing chan struct{} // closed by close
	once    sync.Once
	running sync.WaitGroup
}

// used says that a hash has ended that took so many KiB. Not to be called after close.
func (r *release) used(kib uint32) {
	if kib < releaseFrom {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
	if !r.waiting {
		r.waiting = true
		start(&r.running, r.log, "release", r.wait) // until hashing has come to rest, or close
	}
}

// close gives up waiting.
func (r *release) close() {
	r.once.Do(func() { close(r.closing) })
	r.running.Wait()
}

func (r *release) wait() {
	for left := r.left(); left > 0; left = r.left() {
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-r.closing:
			timer.Stop()
			return
		}
	}
	if r.free != nil {
		r.free()
		return
	}
	debug.FreeOSMemory()
}

// left returns how much longer to wait; if that is not at all, the next hash starts a new wait.
func (r *release) left() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := releaseWait - time.Since(r.last)
	r.waiting = left > 0
	return left
}
