package session

import "sync"

// workers do what needs a deep stack: they are goroutines whose stack has grown already. As many work as there is to
// do; of those that have nothing to do maxIdle are kept. The zero value has none.
type workers struct {
	mu      sync.Mutex    // guards idle and closed
	idle    []chan<- task // the last to have worked comes last: its stack is still in the cache
	closed  bool          // none is kept any more
	running sync.WaitGroup
}

// A task is something to do. It must not panic.
type task interface{ do() }

// maxIdle is how many idle workers are kept. The stack of one that stays idle shrinks to a few kilobytes.
const maxIdle = 64

// start has t done by a worker. It does not block.
func (w *workers) start(t task) {
	if idle := w.hire(); idle != nil {
		idle <- t
		return
	}
	w.running.Go(func() { // until dismissed
		next := make(chan task, 1)
		for ok := true; ok; t, ok = <-next {
			t.do()
			t = nil
			w.dismiss(next)
		}
	})
}

// hire returns where an idle worker waits for its next task, or nil if there is none.
func (w *workers) hire() (next chan<- task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.idle); n > 0 {
		next = w.idle[n-1]
		w.idle[n-1] = nil
		w.idle = w.idle[:n-1]
	}
	return next
}

// dismiss keeps an idle worker for later, or ends it.
func (w *workers) dismiss(next chan<- task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.idle) >= maxIdle {
		close(next)
		return
	}
	w.idle = append(w.idle, next)
}

// close ends the workers and waits for them, also for those that are still at work. Nothing may be given to them at the
// same time.
func (w *workers) close() {
	w.mu.Lock()
	idle := w.idle
	w.closed, w.idle = true, nil
	w.mu.Unlock()
	for _, next := range idle {
		close(next)
	}
	w.running.Wait()
}
