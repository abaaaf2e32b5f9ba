package session

import "sync"

// workers do what needs a deep stack: they are goroutines whose stack has grown already. As many work as there is to do; of those
// that have nothing to do a few are kept. The zero value has none.
type workers struct {
	mu      sync.Mutex // guards idle and closed
	idle    []*worker  // the last to have worked comes last: its stack is still in the cache
	closed  bool       // nobody is kept any more
	running sync.WaitGroup
}

// A worker is one goroutine.
type worker struct {
	jobs chan func()
	done chan struct{} // one for each job
}

// maxIdle is how many workers are kept.
const maxIdle = 64

// do runs f on a worker and waits for it. f must not panic.
func (w *workers) do(f func()) {
	one := w.hire()
	one.jobs <- f
	<-one.done
	w.dismiss(one)
}

func (w *workers) hire() *worker {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.idle); n > 0 {
		one := w.idle[n-1]
		w.idle = w.idle[:n-1]
		return one
	}
	one := &worker{jobs: make(chan func(), 1), done: make(chan struct{}, 1)}
	w.running.Go(one.work) // until dismissed
	return one
}

func (w *workers) dismiss(one *worker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.idle) == maxIdle {
		close(one.jobs)
		return
	}
	w.idle = append(w.idle, one)
}

func (one *worker) work() {
	for f := range one.jobs {
		f()
		one.done <- struct{}{}
	}
}

// close ends the workers and waits for them, also for those that are still at work. Nothing may be given to them at the same time.
func (w *workers) close() {
	w.mu.Lock()
	w.closed = true
	for _, one := range w.idle {
		close(one.jobs)
	}
	w.idle = nil
	w.mu.Unlock()
	w.running.Wait()
}
