package chat

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"parley/internal/crash"
)

// start runs f in a goroutine that wg waits for. A panic in f ends f alone.
func start(wg *sync.WaitGroup, log *slog.Logger, what string, f func()) {
	wg.Go(func() {
		defer crash.Survive(log, what)
		f()
	})
}

// waitUntil reports whether t came before ctx was done.
func waitUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
