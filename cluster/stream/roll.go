package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/chat/record"
	"parley/cluster/wire"
)

// A Roll is what one learns of the other nodes before one is one of them.
type Roll struct {
	// Live are the names of those that run.
	Live []string
	// Nodes are the names of all that there should be, as the stream says; nil if it does not.
	Nodes []string
}

// nodesKey is where the stream says which nodes there are. A majority means something only if all count the same.
const nodesKey = "nodes"

// Call calls the roll: it listens for as long as a node that runs may be silent, and reads the stream, if there is one.
func Call(ctx context.Context, w *wire.Wire) (r Roll, err error) {
	t, err := newTape(w)
	if err != nil {
		return r, err
	}
	said := make(chan *nats.Msg, 256)
	sub, err := w.Conn().ChanSubscribe(w.Subject("at", "*"), said)
	if err != nil {
		return r, fmt.Errorf("listen for other nodes: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection may be closed already
	if r.Nodes, err = t.nodes(ctx); err != nil {
		return r, err
	}
	for over := time.After(2 * tellEvery); ; {
		select {
		case m := <-said:
			name := wire.Sender(m)
			var p place
			known := slices.Contains(r.Live, name)
			if json.Unmarshal(m.Data, &p) == nil && !p.Bye && !known && len(r.Live) < maxOthers {
				r.Live = append(r.Live, name)
			}
		case <-over:
			slices.Sort(r.Live)
			return r, nil
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}

// nodes returns the names of the nodes, as the stream says. Where the servers are about to find each other, it waits.
func (t *tape) nodes(ctx context.Context) (names []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	for {
		names, err := t.readNodes(ctx)
		if err == nil || !isPassing(err) {
			return names, err
		}
		select {
		case <-time.After(redoTime):
		case <-ctx.Done():
			return nil, say(nil, "The NATS servers store nothing: %v. JetStream has to be on at each of them, and of "+
				"three servers two have to run.", err)
		}
	}
}

func (t *tape) readNodes(ctx context.Context) (names []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	stream, err := t.js.Stream(ctx, t.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w, _, err := t.last(ctx, stream, Bucket, nodesKey)
	if errors.Is(err, record.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(w.Value, &names)
	return names, err
}

// SetNodes says in the stream which nodes there are.
func (s *Store) SetNodes(ctx context.Context, names []string) error {
	value, err := json.Marshal(names)
	if err != nil {
		return err
	}
	r, err := s.Get(ctx, Bucket, nodesKey)
	if err == nil && bytes.Equal(r.Value, value) {
		return nil
	}
	return record.Overwrite(ctx, s.Quick(), Bucket, nodesKey, value)
}
