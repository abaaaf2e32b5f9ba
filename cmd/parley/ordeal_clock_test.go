//go:build linux

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clockEdits make a program whose clock on the wall can be set: an hour on by one signal, and an hour back by another.
// The monotonic clock stays as it is, as where somebody sets the clock of a machine.
func clockEdits(goroot string) edits {
	return edits{
		filepath.Join(goroot, "src", "time", "time.go"): {
			{`sec, nsec, mono := runtimeNow\(\)`, "$0\n\tsec += WallOffset"},
			{`(?m)^func Now\(\) Time {`, "// WallOffset is in seconds.\nvar WallOffset int64\n\n$0"},
		},
		"cmd/parley/wall_clock.go": {{`^$`, wallClock}},
	}
}

// wallClock is a file of that program.
const wallClock = `package main

import (
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func init() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for s := range signals {
			if s == syscall.SIGUSR1 {
				time.WallOffset += 3600
			} else {
				time.WallOffset -= 3600
			}
			slog.Info("the clock was set", "time", time.Now())
		}
	}()
}
`

// jumpClock sets the clock of a node an hour ahead, then an hour behind, and right again.
func jumpClock(w *world, long time.Duration) {
	m := w.victim()
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGUSR2, syscall.SIGUSR1} {
		seen := len(m.node.log.String())
		_ = m.node.cmd.Process.Signal(s)
		m.node.logged(seen, "the clock was set")
		time.Sleep(long / 3)
	}
}

// TestOrdealClock performs what TestOrdeals performs, while the clock of a node is set again and again.
func TestOrdealClock(t *testing.T) {
	performAll(t, []ordeal{{"the clock of a node is set", jumpClock}}, func() (string, error) {
		goroot, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			return "", err
		}
		return clockEdits(strings.TrimSpace(string(goroot))).build(t), nil
	})
}

// TestOrdealRows tests that docs/cluster.md names all ordeals.
func TestOrdealRows(t *testing.T) {
	_, rows, _ := strings.Cut(readDoc(t, "docs/cluster.md"), "### Which test shows it")
	for _, o := range ordeals {
		if !strings.Contains(rows, o.name) {
			t.Errorf("no row has %q", o.name)
		}
	}
}
