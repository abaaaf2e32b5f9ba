package record

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
)

// A memoryStore keeps records in memory, for tests and for a Parley that should forget.
type memoryStore struct {
	mu       sync.RWMutex // guards all below
	buckets  map[string]map[string]Record
	revision uint64 // of the last write
}

// NewMemoryStore returns a store that lives in memory and dies with the process.
func NewMemoryStore() Store {
	return &memoryStore{buckets: make(map[string]map[string]Record)}
}

func (s *memoryStore) Get(ctx context.Context, bucket, key string) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.buckets[bucket][key]
	if !ok {
		return Record{}, ErrNotFound
	}
	r.Value = slices.Clone(r.Value)
	return r, nil
}

func (s *memoryStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[bucket][key].Revision != revision {
		return 0, ErrConflict
	}
	if s.buckets[bucket] == nil {
		s.buckets[bucket] = make(map[string]Record)
	}
	s.revision++
	s.buckets[bucket][key] = Record{Key: key, Value: slices.Clone(value), Revision: s.revision}
	return s.revision, nil
}

func (s *memoryStore) Delete(ctx context.Context, bucket, key string, revision uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.buckets[bucket][key]
	switch {
	case !ok:
		return ErrNotFound
	case r.Revision != revision:
		return ErrConflict
	}
	delete(s.buckets[bucket], key)
	return nil
}

func (s *memoryStore) List(ctx context.Context, bucket string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		s.mu.RLock()
		records := maps.Clone(s.buckets[bucket])
		s.mu.RUnlock()
		for _, key := range slices.Sorted(maps.Keys(records)) {
			if err := ctx.Err(); err != nil {
				yield(Record{}, err)
				return
			}
			r := records[key]
			r.Value = slices.Clone(r.Value)
			if !yield(r, nil) {
				return
			}
		}
	}
}
