//go:build unix

package db

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// locksFiles says that lockFile locks, so that Badger need not.
const locksFiles = true

// lockFile takes the lock of f for as long as f is open, or returns ErrLocked. A killed process loses it.
func lockFile(f *os.File) error { return flock(f, unix.LOCK_EX) }

// shareFile keeps others from locking f for as long as f is open, or returns ErrLocked. Many may share it, and f may be
// open for reading only.
func shareFile(f *os.File) error { return flock(f, unix.LOCK_SH) }

func flock(f *os.File, how int) error {
	err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
