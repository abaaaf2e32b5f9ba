package chat

import (
	"log/slog"
	"sync"
	"time"
)

// Laters are what a node is to do later. The zero laters are nothing yet. Safe for concurrent use.
type laters struct {
	running sync.WaitGroup // what is not done, and not dropped

	mu   sync.Mutex // guards all below
	over bool
	stop chan struct{} // closed to drop what is not yet being done; nil if nothing is to be done
}

// after does f after d, unless they are over by then. f must not call end.
func (l *laters) after(d time.Duration, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	if l.stop == nil {
		l.stop = make(chan struct{})
	}
	stop := l.stop
	start(&l.running, slog.Default(), "what was to be done later", func() { // until end, at most
		select {
		case <-time.After(d):
			f()
		case <-stop:
		}
	})
}

// begin lets things be done later again.
func (l *laters) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = false
}

// end drops what is not yet being done, and all that comes, and waits until nothing is being done.
func (l *laters) end() {
	l.mu.Lock()
	l.over = true
	if l.stop != nil {
		close(l.stop)
		l.stop = nil
	}
	l.mu.Unlock()
	l.running.Wait()
}
