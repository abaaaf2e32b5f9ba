// Package record has the contract of what keeps records, a [Store], and one in memory. It knows nothing of what a
// record means.
package record

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// These errors are returned by a [Store].
var (
	// ErrNotFound is returned when the bucket holds no record of the given key.
	ErrNotFound = errors.New("record: no such record")
	// ErrConflict is returned when the record is not at the revision the writer had read: somebody else was first.
	ErrConflict = errors.New("record: record changed meanwhile")
	// ErrDiskFull is returned when there is no room for a write. Reading goes on, and so does writing once there is
	// room again.
	ErrDiskFull error = &fault{"disk full"}
	// ErrDiskReadOnly is returned when the disk takes no writes at all. Reading goes on.
	ErrDiskReadOnly error = &fault{"disk read only"}
	// ErrUnreachable is returned when those who keep the records cannot be reached: nothing was written. Reading goes
	// on.
	ErrUnreachable error = &fault{"store unreachable"}
	// ErrMaybeSaved is returned when they did not answer in time: whether it was written is not known.
	ErrMaybeSaved error = &fault{"maybe saved"}
	// ErrForgotten is returned when they have lost what they had acknowledged: nothing was written, and nothing will be
	// until an operator has seen to it.
	ErrForgotten error = &fault{"store forgot"}
	// ErrBehind is returned by reads of a replica that does not keep up: what it has is out of date.
	ErrBehind error = &fault{"store behind"}
)

// A fault is something that broke, of which a user may read what: under its code package words has the sentence.
type fault struct{ code string }

func (f *fault) Error() string { return "record: " + f.code }

// Code returns the name under which package words has the sentence.
func (f *fault) Code() string { return f.code }

// Args returns nothing.
func (f *fault) Args() []any { return nil }

// CannotSave reports whether err is of a store that takes no writes now and may do so later: ErrDiskFull,
// ErrDiskReadOnly, ErrUnreachable or ErrMaybeSaved.
func CannotSave(err error) bool {
	return errors.Is(err, ErrDiskFull) || errors.Is(err, ErrDiskReadOnly) || errors.Is(err, ErrUnreachable) ||
		errors.Is(err, ErrMaybeSaved)
}

// Lasts reports whether err is of a store that does not do what it is asked for until something is mended: ErrDiskFull,
// ErrDiskReadOnly, ErrForgotten or ErrBehind. Its own log tells when that begins.
func Lasts(err error) bool {
	return errors.Is(err, ErrDiskFull) || errors.Is(err, ErrDiskReadOnly) || errors.Is(err, ErrForgotten) ||
		errors.Is(err, ErrBehind)
}

// A Record is what a [Store] keeps under a key. Value is an encoding that only its writer understands.
type Record struct {
	Key   string
	Value []byte
	// Revision grows with every write of the key. Zero means that there is no such record.
	Revision uint64
}

// A Store keeps records in buckets. Accounts live there, and whatever else must outlive the process.
//
// All methods are safe for concurrent use. A write that returned nil is on disk and is seen by every later read: this
// is the promise behind every "User bob registered". Writes of one key are totally ordered by their revision. A method
// that returns an error other than ErrConflict or ErrNotFound may or may not have written.
type Store interface {
	// Get returns the record of key, or ErrNotFound.
	Get(ctx context.Context, bucket, key string) (Record, error)

	// Put writes value under key and returns the new revision. revision is the one the caller has read, zero for a
	// record that must not exist yet; it returns ErrConflict, and writes nothing, where that no longer holds.
	Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error)

	// Delete removes the record of key if it is at the given revision; otherwise it returns ErrConflict, or
	// ErrNotFound.
	Delete(ctx context.Context, bucket, key string, revision uint64) error

	// List yields the records of bucket in the order of their keys, as they stood at one moment. An error ends it.
	List(ctx context.Context, bucket string) iter.Seq2[Record, error]
}

// Quick returns the same store, whose Put waits for no other server than the one that was asked. Where several share
// what is stored, Put else returns when all of them have it: so must be whatever another server decides by, such as a
// ban.
func Quick(s Store) Store {
	if shared, ok := s.(interface{ Quick() Store }); ok {
		return shared.Quick()
	}
	return s
}

// MaxRetries bounds how often a change is tried again because somebody else wrote the same record: every round one
// writer gets through.
const MaxRetries = 100

// ErrUnchanged is what the function returns that [Change] is given, to leave the record as it is.
var ErrUnchanged = errors.New("record: nothing to change")

// Change writes the value that change makes of the record of key, or deletes the record if that is nil. There may be
// none: then change gets one of revision zero. It is called again if somebody else has written meanwhile. Of an error
// that it returns nothing is written, and Change returns it; but for [ErrUnchanged], of which it returns nil.
func Change(ctx context.Context, store Store, bucket, key string,
	change func(r Record) (value []byte, err error)) error {
	for range MaxRetries {
		r, err := store.Get(ctx, bucket, key)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("read %s %q: %w", bucket, key, err)
		}
		value, err := change(r)
		switch {
		case errors.Is(err, ErrUnchanged):
			return nil
		case err != nil:
			return err
		case value != nil:
			_, err = store.Put(ctx, bucket, key, value, r.Revision)
		case r.Revision > 0:
			err = store.Delete(ctx, bucket, key, r.Revision)
		}
		if !errors.Is(err, ErrConflict) && !errors.Is(err, ErrNotFound) {
			return WriteError(bucket, key, err)
		}
	}
	return WriteError(bucket, key, ErrConflict)
}

// Overwrite writes value whatever is there.
func Overwrite(ctx context.Context, store Store, bucket, key string, value []byte) error {
	return Change(ctx, store, bucket, key, func(Record) ([]byte, error) { return value, nil })
}

// Remove deletes the record of key, if there is one.
func Remove(ctx context.Context, store Store, bucket, key string) error {
	return Change(ctx, store, bucket, key, func(Record) ([]byte, error) { return nil, nil })
}

// WriteError says of err, if there is one, what was being written.
func WriteError(bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write %s %q: %w", bucket, key, err)
}
