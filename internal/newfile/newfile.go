// Package newfile makes files that are there whole or not at all, for their owner alone.
package newfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Create makes the file at path by what fill writes. Its error is [fs.ErrExist] if there is one already, or by now.
func Create(path string, fill func(io.Writer) error) error { return put(path, fill, renameNew) }

// Replace makes the file at path by what fill writes. One that is there already stays until the new one is whole.
func Replace(path string, fill func(io.Writer) error) error { return put(path, fill, os.Rename) }

// put has fill write to a file beside path, which rename then gives its name. After a crash a hidden file may be left.
// An error names path, since nobody knows that file.
func put(path string, fill func(io.Writer) error, rename func(from, to string) error) (err error) {
	hidden := ""
	defer func() {
		if e, ok := errors.AsType[*fs.PathError](err); ok && (hidden == "" || e.Path == hidden) {
			err = &fs.PathError{Op: "write", Path: path, Err: e.Err}
		}
	}()
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return err
	}
	hidden = f.Name()
	defer os.Remove(hidden) // not there any more if it was renamed
	if err := errors.Join(fill(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := rename(hidden, path); err != nil {
		return err
	}
	if d, err := os.Open(dir); err == nil { // the name is to outlive a power cut too
		_ = d.Sync() // some file systems cannot
		d.Close()
	}
	return nil
}

// renameNew renames a file unless there is one of the new name by now.
func renameNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err // the old name is removed by put
	}
	// Some file systems have no second names.
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}
