package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"parley/chat"
)

// ErrReadOnly is returned by the methods of a [View] that would write.
var ErrReadOnly = errors.New("this is only for reading")

// A View is what a folder or a backup holds at one moment: a [chat.Store] in memory that can only be read. It keeps no
// file open, needs no Badger and is not closed. All methods are safe for concurrent use.
type View struct {
	number  uint64
	buckets map[string]map[string]chat.Record
}

var _ chat.Store = (*View)(nil)

// OpenView reads the folder dir and writes nothing at all: no file is made, changed, or given another owner. It
// returns ErrLocked while a [DB] has the folder open, and otherwise the errors of [Open]. Where Open would make the
// journal anew from Badger, OpenView returns ErrDamaged. A folder that has no store yet is an empty view.
func OpenView(dir string) (*View, error) {
	v := newView()
	s, err := inspect(dir, v.add)
	if err != nil {
		return nil, sentence(dir, err)
	}
	plan, finding := s.decide()
	switch plan {
	case planRefuse:
		return nil, sentence(dir, s.refusal(finding))
	case planMendJournal:
		return nil, sentence(dir, refusal{ErrDamaged, fmt.Errorf("%s; the next start of the server mends that",
			finding)})
	}
	v.number = s.scan.number
	return v, nil
}

// View returns a view of the folder of a closed store.
func (d *DB) View() (*View, error) { return OpenView(d.dir) }

// ReadBackup reads a backup to its end. It returns ErrBadBackup, or an error of r.
func ReadBackup(r io.Reader) (*View, error) {
	v := newView()
	s, err := scanBackup(r, v.add)
	if err != nil {
		return nil, err
	}
	v.number = s.number
	return v, nil
}

func newView() *View { return &View{buckets: make(map[string]map[string]chat.Record)} }

// add brings the view up to e, the next entry of a journal. It returns nil, to be used while scanning.
func (v *View) add(e *entry) error {
	v.number = max(v.number, e.number)
	if e.op == opDelete {
		delete(v.buckets[e.bucket], e.key)
		return nil
	}
	if v.buckets[e.bucket] == nil {
		v.buckets[e.bucket] = make(map[string]chat.Record)
	}
	v.buckets[e.bucket][e.key] = chat.Record{Key: e.key, Value: e.value, Revision: e.number}
	return nil
}

// Records returns how many records there are.
func (v *View) Records() (n int) {
	for _, records := range v.buckets {
		n += len(records)
	}
	return n
}

// Writes returns the number of the last write; zero means that nothing was ever written.
func (v *View) Writes() uint64 { return v.number }

// Get implements [chat.Store].
func (v *View) Get(ctx context.Context, bucket, key string) (chat.Record, error) {
	if err := ctx.Err(); err != nil {
		return chat.Record{}, err
	}
	r, ok := v.buckets[bucket][key]
	if !ok {
		return chat.Record{}, chat.ErrNotFound
	}
	r.Value = slices.Clone(r.Value)
	return r, nil
}

// List implements [chat.Store].
func (v *View) List(ctx context.Context, bucket string) iter.Seq2[chat.Record, error] {
	return func(yield func(chat.Record, error) bool) {
		for _, key := range slices.Sorted(maps.Keys(v.buckets[bucket])) {
			r, err := v.Get(ctx, bucket, key)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// Put returns ErrReadOnly.
func (v *View) Put(context.Context, string, string, []byte, uint64) (uint64, error) {
	return 0, ErrReadOnly
}

// Delete returns ErrReadOnly.
func (v *View) Delete(context.Context, string, string, uint64) error { return ErrReadOnly }

// Backup writes all records to w as [DB.Backup] does.
func (v *View) Backup(ctx context.Context, w io.Writer) error {
	sw, err := newSnapshotWriter(&contextWriter{ctx, w})
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	for _, bucket := range slices.Sorted(maps.Keys(v.buckets)) {
		for _, key := range slices.Sorted(maps.Keys(v.buckets[bucket])) {
			r := v.buckets[bucket][key]
			e := &entry{op: opPut, number: r.Revision, bucket: bucket, key: key, value: r.Value}
			if err := sw.put(e); err != nil {
				return fmt.Errorf("back up: %w", err)
			}
		}
	}
	if _, err := sw.finish(v.number); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}
