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
	stack := debug.Stack()
	if f, ok := v.(*fault); ok {
		v, stack = f.value, f.stack
	}
	log.Error("panic", "in", what, "value", panicked(v), "stack", string(stack))
}

// panicked says what a panic is about. Of what is not the runtime's own only the type is told: it may hold what people said.
func panicked(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}

// A fault is a panic that one goroutine hands on to another.
type fault struct {
	value any
	stack []byte
}
