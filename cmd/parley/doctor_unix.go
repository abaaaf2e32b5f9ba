//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"parley/db"
)

// posix says whether files have an owner and modes as POSIX has them.
const posix = true

// strangers returns a file in the folder dir that does not belong to the folder's owner, and who that is; both empty if
// there is none.
func strangers(dir string) (path, owner string) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", ""
	}
	uid := info.Sys().(*syscall.Stat_t).Uid
	_ = filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := e.Info(); err == nil && info.Sys().(*syscall.Stat_t).Uid != uid {
			path, owner = at, db.UserName(int(uid))
			return fs.SkipAll
		}
		return nil
	})
	return path, owner
}
