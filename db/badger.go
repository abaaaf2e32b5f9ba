package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

const (
	memTable = 1 << 20
	// Values of this size would go to Badger's value log. MaxValue is below, so that log stays empty and needs no
	// collection.
	valueThreshold = 2 * MaxValue
	// Level 0 is compacted from so many tables on. If that is not possible no writes are taken from refuseTables on,
	// because at stallTables Badger would let them hang.
	compactTables = 4
	refuseTables  = 12
	stallTables   = 16
	// batchBytes bounds what goes to Badger at once, so that one batch fills at most two memory tables.
	batchBytes = memTable / 2
)

// openBadger opens Badger in the folder dir.
func openBadger(dir string, log *slog.Logger) (*badger.DB, error) {
	return openOptions(badgerOptions(dir, log))
}

// openBadgerReadOnly opens Badger and leaves its files as they are.
func openBadgerReadOnly(dir string, log *slog.Logger) (*badger.DB, error) {
	return openOptions(badgerOptions(dir, log).WithReadOnly(true))
}

// openOptions makes an error of a panic in Badger. Its log.Fatal, and panics in its goroutines, cannot be caught: this
// is why it never gets to see a file that is not as it left it.
func openOptions(o badger.Options) (b *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, fmt.Errorf("badger panicked: %v", p)
		}
	}()
	return badger.OpenManaged(o)
}

func badgerOptions(dir string, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(badgerLogger{log}).
		WithSyncWrites(true).
		WithNumVersionsToKeep(1).
		WithDetectConflicts(false). // one goroutine writes, and compares revisions itself
		WithMetricsEnabled(false).
		// it wants the folder's absolute path, whose parents may be closed to this user
		WithBypassLockGuard(locksFiles).
		// Small: the store of a chat server is read and written a few times a minute.
		WithMemTableSize(memTable).
		WithNumMemtables(1).
		WithBaseTableSize(memTable).
		WithValueThreshold(valueThreshold).
		WithValueLogFileSize(1 << 20).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithChecksumVerificationMode(options.OnTableAndBlockRead).
		// Badger's own compactors wake 40 times a second, for ever: the writer compacts instead, when there is
		// something to compact.
		WithNumCompactors(0).
		WithNumLevelZeroTables(compactTables).
		WithNumLevelZeroTablesStall(stallTables)
}

// storageKey returns Badger's key of a record: the bucket is a prefix with its length in front, so that no bucket and
// key can be taken for others, and the keys of a bucket keep their order. The first byte keeps clear of Badger's own
// keys.
func storageKey(bucket, key string) []byte {
	b := make([]byte, 0, 3+len(bucket)+len(key))
	b = append(b, 'r')
	b = binary.BigEndian.AppendUint16(b, uint16(len(bucket)))
	b = append(b, bucket...)
	return append(b, key...)
}

// splitKey is the reverse of storageKey.
func splitKey(k []byte) (bucket, key string) {
	n := 3 + int(binary.BigEndian.Uint16(k[1:]))
	return string(k[3:n]), string(k[n:])
}

// apply writes the entries to Badger, each at the version that is its number.
func apply(b *badger.DB, entries []*entry) error {
	for len(entries) > 0 {
		wb := b.NewManagedWriteBatch()
		size := 0
		for len(entries) > 0 && size < batchBytes {
			e := entries[0]
			entries = entries[1:]
			size += len(e.key) + len(e.value) + 256
			var err error
			switch e.op {
			case opDelete:
				err = wb.DeleteAt(storageKey(e.bucket, e.key), e.number)
			case opPut:
				err = wb.SetEntryAt(badger.NewEntry(storageKey(e.bucket, e.key), e.value), e.number)
			}
			if err != nil {
				wb.Cancel()
				return fmt.Errorf("write to badger: %w", err)
			}
		}
		if err := wb.Flush(); err != nil {
			return fmt.Errorf("write to badger: %w", err)
		}
	}
	return nil
}

// copyRecords writes to w a journal of all records that Badger has, as they are after the given write.
func copyRecords(w io.Writer, b *badger.DB, number uint64) (scan, error) {
	sw, err := newSnapshotWriter(w)
	if err != nil {
		return scan{}, err
	}
	txn := b.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		e := &entry{op: opPut, number: it.Item().Version()}
		e.bucket, e.key = splitKey(it.Item().Key())
		if e.value, err = it.Item().ValueCopy(nil); err != nil {
			return scan{}, err
		}
		if err := sw.put(e); err != nil {
			return scan{}, err
		}
	}
	return sw.finish(number)
}

// agree returns an error unless Badger has exactly the records of the index.
func (x index) agree(b *badger.DB) error {
	txn := b.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{})
	defer it.Close()
	found := 0
	for it.Rewind(); it.Valid(); it.Next() {
		if x[sumOf(it.Item().Key())] != it.Item().Version() {
			return fmt.Errorf("the journal knows nothing of write %d, which Badger has", it.Item().Version())
		}
		found++
	}
	if found != len(x) {
		return fmt.Errorf("badger has %d records of %d", found, len(x))
	}
	return nil
}

// latest returns the current revision of a record, zero if there is none.
func latest(b *badger.DB, bucket, key string) (uint64, error) {
	txn := b.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	item, err := txn.Get(storageKey(bucket, key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return item.Version(), nil
}

// level0 returns how many tables are in level 0, and the size of all tables of all levels.
func level0(b *badger.DB) (tables int, size int64) {
	for _, l := range b.Levels() {
		if l.Level == 0 {
			tables = l.NumTables
		}
		size += l.Size
	}
	return tables, size
}

// badgerLogger passes what Badger says on to slog. What Badger thinks worth an "info" is of interest to nobody else.
type badgerLogger struct{ log *slog.Logger }

func (l badgerLogger) Errorf(f string, a ...any)   { l.say(slog.LevelWarn, f, a) }
func (l badgerLogger) Warningf(f string, a ...any) { l.say(slog.LevelWarn, f, a) }
func (l badgerLogger) Infof(f string, a ...any)    { l.say(slog.LevelDebug, f, a) }
func (l badgerLogger) Debugf(f string, a ...any)   { l.say(slog.LevelDebug, f, a) }

func (l badgerLogger) say(level slog.Level, f string, a []any) {
	if ctx := context.Background(); l.log.Enabled(ctx, level) {
		l.log.Log(ctx, level, "badger: "+strings.TrimSpace(fmt.Sprintf(f, a...)))
	}
}
