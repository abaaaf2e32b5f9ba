package db

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Stats are figures of a [DB], as sql.DBStats are of a database.
type Stats struct {
	Bytes  int64  // size of all files in the folder
	Free   int64  // what is left on the file system of the folder, in bytes; -1 where nobody can tell
	Writes uint64 // number of the last write; it goes on counting over restarts
}

// Stats returns the figures of now. It looks at every file in the folder, a dozen or so, and returns an error of the
// file system.
func (d *DB) Stats() (Stats, error) {
	d.mu.RLock()
	s := Stats{Writes: d.applied}
	d.mu.RUnlock()
	s.Free = -1
	if free, ok := freeBytes(d.dir); ok {
		s.Free = free
	}
	err := filepath.WalkDir(d.dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return vanished(err)
		}
		info, err := e.Info()
		if err == nil {
			s.Bytes += info.Size()
		}
		return vanished(err)
	})
	return s, err
}

// vanished forgives what is about a file that was replaced or removed meanwhile.
func vanished(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
