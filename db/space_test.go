//go:build linux

package db

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
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
			// The journal's last page lets some writes through before the disk is full again; Badger's maps must be ready
			// for them, at whatever place within a page each happens to be.
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
			if _, err := Open(dir, &Options{Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, chat.ErrDiskFull) {
				t.Errorf("Open on the full disk: got %v, want chat.ErrDiskFull", err)
			}
			os.Remove(filler)
			again := openAt(t, dir, tt.minFree)
			if !same(t, again, want) {
				t.Error("after reopening the records are not the same")
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
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
	if _, err := Open(dir, nil); !errors.Is(err, chat.ErrDiskFull) || !errors.Is(err, unix.EROFS) {
		t.Errorf("Open: got %v, want chat.ErrDiskFull because of EROFS", err)
	}
	remount(0)
	again := openAt(t, dir, 4<<20)
	if !same(t, again, want) {
		t.Error("after reopening the records are not the same")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
