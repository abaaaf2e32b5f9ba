package session

import (
	"strings"
	"testing"

	"github.com/chzyer/readline"
)

// TestLibraryFault lets the goroutine that waits for lines panic: that goes on where the line is wanted, which ends that session alone.
func TestLibraryFault(t *testing.T) {
	l := &library{keys: make(chan rune, 1), lines: make(chan string)}
	go l.run(new(readline.Instance)) // which is no instance that works; ends at once
	defer func() {
		f, ok := recover().(*fault)
		if !ok || !strings.Contains(string(f.stack), "(*library).run") {
			t.Errorf("got %+v, want the panic of run with its stack", f)
		}
		l.stop()
	}()
	l.enter()
}
