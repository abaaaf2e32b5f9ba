package db

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// A Write is one write as a store knows it, or as others tell it.
type Write struct {
	// Number is that of the write: the revision that it made.
	Number      uint64
	Bucket, Key string
	// Value is what was written. The zero Value of a deletion is nil.
	Value []byte
	// Deleted says that the record was deleted.
	Deleted bool
}

// Follow makes the store a replica: it writes what another has written, in the order of the numbers, which must grow
// from one to the next. Numbers that are missing are of writes that later ones have made pointless. What the store has
// already, by its number, is left out: so the same may be told twice. When it returns nil all is on disk.
//
// A store that follows must be written to by Follow alone. It returns ErrTooLarge, after which nothing is written,
// chat.ErrDiskFull or ErrDiskReadOnly, ErrClosed, or the error of ctx.
func (d *DB) Follow(ctx context.Context, writes []Write) error {
	var last uint64
	for _, w := range writes {
		switch {
		case len(w.Bucket) > MaxKey || len(w.Key) > MaxKey || len(w.Value) > MaxValue:
			return ErrTooLarge
		case w.Number <= last:
			return fmt.Errorf("write %d is told after write %d", w.Number, last)
		}
		last = w.Number
	}
	return d.do(ctx, func() error {
		if err := d.settle(); err != nil {
			return err
		}
		defer d.tidy()
		return d.store(following(d.journal.number, writes))
	})
}

// following returns the entries that come behind the given number.
func following(number uint64, writes []Write) (entries []*entry) {
	for _, w := range writes {
		if w.Number <= number {
			continue
		}
		if w.Number > number+1 {
			entries = append(entries, &entry{op: opSkip, number: w.Number - 1})
		}
		e := &entry{op: opPut, number: w.Number, bucket: w.Bucket, key: w.Key, value: w.Value}
		if w.Deleted {
			e.op, e.value = opDelete, nil
		}
		entries = append(entries, e)
		number = w.Number
	}
	return entries
}

// Writes returns the number of the last write that is on disk; zero means that nothing was ever written.
func (d *DB) Writes() uint64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.applied
}

// All yields the last write of every record, in no order, as the records stood at one moment. An error ends it. The
// loop over it may call any method but Close, which waits for it to end.
func (d *DB) All(ctx context.Context) iter.Seq2[Write, error] {
	return func(yield func(Write, error) bool) {
		if _, err := d.acquire(); err != nil {
			yield(Write{}, err)
			return
		}
		defer d.readers.Done()
		it, done := d.iterate(nil)
		defer done()
		for it.Rewind(); it.Valid(); it.Next() {
			if err := ctx.Err(); err != nil {
				yield(Write{}, err)
				return
			}
			w, err := writeOf(it.Item())
			if !yield(w, err) || err != nil {
				return
			}
		}
	}
}

func writeOf(item *badger.Item) (w Write, err error) {
	w.Number = item.Version()
	w.Bucket, w.Key = splitKey(item.Key())
	w.Value, err = item.ValueCopy(nil)
	return w, err
}

// All returns the last write of every record, in the order of their numbers.
func (v *View) All() (all []Write) {
	for bucket, records := range v.buckets {
		for r := range maps.Values(records) {
			all = append(all, Write{Number: r.Revision, Bucket: bucket, Key: r.Key, Value: r.Value})
		}
	}
	slices.SortFunc(all, func(a, b Write) int { return cmp.Compare(a.Number, b.Number) })
	return all
}
