package chat

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/held"
)

// A moodyStore takes no writes while it has a reason.
type moodyStore struct {
	Store
	reason atomic.Pointer[error]
}

func (s *moodyStore) refuse(err error) { s.reason.Store(&err) }

func (s *moodyStore) err() error {
	if err := s.reason.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *moodyStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if err := s.err(); err != nil {
		return 0, err
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

func (s *moodyStore) Delete(ctx context.Context, bucket, key string, revision uint64) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.Delete(ctx, bucket, key, revision)
}

// keys returns what is stored in a bucket.
func keys(t *testing.T, s Store, bucket string) string {
	t.Helper()
	var keys []string
	for r, err := range s.List(t.Context(), bucket) {
		must(t, err)
		keys = append(keys, r.Key)
	}
	return strings.Join(keys, " ")
}

// TestSavedLater bans, mutes, and ends both on a disk that takes nothing: all holds at once, and is saved when the disk
// takes it again.
func TestSavedLater(t *testing.T) {
	for reason, want := range map[error]error{ErrDiskFull: ErrUnsavedFull, ErrDiskReadOnly: ErrUnsavedReadOnly} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			store := &moodyStore{Store: NewMemoryStore()}
			n := newTestNode(t, Options{Store: store})
			by := AtConsole()
			register(t, n, "bob", "carol", "dave")
			_, err := n.Ban(ctx, by, target("192.0.2.9"), time.Hour, Text{})
			must(t, err)
			_, err = n.Mute(ctx, by, "dave", 2*time.Second, Text{})
			must(t, err)
			if n.Unsaved() != nil {
				t.Errorf("all is saved, and yet: %s", n.Unsaved())
			}
			store.refuse(reason)
			_, err = n.Ban(ctx, by, target("192.0.2.7"), 0, Text{})
			must(t, err)
			_, err = n.Mute(ctx, by, "bob", time.Hour, Text{})
			must(t, err)
			_, err = n.Mute(ctx, by, "carol", time.Hour, Text{})
			must(t, err)
			_, err = n.Unban(ctx, by, target("192.0.2.9"))
			must(t, err)
			_, err = n.Unmute(ctx, by, "carol")
			must(t, err)
			if got := n.Unsaved(); got != want {
				t.Errorf("operators are told %v, want %v", got, want)
			}
			wantErr(t, n.MayConnect(ctx, netip.MustParseAddr("192.0.2.7")), ErrAddressBanned)
			must(t, n.MayConnect(ctx, netip.MustParseAddr("192.0.2.9")))
			time.Sleep(time.Minute)
			synctest.Wait()
			if got := keys(t, store, bansBucket); got != "192.0.2.9/32" {
				t.Errorf("on disk are the bans %q", got)
			}
			// What is over while it cannot be taken off the disk is in nobody's way.
			_, err = n.Mute(ctx, by, "bob", time.Hour, Clean("again"))
			must(t, err)

			store.refuse(nil)
			time.Sleep(2 * held.SaveEvery)
			synctest.Wait()
			if n.Unsaved() != nil {
				t.Errorf("the disk takes writes, and yet: %s", n.Unsaved())
			}
			if bans, mutes := keys(t, store, bansBucket), keys(t, store, mutesBucket); bans != "192.0.2.7/32" ||
				mutes != "bob" {
				t.Errorf("on disk are the bans %q and the mutes %q", bans, mutes)
			}
			again := newTestNode(t, Options{Store: store})
			wantErr(t, again.MayConnect(ctx, netip.MustParseAddr("192.0.2.7")), ErrAddressBanned)
			s, found, err := again.mutes.Find(ctx, "bob")
			if err != nil || !found || s.Reason.String() != "again" {
				t.Errorf("after a restart bob's mute is %+v, %v", s, err)
			}
		})
	}
}

// TestSavedAtTheEnd closes the node before the next try.
func TestSavedAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &moodyStore{Store: NewMemoryStore()}
		n := New(Options{Store: store})
		store.refuse(ErrDiskFull)
		_, err := n.Ban(t.Context(), AtConsole(), target("192.0.2.7"), 0, Text{})
		must(t, err)
		store.refuse(nil)
		n.Close()
		if got := keys(t, store, bansBucket); got != "192.0.2.7/32" {
			t.Errorf("on disk are the bans %q", got)
		}
	})
}
