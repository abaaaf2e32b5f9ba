//go:build unix

package db

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// locksFiles says that lockFile locks, so that Badger need not.
const locksFiles = true

const (
	// lockPatience is how long those are waited for who only look at a folder, and lockPoll how often is asked.
	lockPatience = 2 * time.Second
	lockPoll     = 20 * time.Millisecond
)

// lockFile takes the lock of f for as long as f is open, or returns ErrLocked. A killed process loses it.
func lockFile(f *os.File) error {
	err := flock(f, unix.LOCK_EX)
	for end := time.Now().Add(lockPatience); errors.Is(err, ErrLocked) && time.Now().Before(end); {
		if shareFile(f) != nil {
			return err // somebody has it alone
		}
		if err := unix.Flock(int(f.Fd()), unix.LOCK_UN); err != nil {
			return err
		}
		time.Sleep(lockPoll)
		err = flock(f, unix.LOCK_EX)
	}
	return err
}

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
