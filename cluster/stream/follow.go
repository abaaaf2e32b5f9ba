package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/db"
)

const (
	// lookEvery is how often it is looked whether the replica gets what there is, while it lacks something: at least,
	// where the server answers in less than half of that. maxLook is how often in any case.
	lookEvery = 250 * time.Millisecond
	maxLook   = 1500 * time.Millisecond
	// idleBeat is how often the server says that there is nothing new, pullTime how long one request for news lasts.
	idleBeat = time.Second
	pullTime = 5 * time.Second
	// pulled is how many writes may be under way to a replica, and applied how many it takes at once.
	pulled  = 256
	applied = 256
)

var (
	errAgain  = errors.New("the connection was lost")
	errMissed = errors.New("something was lost on the way")
)

// follow does in the replica what the stream says, until ctx is done.
func (s *Store) follow(ctx context.Context) {
	for {
		err := s.pass(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != errAgain && err != errMissed {
			s.failed(err)
		}
		select {
		case <-time.After(redoTime):
		case <-ctx.Done():
			return
		}
	}
}

// failed notes what keeps the replica from following, and logs it once.
func (s *Store) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.trouble, ErrForgot) && !errors.Is(err, ErrForgot) {
		return // a stream that has forgotten something stays one, whatever else there is
	}
	if s.trouble == nil || s.trouble.Error() != err.Error() {
		s.log.Error("the replica does not follow the stream", "stream", s.tape.name, "at", s.at, "err", err)
	}
	s.trouble = err
	s.changedLocked()
	ring(s.news)
}

// recovered notes that it follows.
func (s *Store) recovered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble != nil {
		s.log.Info("the replica follows the stream again", "stream", s.tape.name, "at", s.at)
		s.trouble = nil
		s.changedLocked()
	}
}

// pass follows the stream for as long as nothing goes wrong. What it has missed then, the next pass reads again.
func (s *Store) pass(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	connected := s.wire.Conn().StatusChanged(nats.CONNECTED)
	defer s.wire.Conn().RemoveStatusListener(connected)
	stream, err := s.look(ctx)
	if err != nil {
		return err
	}
	asked := time.Now()
	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq: s.Number() + 1, MemoryStorage: true, Replicas: 1, InactiveThreshold: 2 * pullTime,
	})
	if err != nil {
		return fmt.Errorf("follow stream: %w", err)
	}
	// What a consumer brings first is no sooner here than an answer.
	patience := min(max(lookEvery, 2*time.Since(asked)), maxLook)
	messages, failure := make(chan jetstream.Msg, applied), make(chan error, 1)
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		select {
		case messages <- m:
		case <-ctx.Done():
		}
	}, jetstream.PullMaxMessages(pulled), jetstream.PullExpiry(pullTime), jetstream.PullHeartbeat(idleBeat),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
			select {
			case failure <- err:
			default:
			}
		}))
	if err != nil {
		return fmt.Errorf("follow stream: %w", err)
	}
	defer func() {
		cancel()
		consuming.Stop()
		<-consuming.Closed()
	}()
	return s.take(ctx, messages, failure, connected, patience)
}

// look returns the stream, unless it has forgotten something.
func (s *Store) look(ctx context.Context) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	at := s.Number()
	stream, err := s.tape.js.Stream(ctx, s.tape.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, s.tape.forgot(0, at)
	}
	if err != nil {
		return nil, fmt.Errorf("follow stream: %w", err)
	}
	last := stream.CachedInfo().State.LastSeq
	if last < at {
		return nil, s.tape.forgot(last, at)
	}
	if at > 0 {
		mine, err := s.replica.Get(ctx, idBucket, idKey)
		if err != nil {
			return nil, err
		}
		id, _, err := s.tape.last(ctx, stream, idBucket, idKey)
		if err != nil {
			return nil, fmt.Errorf("follow stream: %w", err)
		}
		if string(id.Value) != string(mine.Value) {
			return nil, say(ErrOther, "The stream %s is another one than when this node started.", s.tape.name)
		}
	}
	s.want(last)
	return stream, nil
}

// take lets the replica do what comes by messages. connected says that the connection was lost, and is there again. If
// the replica lacks something, and gets nothing for as long as patience, something was missed.
func (s *Store) take(ctx context.Context, messages <-chan jetstream.Msg, failure <-chan error,
	connected <-chan nats.Status, patience time.Duration) error {
	var serial uint64 // of the last message
	look := time.After(patience)
	for seen := s.Number(); ; {
		select {
		case m := <-messages:
			batch := []jetstream.Msg{m}
			for len(batch) < applied && len(messages) > 0 {
				batch = append(batch, <-messages)
			}
			writes, err := s.writesOf(batch, &serial)
			if err != nil {
				return err
			}
			if err := s.replica.Follow(ctx, writes); err != nil {
				return err
			}
			s.recovered()
			s.advance(writes[len(writes)-1].Number)
		case err := <-failure:
			return fmt.Errorf("follow stream: %w", err)
		case <-connected:
			return errAgain
		case <-s.behind:
			if look == nil {
				look = time.After(patience)
				seen = s.Number()
			}
		case <-look:
			look = nil
			if s.Lag() == 0 {
				s.recovered()
				break
			}
			if s.Number() == seen {
				return errMissed
			}
			look = time.After(patience)
			seen = s.Number()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// writesOf returns what messages say. serial is the number of the last one that came by this consumer: when one is
// missing the rest is of no use.
func (s *Store) writesOf(messages []jetstream.Msg, serial *uint64) (writes []db.Write, err error) {
	for _, m := range messages {
		about, err := m.Metadata()
		if err != nil {
			return nil, fmt.Errorf("follow stream: %w", err)
		}
		if *serial++; about.Sequence.Consumer != *serial {
			return nil, errMissed
		}
		w, err := decode(m.Data())
		if errors.Is(err, errForeign) {
			s.log.Error("something in the stream is not from Parley, and is left out", "stream", s.tape.name,
				"number", about.Sequence.Stream)
			w, err = db.Write{Deleted: true}, nil // of nothing, so that the numbers go on
		}
		if err != nil {
			return nil, err
		}
		w.Number = about.Sequence.Stream
		writes = append(writes, w)
	}
	return writes, nil
}
