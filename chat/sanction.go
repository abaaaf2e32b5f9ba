package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/words"
)

// MaxSanctions is how many bans there may be at a time, and how many mutes.
const MaxSanctions = 10_000

// A Sanction is what an operator has imposed on somebody: a ban or a mute. It is over by itself when its time is.
type Sanction struct {
	// Target is the name of a user, as registered; for a ban it may be an address, or a network in CIDR notation.
	Target string `json:"target"`
	// User is whose address Target is, if that was banned together with the user.
	User string `json:"user,omitempty"`
	// By is the operator, or Console.
	By     string `json:"by"`
	Reason Text   `json:"reason,omitzero"`
	// Made is when it was imposed.
	Made time.Time `json:"made"`
	// Until is when it ends. Zero means when an operator lifts it.
	Until time.Time `json:"until,omitzero"`
}

func newSanction(target, by string, lasts time.Duration, reason Text) Sanction {
	s := Sanction{Target: target, By: by, Reason: reason, Made: time.Now()}
	if lasts > 0 {
		s.Until = s.Made.Add(lasts)
	}
	return s
}

// Left returns how much longer the sanction lasts: zero if that is until an operator lifts it, less if it is over.
func (s Sanction) Left() time.Duration {
	if s.Until.IsZero() {
		return 0
	}
	if left := time.Until(s.Until); left != 0 {
		return left
	}
	return -1
}

// Terms returns for how long the sanction still holds, and why.
func (s Sanction) Terms() words.Terms { return termsOf(s.Left(), s.Reason) }

func termsOf(lasts time.Duration, reason Text) words.Terms {
	if lasts != 0 { // what is over was not without end
		lasts = max(roughly(lasts), time.Second)
	}
	return words.Terms{Lasts: lasts, Reason: reason.String()}
}

// resumed returns the sanction as it goes on when the server starts. What is on disk says by the clock on the wall when it ends; from here on the
// monotonic clock decides. A wall clock that was set back meanwhile makes no sanction longer than it was in the beginning.
func (s Sanction) resumed() Sanction {
	if !s.Until.IsZero() {
		left := min(time.Until(s.Until), s.Until.Sub(s.Made))
		s.Until = time.Now().Add(left)
	}
	return s
}

// sanctions are all bans, or all mutes: a bucket of the store, and what is in it by key in memory, where every login and every word
// spoken looks. Safe for concurrent use.
type sanctions struct {
	store  Store
	bucket string
	log    *slog.Logger

	background *sync.WaitGroup // where saving goes on
	closing    chan struct{}   // closed when the node closes
	turn       chan struct{}   // full while somebody changes what is held

	mu      sync.Mutex       // held while held is replaced; guards unsaved and saving
	unsaved map[string]error // why what is in force under a key is not on disk yet
	saving  bool             // somebody is at saving them

	held atomic.Pointer[map[string]Sanction] // never changed in place; nil before it was read
}

// table returns all that is held, also what is over.
func (t *sanctions) table(ctx context.Context) (map[string]Sanction, error) {
	if held := t.held.Load(); held != nil {
		return *held, nil
	}
	held := make(map[string]Sanction)
	for r, err := range t.store.List(ctx, t.bucket) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t.bucket, err)
		}
		var s Sanction
		if err := json.Unmarshal(r.Value, &s); err != nil {
			// One that nobody can read must not keep everybody out.
			t.log.Error("left out", "bucket", t.bucket, "key", r.Key, "err", err)
			continue
		}
		held[r.Key] = s.resumed()
	}
	t.held.CompareAndSwap(nil, &held)
	return *t.held.Load(), nil
}

// find returns what holds now under key.
func (t *sanctions) find(ctx context.Context, key string) (s Sanction, found bool, err error) {
	held, err := t.table(ctx)
	if err != nil || len(held) == 0 {
		return Sanction{}, false, err
	}
	s, found = held[key]
	return s, found && s.Left() >= 0, nil
}

// all returns what holds now, sorted by target.
func (t *sanctions) all(ctx context.Context) ([]Sanction, error) {
	held, err := t.table(ctx)
	if err != nil {
		return nil, err
	}
	var now []Sanction
	for _, s := range held {
		if s.Left() >= 0 {
			now = append(now, s)
		}
	}
	slices.SortFunc(now, func(a, b Sanction) int { return compareNames(a.Target, b.Target) })
	return now, nil
}

// impose makes s hold under key, instead of what held there; it is on disk then, unless it is not to outlive the process or the disk takes
// nothing: then it is saved later. It returns ErrTooManySanctions.
func (t *sanctions) impose(ctx context.Context, key string, s Sanction, lasting bool) error {
	if err := t.take(ctx); err != nil {
		return err
	}
	defer t.give()
	if err := t.sweep(ctx); err != nil {
		return err
	}
	if held := *t.held.Load(); len(held) >= MaxSanctions && held[key].Made.IsZero() {
		return ErrTooManySanctions.With(MaxSanctions)
	}
	if lasting {
		return t.keep(ctx, key, &s)
	}
	t.replace(func(held map[string]Sanction) { held[key] = s })
	return nil
}

// lift ends what holds under key, and returns it if there was anything.
func (t *sanctions) lift(ctx context.Context, key string) (s Sanction, found bool, err error) {
	if err := t.take(ctx); err != nil {
		return s, false, err
	}
	defer t.give()
	s, found, err = t.find(ctx, key)
	if err != nil || !found {
		return s, false, err
	}
	return s, true, t.keep(ctx, key, nil)
}

// forget takes out of memory what is not on disk.
func (t *sanctions) forget(keys ...string) {
	if held := t.held.Load(); held == nil || len(*held) == 0 {
		return
	}
	t.replace(func(held map[string]Sanction) {
		for _, key := range keys {
			delete(held, key)
		}
	})
}

// sweep takes away what is over. The caller has the turn.
func (t *sanctions) sweep(ctx context.Context) error {
	held, err := t.table(ctx)
	if err != nil {
		return err
	}
	for key, s := range held {
		if s.Left() >= 0 {
			continue
		}
		if err := t.keep(ctx, key, nil); err != nil {
			return err
		}
	}
	return nil
}

func (t *sanctions) replace(change func(map[string]Sanction)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held := maps.Clone(*t.held.Load())
	change(held)
	t.held.Store(&held)
}

// overwrite writes value whatever is there.
func overwrite(ctx context.Context, store Store, bucket, key string, value []byte) error {
	for range maxRetries {
		r, err := store.Get(ctx, bucket, key)
		if err == nil || errors.Is(err, ErrNotFound) {
			_, err = store.Put(ctx, bucket, key, value, r.Revision)
		}
		if !errors.Is(err, ErrConflict) {
			return wrapWrite(bucket, key, err)
		}
	}
	return wrapWrite(bucket, key, ErrConflict)
}

// remove deletes the record of key, if there is one.
func remove(ctx context.Context, store Store, bucket, key string) error {
	for range maxRetries {
		r, err := store.Get(ctx, bucket, key)
		if err == nil {
			err = store.Delete(ctx, bucket, key, r.Revision)
		}
		switch {
		case err == nil, errors.Is(err, ErrNotFound):
			return nil
		case !errors.Is(err, ErrConflict):
			return wrapWrite(bucket, key, err)
		}
	}
	return wrapWrite(bucket, key, ErrConflict)
}

func wrapWrite(bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write %s %q: %w", bucket, key, err)
}
