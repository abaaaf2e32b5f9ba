package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parley/chat"
)

const (
	// probeEvery is how long an answer of the store counts, so that asking often writes seldom.
	probeEvery = 5 * time.Second
	// probeAgain is the same for an answer that was no.
	probeAgain = time.Second
	// probeTime is how long a write may take before the store counts as not writable.
	probeTime = 2 * time.Second
)

// health knows whether the server takes new users and can keep what they tell it. Safe for concurrent use.
type health struct {
	store     chat.Store
	ground    ground // nil means that it needs nothing
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
	if h.ground != nil {
		if err := h.ground.ready(); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	age := time.Since(h.probed)
	if h.probed.IsZero() || age >= probeEvery || h.err != nil && age >= probeAgain {
		// Whoever asks may hang up; the answer is for the others too.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTime)
		defer cancel()
		h.err = h.probe(ctx)
		h.probed = time.Now()
	}
	return h.err
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
