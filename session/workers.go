package session

import "sync"

// workers do what needs a deep stack: they are goroutines whose stack has grown already. As many work as there is to
// do; of those that have nothing to do a few are kept, no more than keep allows. The zero value has none.
type workers struct {
	mu      sync.Mutex    // guards idle and most
	idle    []chan<- task // the last to have worked comes last: its stack is still in the cache
	most    int           // how many idle ones are kept
	running sync.WaitGroup
}

// A task is something to do. It must not panic.
type task interface{ do() }

// maxIdle is how many idle workers are kept for however many sessions.
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
		w.idle = w.idle[:n-1]
	}
	return next
}

func (w *workers) dismiss(next chan<- task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = append(w.idle, next)
	w.trimLocked()
}

// keep keeps an idle worker for each of so many sessions, at most maxIdle. The others end.
func (w *workers) keep(sessions int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.most = min(sessions, maxIdle)
	w.trimLocked()
}

func (w *workers) trimLocked() {
	for len(w.idle) > w.most {
		last := len(w.idle) - 1
		close(w.idle[last])
		w.idle[last] = nil
		w.idle = w.idle[:last]
	}
}

// close ends the workers and waits for them, also for those that are still at work. Nothing may be given to them at the
// same time.
func (w *workers) close() {
	w.keep(0)
	w.running.Wait()
}
