package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"parley/chat/record"
	"parley/db"
)

const (
	// writeTime is how long a write may take.
	writeTime = 3 * time.Second
	// ackTime is how long one answer is waited for, before the write is sent again under the same name.
	ackTime = time.Second
	// redoTime is how long to wait before something is tried again.
	redoTime = 100 * time.Millisecond
	// flightTime is how long to wait for a write of the same record that is under way.
	flightTime = 2 * time.Millisecond
)

// inProcess is what JetStream answers when it has a write of that name already, and has not stored it yet.
const inProcess = 10158

// publish lets JetStream take w if the record is at the given revision, and returns its number. It returns
// record.ErrConflict, once the replica has the write that was first; record.ErrUnreachable, when no server was reached;
// and record.ErrMaybeSaved when JetStream may have taken it, whatever was answered later.
func (s *Store) publish(ctx context.Context, w *db.Write, revision uint64) (uint64, error) {
	p := &publication{store: s, write: w, subject: s.tape.subjectOf(w.Bucket, w.Key), name: nuid.Next(),
		expected: revision, revision: revision}
	for {
		number, err := p.send(ctx)
		if err == nil && number == 0 {
			err = p.pause(ctx)
			if err != nil && !p.unknown {
				return 0, record.ErrUnreachable
			}
		}
		if err != nil && p.unknown && !errors.Is(err, record.ErrForgotten) {
			return 0, record.ErrMaybeSaved
		}
		if number > 0 || err != nil {
			return number, err
		}
	}
}

// A publication is a write on its way.
type publication struct {
	store    *Store
	write    *db.Write
	subject  string
	name     string // JetStream takes one write of a name
	revision uint64
	expected uint64        // the number of the record's last write
	unknown  bool          // JetStream may have taken it
	wait     time.Duration // before it is sent again
}

func (p *publication) pause(ctx context.Context) error {
	select {
	case <-time.After(p.wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send sends the write once. It returns zero and nil if it is to be sent again.
func (p *publication) send(ctx context.Context) (uint64, error) {
	once, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	before := p.store.Number()
	ack, err := p.store.tape.js.Publish(once, p.subject, encode(p.write), jetstream.WithMsgID(p.name),
		jetstream.WithExpectLastSequencePerSubject(p.expected), jetstream.WithRetryAttempts(0))
	p.wait = redoTime
	api, isAPI := errors.AsType[*jetstream.APIError](err)
	switch {
	case err == nil && ack.Sequence <= before && !ack.Duplicate:
		p.store.failed(p.store.tape.forgot(ack.Sequence, before))
		return 0, record.ErrForgotten
	case err == nil:
		return ack.Sequence, nil
	case isConflict(err):
		return p.refused(once)
	case isAPI && api.Code < 500 && api.ErrorCode != inProcess:
		return 0, fmt.Errorf("write to stream: %w", err)
	case errors.Is(err, jetstream.ErrNoStreamResponse), errors.Is(err, nats.ErrNoResponders),
		errors.Is(err, nats.ErrReconnectBufExceeded), errors.Is(err, nats.ErrConnectionReconnecting):
		return 0, nil // nobody has taken it
	case errors.Is(err, nats.ErrConnectionClosed):
		return 0, record.ErrUnreachable
	}
	p.unknown = true
	return 0, nil
}

// refused finds out who was first.
func (p *publication) refused(ctx context.Context) (uint64, error) {
	stream, err := p.store.tape.js.Stream(ctx, p.store.tape.name)
	if err != nil {
		return 0, nil
	}
	last, name, err := p.store.tape.last(ctx, stream, p.write.Bucket, p.write.Key)
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return 0, nil
	}
	switch {
	case name == p.name:
		return last.Number, nil // it was this one: the answer had been lost
	case last.Number == p.expected:
		p.wait = flightTime // of another one that is not there yet, and may never be
		return 0, nil
	case last.Number < p.expected:
		return 0, p.store.writable() // who answers is behind, or has forgotten it
	case p.revision == 0 && last.Deleted && !p.unknown:
		p.expected, p.wait = last.Number, 0
		return 0, nil
	}
	p.store.want(last.Number)
	_ = p.store.await(ctx, last.Number) // else the next attempt is refused, too
	return 0, record.ErrConflict        // publish knows whether this one may have been there before
}
