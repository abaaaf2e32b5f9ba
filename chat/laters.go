package chat

import (
	"log/slog"
	"sync"
	"time"

	"parley/internal/crash"
)

// Laters are what a node is to do later. The zero laters are nothing yet. Safe for concurrent use.
type laters struct {
	running sync.WaitGroup // what is not done, and not dropped

	mu     sync.Mutex // guards all below
	over   bool
	timers map[*time.Timer]struct{}
}

// after does f after d, unless they are over by then. f must not call end.
func (l *laters) after(d time.Duration, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	if l.timers == nil {
		l.timers = make(map[*time.Timer]struct{})
	}
	l.running.Add(1)
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		defer l.running.Done()
		defer crash.Survive(slog.Default(), "what was to be done later")
		l.mu.Lock() // by then timer is set
		delete(l.timers, timer)
		l.mu.Unlock()
		f()
	})
	l.timers[timer] = struct{}{}
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
	for timer := range l.timers {
		if timer.Stop() {
			l.running.Done()
		}
	}
	clear(l.timers)
	l.mu.Unlock()
	l.running.Wait()
}
