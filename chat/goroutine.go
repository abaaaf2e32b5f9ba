package chat

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
)

// start runs f in a goroutine that wg waits for. A panic in f ends f alone.
func start(wg *sync.WaitGroup, log *slog.Logger, what string, f func()) {
	wg.Go(func() {
		defer survive(log, what)
		f()
	})
}

// survive ends a panic and logs where it was. Use it by defer.
func survive(log *slog.Logger, what string) {
	if v := recover(); v != nil {
		log.Error("panic", "in", what, "value", panicked(v), "stack", string(debug.Stack()))
	}
}

// panicked says what a panic is about. Of what is not the runtime's own only the type is told: it may hold what people said.
func panicked(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}
