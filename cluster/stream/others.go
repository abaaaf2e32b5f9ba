package stream

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"parley/cluster/wire"
)

// tellEvery is how often a node says where its replica is, beside each time that has changed.
const tellEvery = 500 * time.Millisecond

// maxOthers bounds of how many nodes it is known where they are.
const maxOthers = 16

// A place is what a node tells the others of its replica.
type place struct {
	At uint64 `json:"at"`
	// Stuck says that the replica is so far behind that nobody reads it: so nobody needs to wait for it.
	Stuck bool `json:"stuck,omitempty"`
	// Hello says that the node starts, and wants to hear of the others.
	Hello bool `json:"hello,omitempty"`
	// Bye says that the node stops.
	Bye bool `json:"bye,omitempty"`
}

// An other is what is known of another node.
type other struct {
	at    uint64
	stuck bool
	heard time.Time
}

// lives reports whether the node has said something lately. One that has not is fenced: it serves nobody.
func (o other) lives() bool { return time.Since(o.heard) < staleTime }

// tell tells the others where the replica is, until ctx is done.
func (s *Store) tell(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for hello := true; ; hello = false {
		s.mu.Lock()
		p := place{At: s.at, Stuck: s.readableLocked() != nil, Hello: hello}
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			p.Bye = true
			s.send(p)
			return
		default:
			s.send(p)
		}
		select {
		case <-s.news:
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (s *Store) send(p place) {
	b, err := json.Marshal(p)
	if err == nil {
		err = s.wire.Conn().Publish(s.wire.Subject("at", s.wire.Node()), b)
	}
	if err != nil && !errors.Is(err, nats.ErrReconnectBufExceeded) {
		s.log.Debug("the others were not told where the replica is", "err", err)
	}
}

// heard hears where another replica is.
func (s *Store) heard(m *nats.Msg) {
	node := wire.Sender(m)
	var p place
	if json.Unmarshal(m.Data, &p) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if node == s.wire.Node() {
		return
	}
	if _, known := s.others[node]; p.Bye || !known && len(s.others) >= maxOthers {
		delete(s.others, node)
	} else {
		s.others[node] = other{p.At, p.Stuck, time.Now()}
	}
	if p.Hello {
		ring(s.news)
	}
	s.wantLocked(p.At)
	s.changedLocked()
}

// awaitOthers waits until every other node that lives has the write of that number, or refuses to be read.
func (s *Store) awaitOthers(ctx context.Context, number uint64) {
	over := time.NewTimer(staleTime + tellEvery)
	defer over.Stop()
	for {
		s.mu.Lock()
		lacks, moved := s.lackLocked(number), s.moved
		s.mu.Unlock()
		if !lacks {
			return
		}
		select {
		case <-moved:
		case <-time.After(tellEvery): // one of them may have stopped to live
		case <-over.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// lackLocked reports whether a node that lives lacks the write of that number.
func (s *Store) lackLocked(number uint64) bool {
	for _, o := range s.others {
		if o.lives() && !o.stuck && o.at < number {
			return true
		}
	}
	return false
}

// A Place is where the replica of a node is, as far as this one knows.
type Place struct {
	// At is the number of its last write, and Lag how many it lacks.
	At, Lag uint64
	// Behind says that it is so far behind that nobody reads it.
	Behind bool
}

// Places returns where the replicas of those nodes are that live, by their names: this one's too.
func (s *Store) Places() map[string]Place {
	s.mu.Lock()
	defer s.mu.Unlock()
	lag := func(at uint64) uint64 { return s.wanted - min(s.wanted, at) }
	places := map[string]Place{s.wire.Node(): {s.at, lag(s.at), s.readableLocked() != nil}}
	for name, o := range s.others {
		if o.lives() {
			places[name] = Place{o.at, lag(o.at), o.stuck}
		}
	}
	return places
}
