package db

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFlips flips a byte in every file of a folder, one after the other, and opens the folder each time: all accounts
// must be there or Open must refuse.
func TestFlips(t *testing.T) {
	closed, killed, want := folders(t)
	for name, state := range map[string]string{"closed": closed, "killed": killed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of the time goes by waiting for the disk
			refused, opened := make(map[string]int), 0
			filepath.WalkDir(state, func(path string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				info, err := e.Info()
				if err != nil {
					return err
				}
				file := strings.TrimPrefix(path, state)
				for _, at := range positions(info.Size()) {
					dir := copyFolder(t, state)
					flip(t, filepath.Join(dir, file), at)
					d, err := Open(dir, &Options{Log: slog.New(slog.DiscardHandler)})
					if err == nil {
						if !same(t, d, want) {
							t.Errorf("%s, byte %d: opened with %d records, want the %d", file, at, len(all(t, d)),
								len(want))
						}
						err = d.Close()
						opened++
					} else if errors.Is(err, ErrDamaged) {
						err = nil
						refused[file]++
					}
					if err != nil {
						t.Errorf("%s, byte %d: %v", file, at, err)
					}
					os.RemoveAll(dir)
				}
				return nil
			})
			t.Logf("opened %d, refused %v", opened, refused)
			if opened == 0 || len(refused) > 1 || name == "closed" && len(refused) > 0 {
				t.Errorf("refused %v, want nothing after a close, and the journal alone after a kill", refused)
			}
		})
	}
}

// positions returns every 97th byte, fewer in a short test; of a file that is mostly empty the beginning, the end and
// some between.
func positions(size int64) (at []int64) {
	step := int64(97)
	if testing.Short() {
		step = 499
	}
	for n := int64(0); n < size; n += step {
		if n > 1<<10 && size > 64<<10 {
			step = size / 8
		}
		at = append(at, n)
	}
	if size > 0 {
		at = append(at, size-1)
	}
	return at
}

func flip(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << (at % 8)
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
