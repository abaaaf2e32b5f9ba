package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parley/chat"
	"parley/internal/crash"
)

const (
	// probeEvery is how long an answer of the store counts, so that asking often writes seldom.
	probeEvery = 5 * time.Second
	// probeAgain is the same for an answer that was no.
	probeAgain = time.Second
	// probeTime is how long a write may take before the store counts as not writable.
	probeTime = 2 * time.Second
	// lookAgain is how often it is looked meanwhile whether the server needs to wait for it at all.
	lookAgain = 50 * time.Millisecond
)

// health knows whether the server takes new users and can keep what they tell it. Safe for concurrent use.
type health struct {
	store     chat.Store
	ground    ground // nil means that it needs nothing
	log       *slog.Logger
	accepting atomic.Bool

	mu     sync.Mutex // held while the store is probed; guards what follows
	probed time.Time  // zero before the first time
	err    error      // what the store said then
}

var errNotAccepting = errors.New("the server is not accepting connections")

// ready returns nil if the server accepts connections and its store could be written to within the last 5 seconds.
// Where it could not, it is asked again after a second.
func (h *health) ready(ctx context.Context) error {
	if !h.accepting.Load() {
		return errNotAccepting
	}
	if err := h.grounded(); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	age := time.Since(h.probed)
	if h.probed.IsZero() || age >= probeEvery || h.err != nil && age >= probeAgain {
		// Whoever asks may hang up; the answer is for the others too.
		h.err = h.probeGrounded(context.WithoutCancel(ctx))
		h.probed = time.Now()
	}
	return h.err
}

// grounded returns why what the server stands on is not ready, nil if it is.
func (h *health) grounded() error {
	if h.ground == nil {
		return nil
	}
	return h.ground.ready()
}

// probeGrounded is probe that gives up after probeTime, or once the ground is not ready: a node that was cut off just
// now says so as soon as it knows.
func (h *health) probeGrounded(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	var watching sync.WaitGroup
	watching.Go(func() { // until ctx is done
		defer crash.Survive(h.log, "health")
		h.watch(ctx, cancel)
	})
	err := h.probe(ctx)
	cancel()
	watching.Wait()
	return cmp.Or(h.grounded(), err)
}

// watch calls cancel once the ground is not ready, unless ctx is done before.
func (h *health) watch(ctx context.Context, cancel func()) {
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if h.grounded() != nil {
				cancel()
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// probe writes a record that nobody reads.
func (h *health) probe(ctx context.Context) error {
	const bucket, key = "health", "probe"
	r, err := h.store.Get(ctx, bucket, key)
	if err == nil || errors.Is(err, chat.ErrNotFound) {
		_, err = h.store.Put(ctx, bucket, key, nil, r.Revision)
	}
	if errors.Is(err, chat.ErrConflict) {
		err = nil // another node could write to it
	}
	if err != nil {
		return fmt.Errorf("the store cannot be written to: %w", err)
	}
	return nil
}
