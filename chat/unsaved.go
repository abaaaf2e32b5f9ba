package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// saveEvery is how often the disk is tried while it takes nothing.
const saveEvery = 5 * time.Second

// keep makes s hold under key, or nothing if s is nil, and saves that. If the disk takes nothing now, it is saved later: what
// an operator decides holds at once. The caller has the turn.
func (t *sanctions) keep(ctx context.Context, key string, s *Sanction) error {
	err := t.save(ctx, key, s)
	if err != nil && !CannotSave(err) {
		return err
	}
	t.replace(func(held map[string]Sanction) {
		if s == nil {
			delete(held, key)
		} else {
			held[key] = *s
		}
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		delete(t.unsaved, key)
		return nil
	}
	t.log.Warn("in force, but not saved yet", "bucket", t.bucket, "key", key, "err", err)
	if t.unsaved == nil {
		t.unsaved = make(map[string]error)
	}
	t.unsaved[key] = err
	if !t.saving {
		t.saving = true
		start(t.background, t.log, "saving of "+t.bucket, t.saveUnsaved) // until all is saved, or the node closes
	}
	return nil
}

func (t *sanctions) save(ctx context.Context, key string, s *Sanction) error {
	if s == nil {
		return remove(ctx, t.store, t.bucket, key)
	}
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode %s %q: %w", t.bucket, key, err)
	}
	return overwrite(ctx, t.store, t.bucket, key, value)
}

// take waits until nobody else changes what is held; give lets the next.
func (t *sanctions) take(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *sanctions) give() { <-t.turn }

// saveUnsaved tries to save what is not saved, until it is or the node closes.
func (t *sanctions) saveUnsaved() {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for closing := false; ; {
		select {
		case <-tick.C:
		case <-t.closing:
			closing = true
		}
		t.mu.Lock()
		keys := slices.Sorted(maps.Keys(t.unsaved))
		t.mu.Unlock()
		var err error
		for _, key := range keys {
			if err = t.saveOne(key); err != nil {
				break
			}
		}
		t.mu.Lock()
		left := len(t.unsaved)
		if left == 0 || closing {
			t.saving = false
			t.mu.Unlock()
			if left > 0 {
				t.log.Error("in force, but never saved", "bucket", t.bucket, "count", left, "err", err)
			} else {
				t.log.Info("saved now", "bucket", t.bucket)
			}
			return
		}
		t.mu.Unlock()
	}
}

// saveOne saves what is in force under key.
func (t *sanctions) saveOne(key string) error {
	ctx := context.Background() // the disk is asked, and that answers
	if err := t.take(ctx); err != nil {
		return err
	}
	defer t.give()
	var now *Sanction
	if s, ok := (*t.held.Load())[key]; ok {
		now = &s
	}
	if err := t.save(ctx, key, now); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.unsaved, key)
	return nil
}

// unsavedCause returns how many are not saved as they are in force, and why.
func (t *sanctions) unsavedCause() (count int, cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, err := range t.unsaved {
		cause = err
	}
	return len(t.unsaved), cause
}

// Unsaved returns why bans or mutes are in force, or ended, that are not saved yet: ErrUnsavedFull or ErrUnsavedReadOnly. Otherwise it
// returns nil. They are saved as soon as the disk takes that.
func (n *Node) Unsaved() error {
	bans, cause := n.bans.unsavedCause()
	mutes, other := n.mutes.unsavedCause()
	if bans+mutes == 0 {
		return nil
	}
	if cause == nil {
		cause = other
	}
	if errors.Is(cause, ErrDiskReadOnly) {
		return ErrUnsavedReadOnly
	}
	return ErrUnsavedFull
}
