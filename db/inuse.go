package db

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// InUse reports whether a DB, of this process or another, has the folder dir open. It makes nothing; a folder that is
// not there is not in use. It holds the folder's lock for a moment itself, without keeping others from asking the same.
func InUse(dir string) (bool, error) {
	f, err := os.Open(filepath.Join(dir, lockName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = shareFile(f)
	return errors.Is(err, ErrLocked), err
}
