package chat

import "parley/chat/record"

// A Store keeps records in buckets: see [record.Store]. Accounts live there, and whatever else must outlive the
// process.
type Store = record.Store

// A Record is what a [Store] keeps under a key.
type Record = record.Record

// These errors are returned by a [Store]: see package record.
var (
	ErrNotFound     = record.ErrNotFound
	ErrConflict     = record.ErrConflict
	ErrDiskFull     = record.ErrDiskFull
	ErrDiskReadOnly = record.ErrDiskReadOnly
)

// CannotSave reports whether err is of a store that takes no writes now and may do so later: see
// [record.CannotSave].
func CannotSave(err error) bool { return record.CannotSave(err) }

// NewMemoryStore returns a store that lives in memory and dies with the process.
func NewMemoryStore() Store { return record.NewMemoryStore() }

const maxRetries = record.MaxRetries
