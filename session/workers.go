package session

import "sync"

// workers do what needs a deep stack: they are goroutines whose stack has grown already. As many work as there is to
// do; of those that have nothing to do a few are kept, no more than keep allows. The zero value has none.
type workers struct {
	mu      sync.Mutex // guards idle and most
	idle    []*worker  // the last to have worked comes last: its stack is still in the cache
	most    int        // how many idle ones are kept
	running sync.WaitGroup
}

// A worker is one goroutine.
type worker struct {
	jobs chan func()
	done chan struct{} // one for each job
}

// maxIdle is how many idle workers are kept for however many sessions.
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
	w.idle = append(w.idle, one)
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
		close(w.idle[last].jobs)
		w.idle[last] = nil
		w.idle = w.idle[:last]
	}
}

func (one *worker) work() {
	for f := range one.jobs {
		f()
		one.done <- struct{}{}
	}
}

// close ends the workers and waits for them, also for those that are still at work. Nothing may be given to them at the
// same time.
func (w *workers) close() {
	w.keep(0)
	w.running.Wait()
}
