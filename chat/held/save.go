package held

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/chat/record"
	"parley/internal/crash"
)

// SaveEvery is how often the disk is tried while it takes nothing.
const SaveEvery = 5 * time.Second

// keep makes s hold under key, or nothing if s is nil, and saves that. If the disk takes nothing now, it is saved
// later: what an operator decides holds at once. The caller has the turn.
func (t *Table[V]) keep(ctx context.Context, key string, s *V) error {
	err := t.save(ctx, key, s)
	if err != nil && !record.CannotSave(err) {
		return err
	}
	t.replace(func(held map[string]V) {
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
		t.start("saving of "+t.bucket, t.saveUnsaved) // until all is saved, or the table is closed
	}
	return nil
}

func (t *Table[V]) save(ctx context.Context, key string, s *V) error {
	if s == nil {
		return record.Remove(ctx, t.store, t.bucket, key)
	}
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode %s %q: %w", t.bucket, key, err)
	}
	return record.Overwrite(ctx, t.store, t.bucket, key, value)
}

// saveUnsaved tries to save what is not saved, until it is or the table is closed.
func (t *Table[V]) saveUnsaved() {
	tick := time.NewTicker(SaveEvery)
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

// saveOne saves what is in force under key. After a panic that is still to be done.
func (t *Table[V]) saveOne(key string) error {
	defer crash.Survive(t.log, "saving of "+t.bucket)
	ctx := context.Background() // the disk is asked, and that answers
	if err := t.turn.Await(ctx); err != nil {
		return err
	}
	defer t.turn.Give()
	var now *V
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

// Unsaved returns how many are not saved as they are in force, and why.
func (t *Table[V]) Unsaved() (count int, cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, err := range t.unsaved {
		cause = err
	}
	return len(t.unsaved), cause
}
