// Package crash ends a panic where it happens, so that it takes nobody else's work with it, and logs it.
package crash

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// ErrPanic stands for what a panic has kept from being returned.
var ErrPanic = errors.New("stopped by a panic, which is in the log")

// Survive ends a panic, if there is one, and logs what it was in. Use it by defer, as the function that is deferred: no
// other one can recover.
func Survive(log *slog.Logger, what string) {
	if v := recover(); v != nil {
		Log(log, what, v)
	}
}

// Log logs a panic in what, of which recover has returned v, with the stack of its goroutine. Call it in the deferred
// function.
func Log(log *slog.Logger, what string, v any) {
	log.Error("panic", "in", what, "value", About(v), "stack", string(debug.Stack()))
}

// About says what a panic is about. Of a value that is not the runtime's own only the type is told: it may hold what
// people said.
func About(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}
