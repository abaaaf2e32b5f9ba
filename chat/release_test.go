package chat

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var freed atomic.Int64
		r := &release{log: slog.New(slog.DiscardHandler), free: func() { freed.Add(1) }, closing: make(chan struct{})}
		check := func(when string, want int) {
			t.Helper()
			synctest.Wait()
			if freed.Load() != int64(want) {
				t.Errorf("%s: freed %d times, want %d", when, freed.Load(), want)
			}
		}
		r.used(releaseFrom - 1)
		time.Sleep(time.Hour)
		check("after a small hash", 0)
		for range 10 {
			r.used(releaseFrom)
			time.Sleep(releaseWait - time.Second)
		}
		check("while passwords come", 0)
		time.Sleep(time.Second)
		check("when none has come for a while", 1)
		time.Sleep(time.Hour)
		check("an hour later", 1)
		r.used(releaseFrom)
		time.Sleep(releaseWait)
		check("after one more", 2)

		r.used(releaseFrom)
		start := time.Now()
		r.close()
		if waited := time.Since(start); waited != 0 {
			t.Errorf("close waited %v", waited)
		}
		time.Sleep(time.Hour)
		check("after close", 2)
	})
}

// TestReleasePanic gives memory back by what panics: the next time it is tried again.
func TestReleasePanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		r := &release{log: slog.New(slog.DiscardHandler), closing: make(chan struct{})}
		r.free = func() { tries.Add(1); panic("no memory") }
		for range 2 {
			r.used(releaseFrom)
			time.Sleep(2 * releaseWait)
			synctest.Wait()
		}
		r.close()
		if tries.Load() != 2 {
			t.Errorf("%d tries, want 2", tries.Load())
		}
	})
}
