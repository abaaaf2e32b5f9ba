package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"parley/chat/record"
	"parley/cluster/wire"
	"parley/db"
	"parley/internal/crash"
)

// staleTime is for how long a replica may be behind the others before it is not read any more: so long a write waits
// for it, at most.
const staleTime = 2 * time.Second

var _ record.Store = (*Store)(nil)

// A Store is a node's way to what all nodes store. All methods are safe for concurrent use.
type Store struct {
	tape    *tape
	wire    *wire.Wire
	replica *db.DB
	log     *slog.Logger
	hearing *nats.Subscription // of what the others say
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	news    chan struct{} // holds one element if there is something to be told to the others
	behind  chan struct{} // holds one element if the replica lacks something that somebody has heard of

	mu      sync.Mutex    // guards all below
	at      uint64        // what the replica has
	moved   chan struct{} // closed, and made anew, when something below or at has changed
	wanted  uint64        // a write that there is for certain
	since   time.Time     // since when the replica lacks that; zero if it does not
	stale   bool          // it is not read, and the log was told so
	trouble error         // why the replica does not follow; nil if it does
	others  map[string]other
}

// Open opens the store of a node. It waits until the replica has what the stream has, for half a minute at most where
// the servers are about to find each other. It returns ErrForgot, ErrOther, ErrUnfinished or ErrSettings, after which
// nothing was changed.
func Open(ctx context.Context, o Options) (*Store, error) {
	t, err := newTape(o.Wire)
	if err != nil {
		return nil, err
	}
	s := &Store{tape: t, wire: o.Wire, replica: o.Replica, log: o.Log, news: make(chan struct{}, 1),
		behind: make(chan struct{}, 1), at: o.Replica.Writes(), moved: make(chan struct{}),
		others: make(map[string]other)}
	if s.log == nil {
		s.log = slog.Default()
	}
	opening, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	last, err := s.join(opening)
	if err != nil {
		return nil, err
	}
	if s.hearing, err = o.Wire.Conn().Subscribe(o.Wire.Subject("at", "*"), s.heard); err != nil {
		return nil, fmt.Errorf("open stream: %w", err)
	}
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.start("replica", func() { s.follow(ctx) }) // until Close
	s.start("announcer", func() { s.tell(ctx) }) // until Close
	if err := s.await(opening, last); err != nil {
		if trouble := s.Trouble(); trouble != nil {
			err = trouble
		}
		s.Close()
		return nil, fmt.Errorf("bring the data folder up to date: %w", err)
	}
	return s, nil
}

// start runs f in a goroutine that Close waits for. A panic in f ends f alone.
func (s *Store) start(what string, f func()) {
	s.wg.Go(func() {
		defer crash.Survive(s.log, what)
		f()
	})
}

// join returns the number of the last write of the stream, which the replica is of.
func (s *Store) join(ctx context.Context) (last uint64, err error) {
	for told := ""; ; {
		last, err := s.joinOnce(ctx)
		if err == nil {
			return last, nil
		}
		if !isPassing(err) {
			return 0, err
		}
		if told != err.Error() {
			told = err.Error()
			s.log.Info("waiting for the NATS servers to store something", "err", err)
		}
		select {
		case <-time.After(redoTime):
		case <-ctx.Done():
			return 0, fmt.Errorf("the NATS servers cannot store anything: %w", err)
		}
	}
}

// joinOnce does it once: what is asked while the servers choose who leads them has no answer at all.
func (s *Store) joinOnce(ctx context.Context) (last uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*askTime)
	defer cancel()
	stream, err := s.tape.join(ctx, s.replica)
	if err != nil {
		return 0, err
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return 0, err
	}
	return info.State.LastSeq, nil
}

// Close ends the store. What is being written may be written.
func (s *Store) Close() {
	s.cancel()
	s.wg.Wait()
	_ = s.hearing.Unsubscribe() // the connection may be closed already
}

// Get implements [record.Store]. Beside ErrNotFound it returns record.ErrBehind when the replica does not keep up.
func (s *Store) Get(ctx context.Context, bucket, key string) (record.Record, error) {
	if err := s.readable(); err != nil {
		return record.Record{}, err
	}
	return s.replica.Get(ctx, bucket, key)
}

// List implements [record.Store]; see [Store.Get].
func (s *Store) List(ctx context.Context, bucket string) iter.Seq2[record.Record, error] {
	if err := s.readable(); err != nil {
		return func(yield func(record.Record, error) bool) { yield(record.Record{}, err) }
	}
	return s.replica.List(ctx, bucket)
}

// Put implements [record.Store]. Beside ErrConflict it returns db.ErrTooLarge, record.ErrUnreachable,
// record.ErrForgotten, and the errors of a full disk, after which nothing is written, and record.ErrMaybeSaved.
func (s *Store) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	return s.write(ctx, &db.Write{Bucket: bucket, Key: key, Value: value}, revision)
}

// Delete implements [record.Store]; see [Store.Put].
func (s *Store) Delete(ctx context.Context, bucket, key string, revision uint64) error {
	if _, err := s.replica.Get(ctx, bucket, key); err != nil {
		return err
	}
	_, err := s.write(ctx, &db.Write{Bucket: bucket, Key: key, Deleted: true}, revision)
	return err
}

// Quick returns the same store, whose Put does not wait until the other nodes have what was written.
func (s *Store) Quick() record.Store { return quick{s} }

type quick struct{ *Store }

func (q quick) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	return q.writeHere(ctx, &db.Write{Bucket: bucket, Key: key, Value: value}, revision)
}

// write writes w if its record is at the given revision, and waits for the other nodes.
func (s *Store) write(ctx context.Context, w *db.Write, revision uint64) (uint64, error) {
	number, err := s.writeHere(ctx, w, revision)
	if err == nil {
		s.awaitOthers(ctx, number)
	}
	return number, err
}

// writeHere writes w if its record is at the given revision.
func (s *Store) writeHere(ctx context.Context, w *db.Write, revision uint64) (uint64, error) {
	if len(w.Bucket) > db.MaxKey || len(w.Key) > db.MaxKey || len(w.Value) > db.MaxValue {
		return 0, db.ErrTooLarge
	}
	if err := s.writable(); err != nil {
		return 0, err
	}
	switch r, err := s.replica.Get(ctx, w.Bucket, w.Key); {
	case err != nil && !errors.Is(err, record.ErrNotFound):
		return 0, err
	case r.Revision != revision:
		return 0, record.ErrConflict // whoever has read it has read it from the replica
	}
	limit, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	number, err := s.publish(limit, w, revision)
	if err == nil {
		s.want(number)
		if err = s.await(limit, number); record.CannotSave(err) {
			err = record.ErrMaybeSaved // the others have it, and this node once its disk takes something
		}
	}
	switch {
	case err == nil:
		return number, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case limit.Err() != nil && errors.Is(err, limit.Err()):
		return 0, record.ErrMaybeSaved
	}
	return 0, err
}

// Backup writes all records to out, as they stand at one number: see [db.DB.Backup].
func (s *Store) Backup(ctx context.Context, out io.Writer) error { return s.replica.Backup(ctx, out) }

// Stats returns figures of the replica.
func (s *Store) Stats() (db.Stats, error) { return s.replica.Stats() }

// Made reports whether the replica was made by this start.
func (s *Store) Made() bool { return s.replica.Made() }

// Trouble returns why the replica does not follow the stream now, nil if it does.
func (s *Store) Trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

// Lag returns how many writes the replica lacks, as far as that is known here.
func (s *Store) Lag() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted - min(s.wanted, s.at)
}

// Number returns the number of the last write that the replica has.
func (s *Store) Number() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// writable returns why nothing can be written.
func (s *Store) writable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(s.trouble, ErrForgot), errors.Is(s.trouble, ErrOther):
		return record.ErrForgotten
	case record.CannotSave(s.trouble):
		return s.trouble
	}
	return s.readableLocked()
}

// readable returns why the replica is not to be read: others have had for a while what it lacks.
func (s *Store) readable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readableLocked()
}

func (s *Store) readableLocked() error {
	if s.since.IsZero() || time.Since(s.since) < staleTime {
		return nil
	}
	for _, o := range s.others {
		if o.lives() && o.at > s.at {
			if !s.stale {
				s.stale = true
				s.log.Warn("the replica is behind the others, and is not read until it has what they have",
					"stream", s.tape.name, "at", s.at, "wanted", s.wanted)
			}
			return record.ErrBehind
		}
	}
	return nil // whoever had it is not there: this node is alone, and reads what it has
}

// want notes that there is a write of that number.
func (s *Store) want(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wantLocked(number)
}

func (s *Store) wantLocked(number uint64) {
	s.wanted = max(s.wanted, number)
	if s.at < s.wanted && s.since.IsZero() {
		s.since = time.Now()
		ring(s.behind)
	}
}

// advance notes that the replica has everything up to the given number.
func (s *Store) advance(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = max(s.at, number)
	if s.at >= s.wanted {
		s.since = time.Time{}
		if s.stale {
			s.stale = false
			s.log.Info("the replica is read again", "stream", s.tape.name, "at", s.at)
		}
	}
	s.changedLocked()
	ring(s.news)
}

// changedLocked wakes those who wait for something to change.
func (s *Store) changedLocked() {
	close(s.moved)
	s.moved = make(chan struct{})
}

// ring says by c that there is something.
func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// await waits until the replica has the write of that number.
func (s *Store) await(ctx context.Context, number uint64) error {
	for {
		s.mu.Lock()
		at, moved, trouble := s.at, s.moved, s.trouble
		s.mu.Unlock()
		if at >= number {
			return nil
		}
		if record.CannotSave(trouble) {
			return trouble // its own disk takes nothing
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
