package main

import (
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"parley/internal/crash"
)

const (
	// releaseWait is for how long no password is to be hashed, and nobody is to come, until memory is given back.
	releaseWait = 2 * time.Second
	// releaseFrom is what must have been taken to be worth it: KiB.
	releaseFrom = 1024
	// visitKiB is about what is garbage once somebody has come in.
	visitKiB = 4
)

// A release gives memory back to the system when hashing passwords, or the coming of many users, has come to rest. One
// hash takes as much as a thousand sessions, and by itself the Go runtime keeps that for minutes. To give it back costs
// a collection of garbage: not while more come.
//
// While passwords are hashed the runtime works in two threads where there is one processor, unless the environment says
// how many. In one alone everybody waits, at each step, until the hash gives way, which it does every 10 ms; the system
// shares more evenly. Two are not for always, because they get in each other's way.
type release struct {
	log  *slog.Logger
	free func() // nil means debug.FreeOSMemory

	mu      sync.Mutex // guards all up to shared
	last    time.Time  // when a hash began or ended, or somebody came
	visits  int        // KiB taken by those who came, since memory was given back
	waiting bool       // a goroutine waits to give memory back
	shared  bool       // the runtime works in two threads

	closing chan struct{} // closed by close
	once    sync.Once
	running sync.WaitGroup
}

func newRelease(log *slog.Logger) *release { return &release{log: log, closing: make(chan struct{})} }

// uses says that a hash begins or has ended that takes so many KiB. Not to be called after close.
func (r *release) uses(kib uint32) {
	if kib < releaseFrom {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.shared && runtime.GOMAXPROCS(0) == 1 && os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(2)
		r.shared = true
	}
	r.startLocked()
}

// hashing returns what is told of each hash.
func (s *service) hashing(memory *release) func(kib uint32) {
	if s.program.hashing == nil {
		return memory.uses
	}
	return func(kib uint32) {
		memory.uses(kib)
		s.program.hashing()
	}
}

// visited says that somebody has come. Not to be called after close.
func (r *release) visited() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.visits += visitKiB; r.visits >= releaseFrom {
		r.startLocked()
	}
}

// startLocked begins to wait anew.
func (r *release) startLocked() {
	r.last = time.Now()
	if !r.waiting {
		r.waiting = true
		r.running.Go(func() { // until all has come to rest, or close
			defer crash.Survive(r.log, "release")
			r.wait()
		})
	}
}

// close gives up waiting.
func (r *release) close() {
	r.once.Do(func() { close(r.closing) })
	r.running.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unshareLocked()
}

func (r *release) unshareLocked() {
	if r.shared {
		r.shared = false
		runtime.SetDefaultGOMAXPROCS()
	}
}

func (r *release) wait() {
	for left := r.left(); left > 0; left = r.left() {
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-r.closing:
			timer.Stop()
			return
		}
	}
	if r.free != nil {
		r.free()
		return
	}
	runtime.GC() // halves stacks that have grown; the collection that follows does so again
	debug.FreeOSMemory()
}

// left returns how much longer to wait; if that is not at all, the next one starts a new wait.
func (r *release) left() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := releaseWait - time.Since(r.last)
	if r.waiting = left > 0; !r.waiting {
		r.visits = 0
		r.unshareLocked()
	}
	return left
}
