// Package held keeps what must be looked up often, and what must hold at once: a [Table] has its values in memory, and
// saves them in a bucket of a store. While the disk takes nothing, what was decided holds all the same, and is saved as
// soon as the disk takes it.
package held

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"

	"parley/chat/record"
	"parley/internal/turn"
)

// A Value is what a table holds for some time.
type Value[V any] interface {
	// Over reports whether that time is over. Such a value is as if it were not there.
	Over() bool
	// Resumed returns the value as it goes on when it was read from the store.
	Resumed() V
}

// ErrFull is returned when a table holds as many values as it may.
var ErrFull = errors.New("held: too many")

// Options are the settings of a [Table]. All but Log must be set.
type Options struct {
	Store   record.Store
	Bucket  string
	Max     int                         // how many values there may be
	Go      func(what string, f func()) // starts f in a goroutine that somebody waits for
	Closing <-chan struct{}             // closed when nothing more is to be saved later
	Log     *slog.Logger                // nil means that nothing is logged
}

// A Table is a bucket of a store, and what is in it by key in memory. Safe for concurrent use. See [New].
type Table[V Value[V]] struct {
	store   record.Store
	bucket  string
	max     int
	start   func(what string, f func())
	closing <-chan struct{}
	log     *slog.Logger
	turn    turn.Turn // held by whoever changes what is held

	mu      sync.Mutex       // held while held is replaced; guards unsaved and saving
	unsaved map[string]error // why what is in force under a key is not on disk yet
	saving  bool             // somebody is at saving them

	held atomic.Pointer[map[string]V] // never changed in place; nil before it was read
}

// New returns a table. It reads nothing yet.
func New[V Value[V]](o Options) *Table[V] {
	t := &Table[V]{
		store: o.Store, bucket: o.Bucket, max: o.Max, start: o.Go, closing: o.Closing, log: o.Log,
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	return t
}

// All returns all that is held, also what is over. The map is never changed.
func (t *Table[V]) All(ctx context.Context) (map[string]V, error) {
	if held := t.held.Load(); held != nil {
		return *held, nil
	}
	return t.read(ctx)
}

func (t *Table[V]) read(ctx context.Context) (map[string]V, error) {
	held := make(map[string]V)
	for r, err := range t.store.List(ctx, t.bucket) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t.bucket, err)
		}
		var s V
		if err := json.Unmarshal(r.Value, &s); err != nil {
			// One that nobody can read must not keep everybody out.
			t.log.Error("left out", "bucket", t.bucket, "key", r.Key, "err", err)
			continue
		}
		held[r.Key] = s.Resumed()
	}
	t.held.CompareAndSwap(nil, &held)
	return *t.held.Load(), nil
}

// Find returns what holds now under key.
func (t *Table[V]) Find(ctx context.Context, key string) (s V, found bool, err error) {
	held, err := t.All(ctx)
	if err != nil || len(held) == 0 {
		return s, false, err
	}
	s, found = held[key]
	return s, found && !s.Over(), nil
}

// Put makes s hold under key, instead of what held there; it is on disk then, unless it is not to outlive the process
// or the disk takes nothing: then it is saved later. It returns ErrFull.
func (t *Table[V]) Put(ctx context.Context, key string, s V, lasting bool) error {
	if err := t.turn.Await(ctx); err != nil {
		return err
	}
	defer t.turn.Give()
	if err := t.sweep(ctx); err != nil {
		return err
	}
	held := *t.held.Load()
	if _, there := held[key]; !there && len(held) >= t.max {
		return ErrFull
	}
	if lasting {
		return t.keep(ctx, key, &s)
	}
	t.replace(func(held map[string]V) { held[key] = s })
	return nil
}

// Delete ends what holds under key, and returns it if there was anything.
func (t *Table[V]) Delete(ctx context.Context, key string) (s V, found bool, err error) {
	if err := t.turn.Await(ctx); err != nil {
		return s, false, err
	}
	defer t.turn.Give()
	s, found, err = t.Find(ctx, key)
	if err != nil || !found {
		return s, false, err
	}
	return s, true, t.keep(ctx, key, nil)
}

// Remember makes v hold under key in memory alone: what is on disk stays as it is.
func (t *Table[V]) Remember(ctx context.Context, key string, v V) error {
	if _, err := t.All(ctx); err != nil {
		return err
	}
	t.replace(func(held map[string]V) { held[key] = v })
	return nil
}

// Forget takes out of memory what is held under key, and leaves the disk as it is.
func (t *Table[V]) Forget(key string) {
	held := t.held.Load()
	if held == nil {
		return
	}
	if _, there := (*held)[key]; there {
		t.replace(func(held map[string]V) { delete(held, key) })
	}
}

// sweep takes away what is over. The caller has the turn.
func (t *Table[V]) sweep(ctx context.Context) error {
	held, err := t.All(ctx)
	if err != nil {
		return err
	}
	for key, s := range held {
		if !s.Over() {
			continue
		}
		if err := t.keep(ctx, key, nil); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table[V]) replace(change func(map[string]V)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held := maps.Clone(*t.held.Load())
	change(held)
	t.held.Store(&held)
}
