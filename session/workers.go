package session

import (
	"slices"
	"sync"
	"time"
)

// workers do what needs a deep stack: they are goroutines whose stack has grown already. As many work as there is to
// do; those that have nothing to do wait a second or two for more, at most maxIdle of them. The zero value has none.
type workers struct {
	mu      sync.Mutex    // guards all below but running
	idle    []chan<- task // the last to have worked comes last: its stack is still in the cache
	unused  int           // so many, the first of them, had nothing to do since the timer was set
	timer   *time.Timer   // ends those; nil while none is idle
	closed  bool          // nobody is to be idle any more
	running sync.WaitGroup
}

// A task is something to do. It must not panic.
type task interface{ do() }

// maxIdle is how many idle workers wait at most, and idleTime for how long at least.
const (
	maxIdle  = 64
	idleTime = time.Second
)

// start has t done by a worker. It does not block.
func (w *workers) start(t task) {
	idle := w.hire()
	if idle == nil {
		idle = w.employ()
	}
	idle <- t
}

// employ starts a worker, and returns where it waits for its next task.
func (w *workers) employ() chan<- task {
	next := make(chan task, 1)
	w.running.Go(func() { // until dismissed
		for t := range next {
			t.do()
			w.dismiss(next)
		}
	})
	return next
}

// hire returns where an idle worker waits for its next task, or nil if there is none.
func (w *workers) hire() (next chan<- task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.idle); n > 0 {
		next = w.idle[n-1]
		w.idle = w.idle[:n-1]
		w.unused = min(w.unused, n-1)
	}
	return next
}

// dismiss makes the worker that waits at next idle, or ends it.
func (w *workers) dismiss(next chan<- task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.idle) == maxIdle {
		close(next)
		return
	}
	w.idle = append(w.idle, next)
	if w.timer == nil {
		w.running.Add(1) // until none is idle
		w.timer = time.AfterFunc(idleTime, w.sweep)
	}
}

// sweep ends those who had nothing to do since it was called last.
func (w *workers) sweep() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, next := range w.idle[:w.unused] {
		close(next)
	}
	w.idle = slices.Delete(w.idle, 0, w.unused)
	if w.unused = len(w.idle); w.unused > 0 {
		w.timer.Reset(idleTime)
		return
	}
	w.timer = nil
	w.running.Done()
}

// close ends the workers and waits for them, also for those that are still at work. Nothing may be given to them at the
// same time.
func (w *workers) close() {
	w.mu.Lock()
	w.closed, w.unused = true, len(w.idle)
	stopped := w.timer != nil && w.timer.Stop()
	w.mu.Unlock()
	if stopped {
		w.sweep()
	}
	w.running.Wait()
}
