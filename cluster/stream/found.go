package stream

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"parley/cluster/wire"
	"parley/db"
)

// ErrThere is returned by [Found] when there is a stream already.
var ErrThere = errors.New("the cluster has a stream already")

// Found makes the cluster's stream from what a backup holds: a new one, of which no replica is there yet. It returns
// how many records it has written, and ErrThere if there is a stream. If it breaks off, what there is of the stream is
// deleted, as far as that can be; what is left no node takes for whole.
func Found(ctx context.Context, w *wire.Wire, from *db.View) (records int, err error) {
	t, err := newTape(w)
	if err != nil {
		return 0, err
	}
	stream, err := t.js.CreateStream(ctx, t.settings())
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return 0, t.there()
	}
	if err != nil {
		return 0, fmt.Errorf("make stream %s: %w", t.name, err)
	}
	if stream.CachedInfo().State.LastSeq > 0 { // made before in the same way, which JetStream does not refuse
		return 0, t.there()
	}
	writes := []db.Write{
		{Bucket: idBucket, Key: idKey, Value: []byte(rand.Text())},
		{Bucket: idBucket, Key: fillKey},
	}
	for _, w := range from.All() {
		if w.Bucket != idBucket { // which tells of the cluster that it was
			writes = append(writes, w)
			records++
		}
	}
	writes = append(writes, db.Write{Bucket: idBucket, Key: fillKey, Deleted: true})
	for i := range writes {
		_, err := t.js.Publish(ctx, t.subjectOf(writes[i].Bucket, writes[i].Key), encode(&writes[i]),
			jetstream.WithExpectLastSequence(uint64(i)))
		if isConflict(err) { // somebody has begun to write at the same time, and the stream is theirs
			return 0, t.there()
		}
		if err != nil {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
			defer cancel()
			return 0, errors.Join(fmt.Errorf("write to stream %s: %w", t.name, err), t.js.DeleteStream(clean, t.name))
		}
	}
	return records, nil
}

func (t *tape) there() error {
	return say(ErrThere, "There is a stream %s already. Delete it first, with \"nats stream rm %[1]s\", if you are "+
		"sure that nothing in it is needed.", t.name)
}
