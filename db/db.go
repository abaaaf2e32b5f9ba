package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/dgraph-io/badger/v4"

	"parley/chat"
)

// Limits of what a record may be, in bytes; both bounds are included.
const (
	// MaxKey bounds a bucket's name and, separately, a key.
	MaxKey = 4096
	// MaxValue bounds a value.
	MaxValue = 64 << 10
)

// These errors are returned by [Open] and [Check]. The message of each is a whole sentence that names the folder.
var (
	// ErrLocked is returned while another process, or another DB of this one, has the folder open. Open waits for those
	// who only look at it, for two seconds at most.
	ErrLocked = errors.New("the data folder is in use by another Parley")
	// ErrNewer is returned for a folder that a later version of Parley has written.
	ErrNewer = errors.New("the data folder was written by a newer Parley")
	// ErrDamaged is returned when acknowledged records are lost or altered, or might be, and cannot be mended for
	// certain.
	ErrDamaged = errors.New("the data folder is damaged")
)

// These errors are returned by the methods of a [DB].
var (
	// ErrTooLarge is returned by Put for a bucket or key above MaxKey or a value above MaxValue.
	ErrTooLarge = errors.New("the record is too large")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("the store is closed")
	// ErrNotEmpty is returned by Restore into a store that was ever written to.
	ErrNotEmpty = errors.New("the store is not empty")
	// ErrBadBackup is returned by Restore for a backup that is cut short, altered or none at all.
	ErrBadBackup = errors.New("the backup is damaged")
)

// Options are the settings of a [DB]. The zero value works.
type Options struct {
	// Name is what messages call the folder. Empty means as it is given.
	Name string
	// Log is told of repairs and of a disk that takes nothing (warn), of one that takes writes again and of starting
	// over after a crash (info), and what Badger says (debug, warn). Nil means slog.Default().
	Log *slog.Logger
	// MinFree is how many bytes must be free on the disk for a write to be accepted. Zero means 16 MiB. With less than
	// 4 MiB Badger may run out of space in the middle of something, which kills the process.
	MinFree int64
}

// errBroken is returned by writes after one that panicked.
var errBroken = errors.New("nothing more can be written before the next start, because of a panic that is in the log")

// A DB is a [chat.Store] in a folder. Open makes it, Close ends it; all methods are safe for concurrent use.
type DB struct {
	dir    string
	name   string // of the folder, in messages
	log    *slog.Logger
	lock   *os.File
	badger *badger.DB
	mark   *mark // nil while waits
	space  *space

	waits bool       // the disk takes nothing, and Badger is in memory: see waiting.go
	left  *badger.DB // the one in memory, when the disk has taken over

	writes  chan *write   // to the writer
	stop    chan struct{} // closed by Close
	writer  sync.WaitGroup
	readers sync.WaitGroup

	journal *journal // the writer's
	broken  bool     // the writer's: a write has panicked
	refuses bool     // the writer's: the log was told that the disk takes nothing

	mu      sync.RWMutex // guards closed, applied, and badger when it changes
	closed  bool
	applied uint64 // the last write that is in Badger with all before it; only the writer changes it

	made    []string // folders that Open has made, the innermost first
	created bool     // Open has made the store
	undo    atomic.Bool

	restoring sync.Mutex // held by Restore
	closeOnce sync.Once
	closeErr  error
}

var _ chat.Store = (*DB)(nil)

// Open opens the store in the folder dir, and creates it, with its parents and mode 0700, if there is none. opts may be
// nil. It returns ErrLocked, ErrNewer, ErrDamaged, chat.ErrDiskFull, or an error of the file system; in every case the
// message is a sentence to be shown as it is. The package comment says what Open mends by itself.
func Open(dir string, opts *Options) (*DB, error) {
	if opts == nil {
		opts = new(Options)
	}
	d := &DB{
		dir:    dir,
		name:   cmp.Or(opts.Name, dir),
		log:    opts.Log,
		writes: make(chan *write),
		stop:   make(chan struct{}),
	}
	if d.log == nil {
		d.log = slog.Default()
	}
	minFree := opts.MinFree
	if minFree == 0 {
		minFree = minFreeDefault
	}
	d.space = &space{dir: dir, badger: filepath.Join(dir, badgerName), minFree: minFree}
	if err := d.open(); err != nil {
		if !errors.Is(err, ErrLocked) {
			d.unmake()
		}
		d.release()
		return nil, sentence(d.name, diskError(err))
	}
	d.writer.Go(d.run) // until Close
	return d, nil
}

// A refusal is an error of ours with its cause: errors.Is finds both, and the message is the cause's alone.
type refusal struct{ kind, cause error }

func (r refusal) Error() string   { return r.cause.Error() }
func (r refusal) Unwrap() []error { return []error{r.kind, r.cause} }

// A folderError is what the operator reads when a folder cannot be opened.
type folderError struct {
	text  string
	cause error
}

func (e *folderError) Error() string { return e.text }
func (e *folderError) Unwrap() error { return e.cause }

func sentence(dir string, err error) error {
	cause := strings.ReplaceAll(err.Error(), "\n", "; ")
	text := fmt.Sprintf("The data folder %s cannot be used: %s.", dir, cause)
	switch {
	case errors.Is(err, ErrLocked):
		text = fmt.Sprintf("The data folder %s is in use by another Parley.", dir)
	case errors.Is(err, ErrNewer):
		text = fmt.Sprintf("The data folder %s was written by a newer Parley: %s.", dir, cause)
	case errors.Is(err, ErrDamaged):
		text = fmt.Sprintf("The data folder %s is damaged: %s. Nothing in it was changed; \"parley check\" "+
			"says more about it, and \"parley restore FILE\" brings back a backup.", dir, cause)
	case errors.Is(err, chat.ErrDiskFull):
		text = fmt.Sprintf("The data folder %s cannot be opened for want of space: %s. Make room, or name "+
			"another folder.", dir, cause)
	case errors.Is(err, chat.ErrDiskReadOnly):
		text = fmt.Sprintf("The data folder %s cannot be opened: %s. Mount the disk for writing.", dir, cause)
	case errors.Is(err, syscall.ENOTDIR):
		text = fmt.Sprintf("The data folder %s cannot be used: %s. Name a folder.", dir, cause)
	case errors.Is(err, fs.ErrPermission):
		text = fmt.Sprintf("The data folder %s cannot be used: %s.", dir, foreign(err))
	}
	return &folderError{text, err}
}

// Get implements [chat.Store]. Beside ErrNotFound it returns ErrClosed, and the error of ctx.
func (d *DB) Get(ctx context.Context, bucket, key string) (chat.Record, error) {
	if err := ctx.Err(); err != nil {
		return chat.Record{}, err
	}
	if len(bucket) > MaxKey || len(key) > MaxKey {
		return chat.Record{}, chat.ErrNotFound
	}
	b, err := d.acquire()
	if err != nil {
		return chat.Record{}, err
	}
	defer d.readers.Done()
	txn := b.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	item, err := txn.Get(storageKey(bucket, key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return chat.Record{}, chat.ErrNotFound
	}
	if err != nil {
		return chat.Record{}, fmt.Errorf("read %q: %w", key, err)
	}
	return record(item, key)
}

func record(item *badger.Item, key string) (chat.Record, error) {
	value, err := item.ValueCopy(nil)
	if err != nil {
		return chat.Record{}, fmt.Errorf("read %q: %w", key, err)
	}
	return chat.Record{Key: key, Value: value, Revision: item.Version()}, nil
}

// List implements [chat.Store]. The loop over it may call any method but Close, which waits for it to end.
func (d *DB) List(ctx context.Context, bucket string) iter.Seq2[chat.Record, error] {
	return func(yield func(chat.Record, error) bool) {
		if len(bucket) > MaxKey {
			return
		}
		if _, err := d.acquire(); err != nil {
			yield(chat.Record{}, err)
			return
		}
		defer d.readers.Done()
		it, done := d.iterate(storageKey(bucket, ""))
		defer done()
		for it.Rewind(); it.Valid(); it.Next() {
			if err := ctx.Err(); err != nil {
				yield(chat.Record{}, err)
				return
			}
			_, key := splitKey(it.Item().Key())
			r, err := record(it.Item(), key)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(chat.Record{}, err)
		}
	}
}

// iterate returns an iterator over what Badger holds now under prefix, and what closes it. The moment and the iterator
// are had under one lock, as otherwise a compaction could drop in between what the moment still needs.
func (d *DB) iterate(prefix []byte) (*badger.Iterator, func()) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	txn := d.badger.NewTransactionAt(d.applied, false)
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	return it, func() {
		it.Close()
		txn.Discard()
	}
}

// acquire returns Badger, and keeps Close from closing it until readers.Done is called.
func (d *DB) acquire() (*badger.DB, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return nil, ErrClosed
	}
	d.readers.Add(1)
	return d.badger, nil
}

// Close waits for running calls, closes the store and seals it, so that the next Open need not read everything again.
// Calling it more than once returns what the first call returned. After an error, which is chat.ErrDiskFull or
// ErrDiskReadOnly if the disk takes nothing, nothing acknowledged is lost; the next Open starts from the journal.
func (d *DB) Close() error {
	d.closeOnce.Do(func() {
		d.mu.Lock()
		d.closed = true
		d.mu.Unlock()
		close(d.stop)
		d.writer.Wait()
		d.readers.Wait()
		if err := d.close(); err != nil {
			d.closeErr = fmt.Errorf("close data folder %s: %w", d.name, diskError(err))
		}
	})
	return d.closeErr
}

func (d *DB) close() error {
	defer d.release()
	if d.left != nil {
		if err := d.left.Close(); err != nil {
			return err
		}
	}
	if d.waits {
		return d.badger.Close() // the folder is as it was found
	}
	d.space.dropBallast()
	if d.broken {
		return errBroken // Badger is left as it is, as after a kill: to close it might take for ever
	}
	// With no room for its last table Badger would die of it, and on a disk that has become read-only it would try for
	// ever. Left as it is, it is as after a kill.
	if err := errors.Join(d.space.free(closeSpace), writable(d.space.badger)); err != nil {
		return err
	}
	if err := d.badger.Close(); err != nil {
		return err
	}
	if d.undo.Load() && d.journal.number == 0 {
		d.unmake()
		return nil
	}
	if d.applied < d.journal.number {
		return errors.New("badger lacks writes that the journal has")
	}
	files, err := syncFiles(d.space.badger)
	if err != nil {
		return err
	}
	return writeSeal(d.dir, seal{Number: d.journal.number, Chain: fmt.Sprintf("%x", d.journal.enc.chain), Files: files})
}

// release closes the files that are open. Closing the lock file ends the lock.
func (d *DB) release() {
	d.closeFiles()
	if d.lock != nil {
		d.lock.Close()
	}
}

// closeFiles closes the journal and the mark.
func (d *DB) closeFiles() {
	if d.journal != nil {
		d.journal.close()
		d.journal = nil
	}
	if d.mark != nil {
		d.mark.close()
		d.mark = nil
	}
}
