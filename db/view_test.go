package db

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"parley/chat"
)

// viewed returns all accounts of a view.
func viewed(t *testing.T, v *View) map[string]chat.Record {
	t.Helper()
	records := make(map[string]chat.Record)
	for r, err := range v.List(t.Context(), "accounts") {
		if err != nil {
			t.Fatal(err)
		}
		records[r.Key] = r
	}
	return records
}

func equalRecord(a, b chat.Record) bool {
	return a.Key == b.Key && a.Revision == b.Revision && bytes.Equal(a.Value, b.Value)
}

func TestView(t *testing.T) {
	closed, killed, want := folders(t)
	for _, dir := range []string{closed, killed} {
		v, err := OpenView(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.EqualFunc(viewed(t, v), want, equalRecord) || v.Records() != len(want) {
			t.Errorf("%d records, want the %d", v.Records(), len(want))
		}
		for key, r := range want {
			if got, err := v.Get(t.Context(), "accounts", key); err != nil || !equalRecord(got, r) {
				t.Errorf("Get %s: got %v, %v", key, got, err)
			}
		}
		if _, err := v.Get(t.Context(), "accounts", "nobody"); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("Get of nobody: %v", err)
		}
		if _, err := v.Put(t.Context(), "accounts", "nobody", nil, 0); !errors.Is(err, ErrReadOnly) {
			t.Errorf("Put: %v", err)
		}
		if err := v.Delete(t.Context(), "accounts", "user001", want["user001"].Revision); !errors.Is(err, ErrReadOnly) {
			t.Errorf("Delete: %v", err)
		}
		// A backup of a view is one of the store.
		var b bytes.Buffer
		if err := v.Backup(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		again, err := ReadBackup(bytes.NewReader(b.Bytes()))
		if err != nil || !maps.EqualFunc(viewed(t, again), want, equalRecord) || again.Writes() != v.Writes() {
			t.Errorf("the backup holds %d records, %v", again.Records(), err)
		}
		fresh := open(t, t.TempDir())
		if err := fresh.Restore(t.Context(), &b); err != nil || !same(t, fresh, want) {
			t.Errorf("the backup does not restore the same: %v", err)
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	v, err := OpenView(closed)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Backup(canceled, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("Backup: %v, want context.Canceled", err)
	}
}

func TestViewRefused(t *testing.T) {
	closed, _, _ := folders(t)
	if _, err := OpenView(filepath.Join(closed, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a folder that is not there: %v", err)
	}
	empty := t.TempDir()
	if v, err := OpenView(empty); err != nil || v.Records() != 0 || v.Writes() != 0 {
		t.Errorf("of an empty folder: %v", err)
	}
	if left, _ := os.ReadDir(empty); len(left) > 0 {
		t.Errorf("left in the empty folder: %v", left)
	}
	open(t, empty)
	if _, err := OpenView(empty); !errors.Is(err, ErrLocked) {
		t.Errorf("of an open folder: %v, want ErrLocked", err)
	}
	// Badger alone is whole: that is for a start to mend.
	flip(t, filepath.Join(closed, journalName), 400)
	if _, err := OpenView(closed); !errors.Is(err, ErrDamaged) {
		t.Errorf("with a damaged journal: %v, want ErrDamaged", err)
	}
}

// TestUndo takes back what Open has made, and nothing else.
func TestUndo(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "new", "data")
	d, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Undo(); err != nil || !d.Made() {
		t.Errorf("Undo: %v; made: %v", err, d.Made())
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	d = open(t, dir)
	want := fill(t, d, 5)
	if err := d.Undo(); err != nil { // it was written to
		t.Fatal(err)
	}
	again := open(t, dir)
	if again.Made() || !same(t, again, want) {
		t.Error("Undo has taken records away")
	}
	if err := again.Undo(); err != nil {
		t.Fatal(err)
	}
	if !same(t, open(t, dir), want) {
		t.Error("Undo has taken away what Open did not make")
	}
	empty := t.TempDir()
	for i := range 2 { // a store that is empty, but was there
		if d, err = Open(empty, nil); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			err = d.Close()
		} else {
			err = d.Undo()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(empty, journalName)); err != nil {
		t.Errorf("Undo has taken away an empty store that was there: %v", err)
	}
}
