package db

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// freeBytes returns how much an unprivileged writer may still put on the file system of dir. A quota is not counted.
func freeBytes(dir string) (n int64, ok bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}

// allocate gives the first size bytes of f their blocks. Where the file system cannot (NFS), the free space kept by
// Options.MinFree has to do.
func allocate(f *os.File, size int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, size)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return nil
		}
		return err
	}
}
