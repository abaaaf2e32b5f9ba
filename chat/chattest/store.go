package chattest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"parley/chat"
)

// TestStore tests a [chat.Store]. open returns an empty one; whoever opens it has it closed at the end of the test that
// t belongs to. The tests start goroutines, and all of them have ended when TestStore returns.
func TestStore(t *testing.T, open func(t *testing.T) chat.Store) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, chat.Store)
	}{
		{"one record from beginning to end", testLife},
		{"refusals write nothing", testRefusals},
		{"create again after delete", testRecreate},
		{"buckets are apart", testBuckets},
		{"odd keys", testOddKeys},
		{"values of every size", testValues},
		{"values are copies", testCopies},
		{"list is in order", testListOrder},
		{"list is of one moment", testListMoment},
		{"list can be broken off", testListBreak},
		{"many writers of one key", testRace},
		{"many writers of many keys", testCrowd},
		{"one creator", testOneCreator},
		{"cancelled contexts", testCancelled},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t)) })
	}
}

const bucket = "accounts"

func testLife(t *testing.T, s chat.Store) {
	ctx := t.Context()
	if _, err := s.Get(ctx, bucket, "alice"); !errors.Is(err, chat.ErrNotFound) {
		t.Fatalf("Get before Put: got %v, want ErrNotFound", err)
	}
	first := put(t, s, bucket, "alice", "one", 0)
	want(t, s, bucket, "alice", "one", first)
	second := put(t, s, bucket, "alice", "two", first)
	if second <= first {
		t.Errorf("revision %d after %d, want it to grow", second, first)
	}
	want(t, s, bucket, "alice", "two", second)
	if err := s.Delete(ctx, bucket, "alice", second); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	if r, err := s.Get(ctx, bucket, "alice"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("Get after Delete: got %+v, %v, want ErrNotFound", r, err)
	}
	if got := list(t, s, bucket); len(got) != 0 {
		t.Errorf("List after Delete: got %v, want nothing", got)
	}
}

func testRefusals(t *testing.T, s chat.Store) {
	ctx := t.Context()
	old := put(t, s, bucket, "alice", "old", 0)
	now := put(t, s, bucket, "alice", "now", old)
	for _, tt := range []struct {
		name     string
		key      string
		revision uint64
		del      bool
		want     error
	}{
		{"put as new what exists", "alice", 0, false, chat.ErrConflict},
		{"put at an old revision", "alice", old, false, chat.ErrConflict},
		{"put at a revision to come", "alice", now + 1, false, chat.ErrConflict},
		{"put at a revision of what does not exist", "bob", 1, false, chat.ErrConflict},
		{"delete at an old revision", "alice", old, true, chat.ErrConflict},
		{"delete at a revision to come", "alice", now + 1, true, chat.ErrConflict},
		{"delete at revision zero", "alice", 0, true, chat.ErrConflict},
		{"delete what does not exist", "bob", 1, true, chat.ErrNotFound},
		{"delete at revision zero what does not exist", "bob", 0, true, chat.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if tt.del {
				err = s.Delete(ctx, bucket, tt.key, tt.revision)
			} else {
				_, err = s.Put(ctx, bucket, tt.key, []byte("refused"), tt.revision)
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			want(t, s, bucket, "alice", "now", now)
			if _, err := s.Get(ctx, bucket, "bob"); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("Get bob: got %v, want ErrNotFound", err)
			}
		})
	}
}

func testRecreate(t *testing.T, s chat.Store) {
	last := uint64(0)
	for n := range 5 {
		r := put(t, s, bucket, "alice", strconv.Itoa(n), 0)
		if r <= last {
			t.Fatalf("revision %d after %d, want it to grow with every write of the key, deletes between", r, last)
		}
		want(t, s, bucket, "alice", strconv.Itoa(n), r)
		if err := s.Delete(t.Context(), bucket, "alice", r); err != nil {
			t.Fatalf("Delete: %v", err)
		}
		if _, err := s.Put(t.Context(), bucket, "alice", []byte("late"), r); !errors.Is(err, chat.ErrConflict) {
			t.Fatalf("Put at the revision that was deleted: got %v, want ErrConflict", err)
		}
		last = r
	}
}

func testBuckets(t *testing.T, s chat.Store) {
	// Bucket and key run together to the same bytes, whatever stands between them.
	type place struct{ bucket, key string }
	var places []place
	for _, whole := range []string{"abc", "a/b/c", "a\x00b\x00c", "a:b:c", "\x00\x01a\x00\x01"} {
		for i := 1; i < len(whole); i++ {
			places = append(places, place{whole[:i], whole[i:]})
		}
	}
	revisions := make(map[place]uint64)
	for _, p := range places {
		revisions[p] = put(t, s, p.bucket, p.key, fmt.Sprintf("%q", p), 0)
	}
	for _, p := range places {
		want(t, s, p.bucket, p.key, fmt.Sprintf("%q", p), revisions[p])
		for _, r := range list(t, s, p.bucket) {
			if got, want := string(r.Value), fmt.Sprintf("%q", place{p.bucket, r.Key}); got != want {
				t.Errorf("List %q: key %q has %s", p.bucket, r.Key, got)
			}
		}
	}
	if got := list(t, s, "ab"); len(got) != 1 || got[0].Key != "c" {
		t.Errorf("List ab: got %v, want the key c alone", got)
	}
}

func testOddKeys(t *testing.T, s chat.Store) {
	keys := []string{
		"", "a", "ab", "abc", "a\x00", "a\x00b", "\x00", "\x00\x00", "\xff", "\xff\xff", "a\xff", "A", "Ä", "名前",
		" ", "\n", "!badger!", "!badger!txn", "../up", "a/b", "a.b.*.>", "\xc3\x28", strings.Repeat("k", 256),
		strings.Repeat("k", 257),
	}
	revisions := make(map[string]uint64)
	for _, k := range keys {
		revisions[k] = put(t, s, bucket, k, "value of "+k, 0)
	}
	for _, k := range keys {
		want(t, s, bucket, k, "value of "+k, revisions[k])
	}
	slices.Sort(keys)
	if got := keysOf(list(t, s, bucket)); !slices.Equal(got, keys) {
		t.Errorf("List: got %q\nwant %q", got, keys)
	}
	for _, k := range keys {
		if err := s.Delete(t.Context(), bucket, k, revisions[k]); err != nil {
			t.Errorf("Delete %q: %v", k, err)
		}
	}
	if got := list(t, s, bucket); len(got) != 0 {
		t.Errorf("List after deleting all: got %q", keysOf(got))
	}
}

func testValues(t *testing.T, s chat.Store) {
	for _, size := range []int{0, 1, 2, 255, 256, 4095, 4096, 4097, 32 << 10, 64<<10 - 1, 64 << 10} {
		value := make([]byte, size)
		for i := range value {
			value[i] = byte(i * 7)
		}
		key := strconv.Itoa(size)
		r := put(t, s, bucket, key, string(value), 0)
		want(t, s, bucket, key, string(value), r)
		value = append(value, 'x')[1:]
		want(t, s, bucket, key, string(value), put(t, s, bucket, key, string(value), r))
	}
	r, err := s.Put(t.Context(), bucket, "nil", nil, 0)
	if err != nil {
		t.Fatalf("Put nil: %v", err)
	}
	want(t, s, bucket, "nil", "", r)
}

func testCopies(t *testing.T, s chat.Store) {
	value := []byte("value")
	r, err := s.Put(t.Context(), bucket, "alice", value, 0)
	if err != nil {
		t.Fatal(err)
	}
	copy(value, "other")
	want(t, s, bucket, "alice", "value", r)
	got, err := s.Get(t.Context(), bucket, "alice")
	if err != nil {
		t.Fatal(err)
	}
	copy(got.Value, "other")
	copy(list(t, s, bucket)[0].Value, "other")
	want(t, s, bucket, "alice", "value", r)
}

func testListOrder(t *testing.T, s chat.Store) {
	if got := list(t, s, bucket); len(got) != 0 {
		t.Fatalf("List of nothing: got %v", got)
	}
	var names []string
	for n := range 100 {
		name := fmt.Sprintf("user%d", n*37%100)
		names = append(names, name)
		put(t, s, bucket, name, "v", 0)
	}
	slices.Sort(names)
	got := list(t, s, bucket)
	if !slices.Equal(keysOf(got), names) {
		t.Errorf("List: got %q\nwant %q", keysOf(got), names)
	}
	for _, r := range got {
		want(t, s, bucket, r.Key, string(r.Value), r.Revision)
	}
}

func testListMoment(t *testing.T, s chat.Store) {
	ctx := t.Context()
	revisions := make(map[string]uint64)
	for n := range 20 {
		key := fmt.Sprintf("%02d", n)
		revisions[key] = put(t, s, bucket, key, "before", 0)
	}
	var got []string
	for r, err := range s.List(ctx, bucket) {
		if err != nil {
			t.Fatal(err)
		}
		if string(r.Value) != "before" || r.Revision != revisions[r.Key] {
			t.Errorf("List: %s is %q at %d, which is later than the list", r.Key, r.Value, r.Revision)
		}
		got = append(got, r.Key)
		if len(got) > 1 {
			continue
		}
		for key, revision := range revisions {
			if key == "10" {
				if err := s.Delete(ctx, bucket, key, revision); err != nil {
					t.Fatal(err)
				}
				continue
			}
			put(t, s, bucket, key, "after", revision)
		}
		put(t, s, bucket, "99", "after", 0)
	}
	if len(got) != 20 {
		t.Errorf("List: got %q, want the 20 keys from before", got)
	}
	if now := list(t, s, bucket); len(now) != 20 || string(now[0].Value) != "after" {
		t.Errorf("the next List: got %q, want 20 keys with what was written meanwhile", keysOf(now))
	}
}

func testListBreak(t *testing.T, s chat.Store) {
	for n := range 10 {
		put(t, s, bucket, strconv.Itoa(n), "v", 0)
	}
	seen := 0
	for _, err := range s.List(t.Context(), bucket) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("saw %d records, want 3", seen)
	}
	put(t, s, bucket, "later", "v", 0)
}

// testRace has writers count in one record. Every revision may be written upon once, so that no count gets lost.
func testRace(t *testing.T, s chat.Store) {
	const writers, counts = 8, 25
	put(t, s, bucket, "counter", "0", 0)
	var mu sync.Mutex // guards winners
	winners := make(map[uint64]int)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for done := 0; done < counts; {
				r, err := s.Get(t.Context(), bucket, "counter")
				if err != nil {
					t.Errorf("writer %d: Get: %v", w, err)
					return
				}
				n, _ := strconv.Atoi(string(r.Value))
				next, err := s.Put(t.Context(), bucket, "counter", []byte(strconv.Itoa(n+1)), r.Revision)
				if errors.Is(err, chat.ErrConflict) {
					continue // somebody else got ahead, so this ends
				}
				if err != nil {
					t.Errorf("writer %d: Put: %v", w, err)
					return
				}
				if next <= r.Revision {
					t.Errorf("writer %d: revision %d after %d", w, next, r.Revision)
				}
				mu.Lock()
				winners[r.Revision]++
				mu.Unlock()
				done++
			}
		})
	}
	wg.Wait()
	for revision, n := range winners {
		if n != 1 {
			t.Errorf("revision %d was written upon %d times", revision, n)
		}
	}
	r, err := s.Get(t.Context(), bucket, "counter")
	if err != nil || string(r.Value) != strconv.Itoa(writers*counts) {
		t.Errorf("counter: got %q, %v, want %d", r.Value, err, writers*counts)
	}
}

func testCrowd(t *testing.T, s chat.Store) {
	const writers, keys = 16, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for k := range keys {
				key := fmt.Sprintf("%02d-%02d", w, k)
				r, err := s.Put(t.Context(), bucket, key, []byte(key), 0)
				if err != nil {
					t.Errorf("Put %s: %v", key, err)
					return
				}
				if got, err := s.Get(t.Context(), bucket, key); err != nil || string(got.Value) != key ||
					got.Revision != r {
					t.Errorf("Get %s after Put: got %q at %d, %v, want it at %d", key, got.Value, got.Revision, err, r)
				}
				for _, err := range s.List(t.Context(), bucket) {
					if err != nil {
						t.Errorf("List: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	if got := list(t, s, bucket); len(got) != writers*keys {
		t.Errorf("List: got %d records, want %d", len(got), writers*keys)
	}
}

func testOneCreator(t *testing.T, s chat.Store) {
	for round := range 10 {
		key := strconv.Itoa(round)
		var mu sync.Mutex // guards created
		var created []string
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				value := strconv.Itoa(w)
				_, err := s.Put(t.Context(), bucket, key, []byte(value), 0)
				if err == nil {
					mu.Lock()
					created = append(created, value)
					mu.Unlock()
				} else if !errors.Is(err, chat.ErrConflict) {
					t.Errorf("Put: %v", err)
				}
			})
		}
		wg.Wait()
		r, err := s.Get(t.Context(), bucket, key)
		if err != nil || len(created) != 1 || string(r.Value) != created[0] {
			t.Errorf("round %d: created by %q, record is %q, %v", round, created, r.Value, err)
		}
	}
}

func testCancelled(t *testing.T, s chat.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	revision := put(t, s, bucket, "alice", "before", 0)
	put(t, s, bucket, "bob", "before", 0)
	listed, told := 0, error(nil)
	for _, err := range s.List(ctx, bucket) {
		if listed++; listed == 1 && err != nil {
			t.Fatal(err)
		}
		cancel()
		told = err
	}
	if listed != 2 || !errors.Is(told, context.Canceled) { // a list that is cut short must not look whole
		t.Errorf("List after cancel: %d records, the last with %v, want context.Canceled in place of the second",
			listed, told)
	}
	if _, err := s.Get(ctx, bucket, "alice"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: got %v, want context.Canceled", err)
	}
	if _, err := s.Put(ctx, bucket, "alice", []byte("after"), revision); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: got %v, want context.Canceled", err)
	}
	if err := s.Delete(ctx, bucket, "alice", revision); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete: got %v, want context.Canceled", err)
	}
	ended := false
	for _, err := range s.List(ctx, bucket) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("List: got %v, want context.Canceled", err)
		}
		if ended {
			t.Error("List goes on after its error")
		}
		ended = true
	}
	if !ended {
		t.Error("List: got no error, want context.Canceled")
	}
	want(t, s, bucket, "alice", "before", revision)
}

func put(t *testing.T, s chat.Store, bucket, key, value string, revision uint64) uint64 {
	t.Helper()
	r, err := s.Put(t.Context(), bucket, key, []byte(value), revision)
	if err != nil {
		t.Fatalf("Put %q at %d: %v", key, revision, err)
	}
	if r == 0 {
		t.Fatalf("Put %q: revision zero, which means that there is no such record", key)
	}
	return r
}

func want(t *testing.T, s chat.Store, bucket, key, value string, revision uint64) {
	t.Helper()
	r, err := s.Get(t.Context(), bucket, key)
	if err != nil {
		t.Errorf("Get %q: %v", key, err)
		return
	}
	if r.Key != key || !bytes.Equal(r.Value, []byte(value)) || r.Revision != revision {
		t.Errorf("Get %q: got key %q, %d bytes %.40q at %d, want %d bytes %.40q at %d",
			key, r.Key, len(r.Value), r.Value, r.Revision, len(value), value, revision)
	}
}

func list(t *testing.T, s chat.Store, bucket string) []chat.Record {
	t.Helper()
	var all []chat.Record
	for r, err := range s.List(t.Context(), bucket) {
		if err != nil {
			t.Fatalf("List %q: %v", bucket, err)
		}
		all = append(all, r)
	}
	return all
}

func keysOf(records []chat.Record) []string {
	var keys []string
	for _, r := range records {
		keys = append(keys, r.Key)
	}
	return keys
}
