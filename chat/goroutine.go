package chat

import (
	"log/slog"
	"sync"

	"parley/internal/crash"
)

// start runs f in a goroutine that wg waits for. A panic in f ends f alone.
func start(wg *sync.WaitGroup, log *slog.Logger, what string, f func()) {
	wg.Go(func() {
		defer crash.Survive(log, what)
		f()
	})
}
