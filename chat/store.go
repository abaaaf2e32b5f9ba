package chat

import (
	"log/slog"

	"parley/chat/record"
)

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

// LevelOf returns at which level it is logged that err, which is no refusal, kept somebody from something. Where that
// lasts, the log of the store has it already, once: see [record.Lasts].
func LevelOf(err error) slog.Level {
	if record.Lasts(err) {
		return slog.LevelDebug
	}
	return slog.LevelError
}

// NewMemoryStore returns a store that lives in memory and dies with the process.
func NewMemoryStore() Store { return record.NewMemoryStore() }

const maxRetries = record.MaxRetries
