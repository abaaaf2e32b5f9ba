package main

import (
	"log/slog"
	"os"
	"runtime"
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
		r.uses(releaseFrom - 1)
		time.Sleep(time.Hour)
		check("after a small hash", 0)
		for range 10 {
			r.uses(releaseFrom)
			time.Sleep(releaseWait - time.Second)
		}
		check("while passwords come", 0)
		time.Sleep(time.Second)
		check("when none has come for a while", 1)
		time.Sleep(time.Hour)
		check("an hour later", 1)
		r.uses(releaseFrom)
		time.Sleep(releaseWait)
		check("after one more", 2)

		for range 10_000 {
			r.visited()
			time.Sleep(time.Millisecond)
		}
		check("while many come", 2)
		time.Sleep(releaseWait)
		check("when nobody has come for a while", 3)
		r.visited()
		time.Sleep(time.Hour)
		check("after one visitor", 3)

		r.uses(releaseFrom)
		start := time.Now()
		r.close()
		if waited := time.Since(start); waited != 0 {
			t.Errorf("close waited %v", waited)
		}
		time.Sleep(time.Hour)
		check("after close", 3)
	})
}

// TestReleasePanic gives memory back by what panics: the next time it is tried again.
func TestReleasePanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		r := &release{log: slog.New(slog.DiscardHandler), closing: make(chan struct{})}
		r.free = func() { tries.Add(1); panic("no memory") }
		for range 2 {
			r.uses(releaseFrom)
			time.Sleep(2 * releaseWait)
			synctest.Wait()
		}
		r.close()
		if tries.Load() != 2 {
			t.Errorf("%d tries, want 2", tries.Load())
		}
	})
}

// TestReleaseShares tests that a runtime of one thread has two while passwords are hashed, and what it had before when
// that is over.
func TestReleaseShares(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	if os.Getenv("GOMAXPROCS") != "" {
		t.Skip("the environment says how many threads there are")
	}
	synctest.Test(t, func(t *testing.T) {
		r := &release{log: slog.New(slog.DiscardHandler), free: func() {}, closing: make(chan struct{})}
		for range 2 {
			r.uses(releaseFrom)
			if got := runtime.GOMAXPROCS(0); got != 2 {
				t.Errorf("%d threads, want 2", got)
			}
			time.Sleep(releaseWait)
			synctest.Wait()
			if r.shared {
				t.Error("there are two threads although nothing is hashed")
			}
			runtime.GOMAXPROCS(1)
		}
		r.uses(releaseFrom)
		r.close()
		if r.shared {
			t.Error("there are two threads after close")
		}
	})
}
