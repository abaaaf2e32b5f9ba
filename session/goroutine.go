package session

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// survive ends a panic and logs where it was. Use it by defer.
func survive(log *slog.Logger, what string) {
	if v := recover(); v != nil {
		logPanic(log, what, v)
	}
}

func logPanic(log *slog.Logger, what string, v any) {
	log.Error("panic", "in", what, "value", panicked(v), "stack", string(debug.Stack()))
}

// panicked says what a panic is about. Of what is not the runtime's own only the type is told: it may hold what people said.
func panicked(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}
