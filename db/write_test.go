package db

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
)

// TestBubble opens stores inside bubbles. More than one, because Badger keeps objects for reuse in package variables.
func TestBubble(t *testing.T) {
	for range 3 {
		dir := t.TempDir()
		for range 2 {
			synctest.Test(t, func(t *testing.T) {
				d := open(t, dir)
				before := all(t, d)
				var wg sync.WaitGroup
				for w := range 8 {
					wg.Go(func() {
						time.Sleep(time.Duration(w) * time.Minute)
						r := before[fmt.Sprint(w)]
						if _, err := d.Put(t.Context(), "accounts", fmt.Sprint(w), []byte(time.Now().String()),
							r.Revision); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				if got := len(all(t, d)); got != 8 {
					t.Errorf("%d records, want 8", got)
				}
			})
		}
	}
}

// TestTakesAgain tests that the log is not told that the disk takes writes again by one that was not to be written.
func TestTakesAgain(t *testing.T) {
	var log bytes.Buffer
	d, err := Open(t.TempDir(), &Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	put := func(revision uint64, want error, told bool) {
		t.Helper()
		if _, err := d.Put(t.Context(), "accounts", "alice", []byte("a"), revision); !errors.Is(err, want) {
			t.Errorf("Put: %v, want %v", err, want)
		}
		if got := strings.Contains(log.String(), "takes writes again"); got != told {
			t.Errorf("the log was told: %v, want %v", got, told)
		}
	}
	put(0, nil, false)
	d.refuses = true
	put(0, chat.ErrConflict, false)
	put(1, nil, true)
}

// TestGrowth writes the same records over and over, and more than Badger keeps in memory.
func TestGrowth(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	const writers, rounds = 16, 60
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			var r uint64
			var err error
			for n := range rounds {
				key := fmt.Sprint(w)
				if r, err = d.Put(t.Context(), "accounts", key, bytes.Repeat([]byte{byte(n)}, 16<<10), r); err != nil {
					t.Errorf("Put: %v", err)
					return
				}
				if n%20 == 19 {
					if err := d.Delete(t.Context(), "accounts", key, r); err != nil {
						t.Errorf("Delete: %v", err)
						return
					}
					if r = 0; n < rounds-1 {
						continue
					}
					if _, err := d.Put(t.Context(), "accounts", key, []byte("last"), 0); err != nil {
						t.Errorf("Put: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	want := all(t, d)
	killed := copyFolder(t, dir)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if len(want) != writers || string(want["3"].Value) != "last" {
		t.Errorf("%d records, the fourth is %q", len(want), want["3"].Value)
	}
	// 16 MiB were written, and at most a quarter of a MiB was ever alive.
	total := int64(0)
	for _, pattern := range []string{"journal", "badger/*.sst"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range files {
			if info, err := os.Stat(f); err == nil {
				total += info.Size()
			}
		}
	}
	if total > 10<<20 {
		t.Errorf("the folder holds %d MiB, want old versions to be dropped", total>>20)
	}
	for _, dir := range []string{dir, killed} {
		if !same(t, open(t, dir), want) {
			t.Error("after reopening the records are not the same")
		}
	}
}

// inWriter has f done by the writer, as the writer's own things may not be touched by others.
func inWriter(t *testing.T, d *DB, f func() error) {
	t.Helper()
	if err := d.do(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// TestCloseWaits closes a store while somebody is in the middle of a list.
func TestCloseWaits(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := open(t, dir)
		want, seen := fill(t, d, 20), 0
		closed := make(chan error, 1)
		for _, err := range d.List(t.Context(), "accounts") {
			if err != nil {
				t.Error(err)
			}
			if seen++; seen == 1 {
				go func() { closed <- d.Close() }()
			}
			synctest.Wait()
			select {
			case err := <-closed:
				t.Fatalf("Close returned %v in the middle of a list", err)
			default:
			}
			if _, err := d.Get(t.Context(), "accounts", "user000"); !errors.Is(err, ErrClosed) {
				t.Errorf("Get while closing: got %v, want ErrClosed", err)
			}
		}
		if err := <-closed; err != nil || seen != len(want) {
			t.Errorf("Close: %v; listed %d of %d", err, seen, len(want))
		}
	})
}

// TestCatchUp has the journal run ahead of Badger, as when Badger fails between the two.
func TestCatchUp(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	first, err := d.Put(t.Context(), "accounts", "alice", []byte("one"), 0)
	if err != nil {
		t.Fatal(err)
	}
	inWriter(t, d, func() error {
		return d.journal.append([]*entry{
			{op: opPut, bucket: "accounts", key: "alice", value: []byte("two")},
			{op: opPut, bucket: "accounts", key: "bob", value: []byte("one")},
		})
	})
	if _, err := d.Put(t.Context(), "accounts", "alice", []byte("three"), first); !errors.Is(err, chat.ErrConflict) {
		t.Errorf("Put: got %v, want ErrConflict, because the journal has a later write", err)
	}
	for name, want := range map[string]string{"alice": "two", "bob": "one"} {
		if r, err := d.Get(t.Context(), "accounts", name); err != nil || string(r.Value) != want {
			t.Errorf("%s: got %q, %v, want %q", name, r.Value, err, want)
		}
	}
}

func TestBadgerFails(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	want := fill(t, d, 10)
	d.badger.Close()
	if _, err := d.Put(t.Context(), "accounts", "alice", nil, 0); err == nil {
		t.Error("Put: got no error from a Badger that is closed")
	}
	inWriter(t, d, func() error {
		return d.journal.append([]*entry{{op: opPut, bucket: "accounts", key: "bob", value: []byte("one")}})
	})
	if err := d.Close(); err == nil {
		t.Error("Close: got no error, though Badger lacks a write")
	}
	d.closeErr = nil // what the test's end would report
	again := open(t, dir)
	bob, err := again.Get(t.Context(), "accounts", "bob")
	if err != nil {
		t.Errorf("Get: %v", err)
	}
	want["bob"] = bob
	if !same(t, again, want) {
		t.Error("the records are not those in the journal")
	}
}

// TestJournalFails has the journal's file refuse, first to be written and then even to be truncated.
func TestJournalFails(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	want := fill(t, d, 10)
	good := d.journal.f
	bad, err := os.Open(good.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	inWriter(t, d, func() error { d.journal.f = bad; return nil })
	for range 3 {
		if _, err := d.Put(t.Context(), "accounts", "alice", nil, 0); err == nil {
			t.Error("Put: got no error though the journal cannot be written")
		}
	}
	inWriter(t, d, func() error {
		// as if it had been written in part
		_, err := good.WriteAt(bytes.Repeat([]byte("half an entry "), 500), d.journal.size)
		d.journal.f = good
		return err
	})
	if !same(t, d, want) {
		t.Error("a refused Put has changed something")
	}
	r, err := d.Put(t.Context(), "accounts", "alice", []byte("now"), 0)
	if err != nil {
		t.Fatal(err)
	}
	want["alice"] = chat.Record{Key: "alice", Value: []byte("now"), Revision: r}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, sealName)) // the journal alone has to do
	if !same(t, open(t, dir), want) {
		t.Error("after reopening the records are not the same")
	}
}

func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			d := open(b, b.TempDir())
			value := make([]byte, 400)
			var wg sync.WaitGroup
			for w := range writers {
				wg.Go(func() {
					var r uint64
					var err error
					for range (b.N + writers - 1) / writers {
						if r, err = d.Put(b.Context(), "accounts", fmt.Sprint(w), value, r); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func BenchmarkGet(b *testing.B) {
	dir := b.TempDir()
	d := open(b, dir)
	fill(b, d, 1000)
	d.Close()
	d = open(b, dir)
	for n := 0; b.Loop(); n++ {
		if _, err := d.Get(b.Context(), "accounts", fmt.Sprintf("user%03d", n%10*10)); err != nil {
			b.Fatal(err)
		}
	}
}
