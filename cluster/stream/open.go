package stream

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/chat/record"
	"parley/cluster/wire"
	"parley/db"
)

// These errors are returned by [Open] and [Compare]. The message of each is a whole sentence for the operator.
var (
	// ErrForgot is returned when the stream lacks writes that the replica has.
	ErrForgot = errors.New("NATS has forgotten what it had acknowledged")
	// ErrOther is returned when the replica is of another stream, or of none.
	ErrOther = errors.New("the data folder does not belong to this cluster")
	// ErrUnfinished is returned when [Found] has not come to its end.
	ErrUnfinished = errors.New("the stream was not filled to its end")
	// ErrSettings is returned when the stream is not as Parley makes it.
	ErrSettings = errors.New("the stream has other settings than Parley's")
)

// Bucket is where records are that are about the cluster itself.
const Bucket = "cluster"

// The record that says which stream a replica is of is the first of a stream. One that is there while [Found] fills the
// stream is the second.
const (
	idBucket = Bucket
	idKey    = "id"
	fillKey  = "filling"
)

const (
	// openTime is how long Open tries where the servers cannot store anything yet.
	openTime = 30 * time.Second
	// askTime is how long an answer of JetStream may take.
	askTime = 2 * time.Second
)

// Options say what a [Store] is made of. Wire and Replica must be there.
type Options struct {
	Wire *wire.Wire
	// Replica is the store in the node's data folder. Nobody else writes to it. Whoever opened it closes it, after
	// the Store.
	Replica *db.DB
	// Log takes what an operator should know. Nil means slog.Default.
	Log *slog.Logger
}

// A sentence is an error whose message is one for the operator.
type sentence struct {
	kind error
	text string
}

func (s *sentence) Error() string { return s.text }
func (s *sentence) Unwrap() error { return s.kind }

func say(kind error, format string, args ...any) error {
	return &sentence{kind, fmt.Sprintf(format, args...)}
}

// IsReplica reports whether a store that is no longer, or not now, part of a cluster is a replica of one.
func IsReplica(ctx context.Context, s record.Store) (bool, error) {
	_, err := s.Get(ctx, idBucket, idKey)
	if errors.Is(err, record.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Leave deletes what s, which was filled from a backup, knows of the cluster that the backup is of: from then on it is
// the store of a single Parley.
func Leave(ctx context.Context, s record.Store) error {
	var known []record.Record
	for r, err := range s.List(ctx, Bucket) {
		if err != nil {
			return err
		}
		known = append(known, r)
	}
	for _, r := range known {
		if err := s.Delete(ctx, Bucket, r.Key, r.Revision); err != nil {
			return record.WriteError(Bucket, r.Key, err)
		}
	}
	return nil
}

// A tape is the stream as one node reaches it.
type tape struct {
	js      jetstream.JetStream
	name    string // of the stream
	subject string // of all writes, but for the last word
}

func newTape(w *wire.Wire) (*tape, error) {
	js, err := jetstream.New(w.Conn(), jetstream.WithDefaultTimeout(askTime))
	if err != nil {
		return nil, fmt.Errorf("open stream: %w", err)
	}
	return &tape{js: js, name: w.Prefix() + "-writes", subject: w.Subject("write")}, nil
}

func (t *tape) subjectOf(bucket, key string) string { return t.subject + "." + token(bucket, key) }

// settings are those of the stream. With three servers each write is on two of them before it is acknowledged.
func (t *tape) settings() jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: t.name, Subjects: []string{t.subject + ".*"}, Description: "what Parley stores",
		Storage: jetstream.FileStorage, Replicas: 1, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew,
		Retention: jetstream.LimitsPolicy, DenyDelete: true, DenyPurge: true, Duplicates: 2 * time.Minute,
		MaxMsgs: -1, MaxBytes: -1, MaxMsgSize: -1, MaxConsumers: -1,
	}
	if t.js.Conn().ConnectedClusterName() != "" {
		c.Replicas = 3
	}
	return c
}

// checkSettings refuses a stream that somebody else has made in a way that loses something.
func (t *tape) checkSettings(c *jetstream.StreamConfig) error {
	want := t.settings()
	switch {
	case c.Storage != want.Storage, c.MaxMsgsPerSubject != want.MaxMsgsPerSubject, c.Discard != want.Discard,
		c.Retention != want.Retention, c.MaxAge != 0, c.MaxMsgs != -1, c.MaxBytes != -1, c.AllowDirect, c.Sealed,
		c.NoAck:
		return say(ErrSettings, "The stream %s has other settings than those that Parley gives it, and might lose "+
			"something. Delete it if it is empty, or make it as docs/cluster.md says.", t.name)
	}
	return nil
}

// join returns the stream, which is made if there is none and the replica is new. It returns the errors that Open does.
func (t *tape) join(ctx context.Context, replica *db.DB) (jetstream.Stream, error) {
	held := replica.Writes()
	stream, err := t.js.Stream(ctx, t.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) && held == 0 {
		stream, err = t.js.CreateStream(ctx, t.settings())
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			stream, err = t.js.Stream(ctx, t.name) // another node was quicker
		}
	}
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, t.forgot(0, held)
	}
	if err != nil {
		return nil, err
	}
	info := stream.CachedInfo()
	if info.State.LastSeq == 0 && held == 0 {
		w := &db.Write{Bucket: idBucket, Key: idKey, Value: []byte(rand.Text())}
		_, err := t.js.Publish(ctx, t.subjectOf(w.Bucket, w.Key), encode(w), jetstream.WithExpectLastSequence(0))
		if err != nil && !isConflict(err) { // else another node was quicker
			return nil, err
		}
	}
	// Without the limit of ctx: the records may be many.
	return stream, t.compare(ctx, stream, held, replica.All(context.WithoutCancel(ctx)))
}

func (t *tape) forgot(last, held uint64) error {
	return say(ErrForgot, "NATS has forgotten what it had acknowledged: the stream %s ends at write %d, and the data "+
		`folder has write %d. Nothing was changed. "parley check" says how to bring it back.`, t.name, last, held)
}

// compare looks whether a replica at the given number, with those records, is of the stream, which must have all of
// them or later writes.
func (t *tape) compare(ctx context.Context, stream jetstream.Stream, held uint64,
	all iter.Seq2[db.Write, error]) error {
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	if err := t.checkSettings(&info.Config); err != nil {
		return err
	}
	last := info.State.LastSeq
	if last < held {
		return t.forgot(last, held)
	}
	fill, _, err := t.last(ctx, stream, idBucket, fillKey)
	if err == nil && !fill.Deleted {
		return say(ErrUnfinished, "The stream %s was not filled to its end. Delete it, and run "+
			`"parley cluster found" again.`, t.name)
	}
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return err
	}
	id, _, err := t.last(ctx, stream, idBucket, idKey)
	if errors.Is(err, record.ErrNotFound) {
		return say(ErrSettings, "The stream %s is not from Parley: it does not say of which cluster it is.", t.name)
	}
	if err != nil || held == 0 {
		return err
	}
	places, err := t.places(ctx, stream, last)
	if err != nil {
		return err
	}
	mine, missing := "", uint64(0)
	for w, err := range all {
		if err != nil {
			return err
		}
		if w.Bucket == idBucket && w.Key == idKey {
			mine = string(w.Value)
		}
		if places[t.subjectOf(w.Bucket, w.Key)] < w.Number {
			missing = w.Number
		}
	}
	if mine != string(id.Value) {
		return say(ErrOther, "The data folder does not belong to this cluster: its records are of another one, or of "+
			"a single Parley. Move it away, and the node makes a new one from the stream %s. docs/cluster.md says how "+
			"to bring its records along.", t.name)
	}
	if missing > 0 {
		return say(ErrForgot, "NATS has forgotten what it had acknowledged: the stream %s lacks write %d, which the "+
			`data folder has. Nothing was changed. "parley check" says how to bring it back.`, t.name, missing)
	}
	return nil
}

// places returns where the last write of each record stands, by its subject, up to the number last.
func (t *tape) places(ctx context.Context, stream jetstream.Stream, last uint64) (map[string]uint64, error) {
	places := make(map[string]uint64)
	if last == 0 {
		return places, nil
	}
	c, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, HeadersOnly: true, MemoryStorage: true, Replicas: 1,
		InactiveThreshold: 2 * askTime,
	})
	if err != nil {
		return nil, err
	}
	for at := uint64(0); at < last; {
		batch, err := c.Fetch(1000, jetstream.FetchMaxWait(askTime))
		if err != nil {
			return nil, err
		}
		before := at
		for m := range batch.Messages() {
			about, err := m.Metadata()
			if err != nil {
				return nil, err
			}
			at = about.Sequence.Stream
			places[m.Subject()] = at
		}
		if err := batch.Error(); err != nil {
			return nil, err
		}
		if at == before {
			return nil, fmt.Errorf("read stream %s: it says nothing behind write %d of %d: %w", t.name, at, last,
				nats.ErrTimeout)
		}
	}
	return places, nil
}

// last returns the last write of a record, also a deletion, and under which name it was sent. It asks the server that
// leads. It returns record.ErrNotFound.
func (t *tape) last(ctx context.Context, stream jetstream.Stream, bucket, key string) (w db.Write, sent string,
	err error) {
	m, err := stream.GetLastMsgForSubject(ctx, t.subjectOf(bucket, key))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return w, "", record.ErrNotFound
	}
	if err != nil {
		return w, "", err
	}
	w, err = decode(m.Data)
	w.Number = m.Sequence
	return w, m.Header.Get(jetstream.MsgIDHeader), err
}

// isConflict reports whether err says that another write was first.
func isConflict(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// noPeers is what JetStream answers when there are too few servers for a stream.
const noPeers = 10005

// isPassing reports whether err may be of servers that are about to find each other.
func isPassing(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return !ok && !errors.As(err, new(*sentence)) || ok && (api.Code >= 500 || api.ErrorCode == noPeers)
}

// Compare looks whether what a replica holds is of the cluster's stream, and all of it is there. It changes nothing. It
// returns the number of the last write of the stream, zero if there is none, and the errors of [Open].
func Compare(ctx context.Context, w *wire.Wire, held *db.View) (last uint64, err error) {
	t, err := newTape(w)
	if err != nil {
		return 0, err
	}
	stream, err := t.js.Stream(ctx, t.name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound) && held.Writes() == 0:
		return 0, nil
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return 0, t.forgot(0, held.Writes())
	case err != nil:
		return 0, fmt.Errorf("read stream %s: %w", t.name, err)
	}
	return stream.CachedInfo().State.LastSeq, t.compare(ctx, stream, held.Writes(), func(yield func(db.Write,
		error) bool) {
		for _, w := range held.All() {
			if !yield(w, nil) {
				return
			}
		}
	})
}
