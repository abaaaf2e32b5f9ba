package record

import (
	"context"
	"errors"
	"testing"
)

// A racedStore is one in which somebody else writes just before each of the first writes.
type racedStore struct {
	Store
	others int // that are still to write
}

func (s *racedStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if s.others--; s.others >= 0 {
		r, _ := s.Store.Get(ctx, bucket, key)
		if _, err := s.Store.Put(ctx, bucket, key, append(r.Value, 'o'), r.Revision); err != nil {
			return 0, err
		}
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

// TestChange tests that a change is made of what was there last, whoever else writes, that it may be none, and that a
// record can come and go by it.
func TestChange(t *testing.T) {
	ctx, s := t.Context(), &racedStore{NewMemoryStore(), 2}
	more := func(r Record) ([]byte, error) { return append(r.Value, 'm'), nil }
	want := func(value string, change func(Record) ([]byte, error), refused error) {
		t.Helper()
		if err := Change(ctx, s, "bucket", "key", change); !errors.Is(err, refused) {
			t.Fatalf("Change: %v, want %v", err, refused)
		}
		if r, err := s.Get(ctx, "bucket", "key"); string(r.Value) != value || (err == nil) != (value != "") {
			t.Fatalf("there is %q, %v; want %q", r.Value, err, value)
		}
	}
	want("oom", more, nil)
	want("oomm", more, nil)
	want("oomm", func(Record) ([]byte, error) { return []byte("x"), ErrUnchanged }, nil)
	want("oomm", func(Record) ([]byte, error) { return []byte("x"), ErrMaybeSaved }, ErrMaybeSaved)
	want("", func(Record) ([]byte, error) { return nil, nil }, nil)
	want("", func(Record) ([]byte, error) { return nil, nil }, nil)
	want("m", more, nil)
	s.others = MaxRetries + 1
	if err := Change(ctx, s, "bucket", "key", more); !errors.Is(err, ErrConflict) {
		t.Errorf("while others write again and again: %v", err)
	}
}
