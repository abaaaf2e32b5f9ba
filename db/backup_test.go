package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"parley/chat"
)

func TestBackup(t *testing.T) {
	d := open(t, t.TempDir())
	want := fill(t, d, 60)
	var backup bytes.Buffer
	if err := d.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	if err := d.Restore(t.Context(), bytes.NewReader(backup.Bytes())); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("Restore into a store that is not empty: got %v, want ErrNotEmpty", err)
	}
	dir := t.TempDir()
	restored := open(t, dir)
	if err := restored.Restore(t.Context(), bytes.NewReader(backup.Bytes())); err != nil {
		t.Fatal(err)
	}
	killed := copyFolder(t, dir)
	if !same(t, restored, want) || !same(t, open(t, killed), want) {
		t.Error("the restored records are not the same")
	}
	// user007 was deleted, so the highest revisions are not in the backup.
	highest := uint64(0)
	for _, r := range all(t, d) {
		highest = max(highest, r.Revision)
	}
	if r, err := restored.Put(t.Context(), "accounts", "user007", nil, 0); err != nil || r <= highest {
		t.Errorf("Put after Restore: revision %d, %v, want more than %d", r, err, highest)
	}
}

// TestBackupDamage cuts and flips a backup at many places: nothing of it may be restored.
func TestBackupDamage(t *testing.T) {
	d := open(t, t.TempDir())
	fill(t, d, 20)
	var buf bytes.Buffer
	if err := d.Backup(t.Context(), &buf); err != nil {
		t.Fatal(err)
	}
	whole := buf.Bytes()
	empty := open(t, t.TempDir())
	try := func(what string, at int, b []byte) {
		t.Helper()
		if err := empty.Restore(t.Context(), bytes.NewReader(b)); !errors.Is(err, ErrBadBackup) {
			t.Errorf("%s at byte %d: got %v, want ErrBadBackup", what, at, err)
		}
	}
	for at := 0; at < len(whole); at += 13 {
		try("cut", at, whole[:at])
		flipped := bytes.Clone(whole)
		flipped[at] ^= 0x10
		try("flipped", at, flipped)
	}
	try("cut", len(whole)-1, whole[:len(whole)-1])
	try("something follows", len(whole), append(bytes.Clone(whole), 0))
	try("doubled", len(whole), append(bytes.Clone(whole), whole...))
	if got := all(t, empty); len(got) > 0 {
		t.Errorf("of damaged backups %d records were restored", len(got))
	}
	if err := empty.Restore(t.Context(), bytes.NewReader(whole)); err != nil {
		t.Errorf("Restore of the whole backup afterwards: %v", err)
	}
}

// TestBackupMoment backs up while somebody moves one value back and forth between two records, by a third that says
// where it is.
func TestBackupMoment(t *testing.T) {
	d := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	first, err := d.Put(ctx, "accounts", "first", []byte("0"), 0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.Put(ctx, "accounts", "second", []byte("0"), 0)
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() { // until cancelled
		for n := 1; ctx.Err() == nil; n++ {
			value := fmt.Append(nil, n)
			if first, err = d.Put(ctx, "accounts", "first", value, first); err == nil {
				second, err = d.Put(ctx, "accounts", "second", value, second)
			}
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	for range 10 {
		var backup bytes.Buffer
		if err := d.Backup(t.Context(), &backup); err != nil {
			t.Fatal(err)
		}
		restored := open(t, t.TempDir())
		if err := restored.Restore(t.Context(), &backup); err != nil {
			t.Fatal(err)
		}
		var a, b int
		records := all(t, restored)
		fmt.Sscan(string(records["first"].Value), &a)
		fmt.Sscan(string(records["second"].Value), &b)
		if len(records) != 2 || a != b && a != b+1 {
			t.Errorf("first is %d and second is %d: they never were", a, b)
		}
	}
}

func TestBackupCancelled(t *testing.T) {
	d := open(t, t.TempDir())
	fill(t, d, 10)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Backup(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("Backup: got %v, want context.Canceled", err)
	}
	if err := d.Restore(ctx, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("Restore: got %v, want context.Canceled", err)
	}
	failing := errors.New("no paper")
	if err := d.Backup(t.Context(), writerFunc(func([]byte) (int, error) {
		return 0, failing
	})); !errors.Is(err, failing) {
		t.Errorf("Backup: got %v, want the writer's error", err)
	}
	if _, err := d.Get(t.Context(), "accounts", "nobody"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
