package db

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"parley/chat"
)

const (
	// startSpace is what Badger may touch while it opens: its maps, 5 MiB, and a table.
	startSpace = 8 << 20
	// closeSpace is what Badger may write while it closes: its memory table as a table.
	closeSpace = 2 * memTable
	// ballastSize is kept aside while the store is open, so that it can close on a full disk.
	ballastSize    = 2 * closeSpace
	ballastName    = "ballast"
	minFreeDefault = 16 << 20
)

// A space watches over the room on the disk. Badger writes through memory maps of sparse files, and a page that the
// file system has no room for kills the process (SIGBUS), so the room must be there before Badger writes.
type space struct {
	dir, badger string
	minFree     int64
	ballast     bool            // the ballast is on disk
	allocated   map[string]bool // Badger's mapped files known to be on disk in full
}

// ready makes sure that a write may go ahead, and returns chat.ErrDiskFull if not.
func (s *space) ready() error {
	if err := s.free(s.minFree); err != nil {
		return err
	}
	if err := s.takeBallast(); err != nil {
		return err
	}
	return s.allocate()
}

// free returns chat.ErrDiskFull if the file system has less than need bytes left. Where nobody can tell, it returns
// nil.
func (s *space) free(need int64) error {
	if n, ok := freeBytes(s.dir); ok && n < need {
		return refusal{chat.ErrDiskFull, fmt.Errorf("the disk is full: %d MiB free, %d MiB wanted", n>>20, need>>20)}
	}
	return nil
}

// writable returns an error if files cannot be made in the folder dir.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, "probe")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// guard returns w as long as there is room, and chat.ErrDiskFull after that.
func (s *space) guard(w io.Writer) io.Writer { return guardedWriter{s, w} }

type guardedWriter struct {
	space *space
	w     io.Writer
}

func (g guardedWriter) Write(p []byte) (int, error) {
	if err := g.space.free(g.space.minFree); err != nil {
		return 0, err
	}
	return g.w.Write(p)
}

// allocate gives every file that Badger has mapped its blocks. A file is new only after Badger began a memory table, so
// this finds something to do once in a MiB of writes.
func (s *space) allocate() error {
	names, err := os.ReadDir(s.badger)
	if err != nil {
		return err
	}
	present := make(map[string]bool, len(names))
	for _, n := range names {
		name := n.Name()
		if ext := filepath.Ext(name); ext != ".mem" && ext != ".vlog" && !strings.HasPrefix(name, "DISCARD") {
			continue
		}
		if !s.allocated[name] {
			if err := allocateFile(filepath.Join(s.badger, name)); errors.Is(err, fs.ErrNotExist) {
				continue // flushed meanwhile
			} else if err != nil {
				return diskError(fmt.Errorf("allocate %s: %w", name, err))
			}
		}
		present[name] = true
	}
	s.allocated = present
	return nil
}

func allocateFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	return allocate(f, info.Size())
}

func (s *space) takeBallast() error {
	if s.ballast {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(s.dir, ballastName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return diskError(err)
	}
	if err := errors.Join(allocate(f, ballastSize), f.Close()); err != nil {
		os.Remove(f.Name())
		return diskError(fmt.Errorf("allocate ballast: %w", err))
	}
	s.ballast = true
	return nil
}

func (s *space) dropBallast() {
	os.Remove(filepath.Join(s.dir, ballastName))
	s.ballast = false
}

// diskError makes errors.Is(err, chat.ErrDiskFull) hold where the file system has no space or the quota is used up, and
// errors.Is(err, chat.ErrDiskReadOnly) where it takes no writes at all.
func diskError(err error) error {
	switch {
	case chat.CannotSave(err):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return refusal{chat.ErrDiskFull, fmt.Errorf("the disk is full: %w", err)}
	case errors.Is(err, syscall.EROFS):
		return refusal{chat.ErrDiskReadOnly, fmt.Errorf("the disk is read-only: %w", err)}
	}
	return err
}
