package db

import (
	"errors"
	"os"
	"path/filepath"
)

// temporary ends the names of files that are not yet what they are to be. Open removes those a crash left.
const temporary = ".tmp"

// syncFile makes last what a file holds, or a folder. Tests put a disk in its place that forgets everything else.
var syncFile = (*os.File).Sync

// writeFile replaces the file at path by what fill writes: after a crash there is the old one or the new one, whole.
func writeFile(path string, fill func(*os.File) error) error {
	f, err := createTemporary(path, fill)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// createTemporary returns a file beside path that is on disk as fill wrote it, still open. It is to be renamed to path,
// or given to discard.
func createTemporary(path string, fill func(*os.File) error) (*os.File, error) {
	f, err := os.OpenFile(path+temporary, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := fill(f); err != nil {
		return nil, errors.Join(err, discard(f))
	}
	if err := syncFile(f); err != nil {
		return nil, errors.Join(err, discard(f))
	}
	return f, nil
}

func discard(f *os.File) error {
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// syncDir makes what was created, renamed or removed in the folder dir last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(syncFile(d), d.Close())
}
