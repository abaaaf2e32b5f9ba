//go:build linux

package db

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"parley/chat"
	"parley/db/dbtest"
)

func openAt(t *testing.T, dir string, minFree int64) *DB {
	t.Helper()
	d, err := Open(dir, &Options{Log: slog.New(slog.DiscardHandler), MinFree: minFree})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDiskFull fills the disk under an open store.
func TestDiskFull(t *testing.T) {
	for _, tt := range []struct {
		name    string
		minFree int64
	}{
		{"refused in time", 4 << 20},
		{"refused by the disk itself", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			disk := dbtest.SmallDisk(t, 32)
			dir := filepath.Join(disk, "data")
			d := openAt(t, dir, tt.minFree)
			want := fill(t, d, 50)
			filler := dbtest.FillDisk(t, disk)
			refused := 0
			for n := range 20_000 {
				key := fmt.Sprintf("late%d", n)
				r, err := d.Put(t.Context(), "accounts", key, []byte("late"), 0)
				switch {
				case err == nil: // the disk had a corner left
					want[key] = chat.Record{Key: key, Value: []byte("late"), Revision: r}
				case errors.Is(err, chat.ErrDiskFull):
					refused++
				default:
					t.Fatalf("Put %d: got %v, want chat.ErrDiskFull", n, err)
				}
			}
			if refused < 19_000 {
				t.Fatalf("%d of 20,000 writes refused: the disk was not full", refused)
			}
			if !same(t, d, want) {
				t.Error("on the full disk the records are not the same")
			}
			if err := os.Truncate(filler, 1<<20); err != nil {
				t.Fatal(err)
			}
			// The journal's last page lets some writes through before the disk is full again; Badger's maps must be
			// ready for them, at whatever place within a page each happens to be.
			var r uint64
			for n := range 30 {
				value, err := make([]byte, n*1009%4096), error(nil)
				if r, err = d.Put(t.Context(), "accounts", "alice", value, r); err != nil {
					t.Fatalf("Put with room again: %v", err)
				}
				want["alice"] = chat.Record{Key: "alice", Value: value, Revision: r}
				dbtest.FillDisk(t, disk)
				for i := range 200 {
					key := fmt.Sprintf("corner%d-%d", n, i)
					r, err := d.Put(t.Context(), "accounts", key, nil, 0)
					if err != nil {
						break
					}
					want[key] = chat.Record{Key: key, Revision: r}
				}
				if err := os.Truncate(filler, 1<<20); err != nil {
					t.Fatal(err)
				}
			}
			dbtest.FillDisk(t, disk)
			if err := d.Close(); err != nil {
				t.Errorf("Close on the full disk: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, sealName)); err != nil {
				t.Errorf("not closed in good order: %v", err)
			}
			// On the full disk it opens to be read, and closes again as if nothing had been.
			for range 2 {
				dbtest.FillDisk(t, disk)
				waiting := openAt(t, dir, tt.minFree)
				if _, err := waiting.Put(t.Context(), "accounts", "new", nil, 0); !errors.Is(err, chat.ErrDiskFull) {
					t.Errorf("Put on the full disk: got %v, want chat.ErrDiskFull", err)
				}
				if !same(t, waiting, want) {
					t.Error("opened on the full disk the records are not the same")
				}
				if err := waiting.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			again := openAt(t, dir, tt.minFree)
			os.Remove(filler)
			r, err := again.Put(t.Context(), "accounts", "new", nil, 0)
			if err != nil {
				t.Errorf("Put with room again: %v", err)
			}
			want["new"] = chat.Record{Key: "new", Revision: r}
			if !same(t, again, want) {
				t.Error("with room again the records are not the same")
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
			if again = openAt(t, dir, tt.minFree); !same(t, again, want) {
				t.Error("after reopening the records are not the same")
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOpenKilledOnFullDisk opens what a kill left on a disk that is full, lets many read while it gets room and takes
// writes, and looks that nothing is lost. There is more than Badger's memory tables hold.
func TestOpenKilledOnFullDisk(t *testing.T) {
	disk := dbtest.SmallDisk(t, 64)
	dir := filepath.Join(disk, "data")
	source := t.TempDir()
	d := openAt(t, source, 4<<20)
	value := bytes.Repeat([]byte("v"), 16<<10)
	for n := range 400 {
		if _, err := d.Put(t.Context(), "accounts", fmt.Sprintf("big%03d", n), value, 0); err != nil {
			t.Fatal(err)
		}
	}
	want := all(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(source, sealName)), os.CopyFS(dir, os.DirFS(source))); err != nil {
		t.Fatal(err)
	}
	torn, err := os.OpenFile(filepath.Join(dir, journalName), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := torn.Write([]byte{20, 0, 0}); err != nil {
		t.Fatal(err)
	}
	torn.Close()
	filler := dbtest.FillDisk(t, disk)
	waiting := openAt(t, dir, 4<<20)
	if !same(t, waiting, want) {
		t.Fatal("on the full disk the records are not the same")
	}
	done := make(chan struct{})
	var reading sync.WaitGroup
	for range 4 {
		reading.Go(func() { // until done
			for {
				select {
				case <-done:
					return
				default:
				}
				if n := len(all(t, waiting)); n < 400 {
					t.Errorf("%d records while the disk takes over", n)
				}
				if _, err := waiting.Get(t.Context(), "accounts", "big007"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		if _, err := waiting.Put(t.Context(), "accounts", "new", nil, 0); !errors.Is(err, chat.ErrDiskFull) {
			t.Errorf("Put: got %v, want chat.ErrDiskFull", err)
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	r, err := waiting.Put(t.Context(), "accounts", "new", []byte("new"), 0)
	if err != nil {
		t.Errorf("Put with room: %v", err)
	}
	want["new"] = chat.Record{Key: "new", Value: []byte("new"), Revision: r}
	close(done)
	reading.Wait()
	if !same(t, waiting, want) {
		t.Error("with room the records are not the same")
	}
	if err := waiting.Close(); err != nil {
		t.Error(err)
	}
	killed := copyFolder(t, dir)
	if err := os.Remove(filepath.Join(killed, sealName)); err != nil {
		t.Error(err)
	}
	for _, dir := range []string{dir, killed} {
		again := openAt(t, dir, 4<<20)
		if !same(t, again, want) {
			t.Error("after reopening the records are not the same")
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFillUp writes until the disk is full of records.
func TestFillUp(t *testing.T) {
	dir := filepath.Join(dbtest.SmallDisk(t, 48), "data")
	d := openAt(t, dir, 12<<20)
	want := make(map[string]chat.Record)
	for n := range 2000 {
		key, value := fmt.Sprint(n), make([]byte, 32<<10)
		r, err := d.Put(t.Context(), "accounts", key, value, 0)
		if errors.Is(err, chat.ErrDiskFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		want[key] = chat.Record{Key: key, Value: value, Revision: r}
	}
	if len(want) < 100 || len(want) == 2000 {
		t.Errorf("%d records fit on the disk", len(want))
	}
	killed := !same(t, d, want)
	if err := d.Close(); err != nil || killed {
		t.Errorf("Close: %v; the records differed: %v", err, killed)
	}
	again := openAt(t, dir, 12<<20)
	if !same(t, again, want) {
		t.Error("after reopening the records are not the same")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// TestReadOnlyDisk opens a store on a disk that takes no writes.
func TestReadOnlyDisk(t *testing.T) {
	disk := dbtest.SmallDisk(t, 32)
	dir := filepath.Join(disk, "data")
	d := openAt(t, dir, 4<<20)
	want := fill(t, d, 10)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr) {
		if err := unix.Mount("", disk, "", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	if _, err := Open(filepath.Join(disk, "new"), nil); !errors.Is(err, unix.EROFS) ||
		!errors.Is(err, chat.ErrDiskReadOnly) || errors.Is(err, chat.ErrDiskFull) {
		t.Errorf("Open of a new folder: got %v, want chat.ErrDiskReadOnly because of EROFS", err)
	}
	again := openAt(t, dir, 4<<20)
	if _, err := Open(dir, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("Open once more: got %v, want ErrLocked", err)
	}
	if !same(t, again, want) {
		t.Error("on the read-only disk the records are not the same")
	}
	if _, err := again.Put(t.Context(), "accounts", "new", nil, 0); !errors.Is(err, chat.ErrDiskReadOnly) ||
		errors.Is(err, chat.ErrDiskFull) {
		t.Errorf("Put: got %v, want chat.ErrDiskReadOnly alone", err)
	}
	if err := again.Backup(t.Context(), new(bytes.Buffer)); err != nil {
		t.Errorf("Backup: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	again = openAt(t, dir, 4<<20)
	remount(0)
	r, err := again.Put(t.Context(), "accounts", "new", nil, 0)
	if err != nil {
		t.Errorf("Put with the disk writable again: %v", err)
	}
	want["new"] = chat.Record{Key: "new", Revision: r}
	if !same(t, again, want) {
		t.Error("with the disk writable again the records are not the same")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
