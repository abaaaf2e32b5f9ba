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

// barred returns what keeps the user with that number, and the group, from reading the file at path: a folder on the
// way, or the file itself; empty for nothing. It goes by owner and mode alone.
func barred(path string, uid, gid int) string {
	whole, err := filepath.EvalSymlinks(path)
	if err == nil {
		whole, err = filepath.Abs(whole)
	}
	if err != nil {
		return path
	}
	for at, wanted := whole, fs.FileMode(0o4); ; at, wanted = filepath.Dir(at), 0o1 {
		info, err := os.Stat(at)
		if err != nil {
			return at
		}
		s := info.Sys().(*syscall.Stat_t)
		switch {
		case int(s.Uid) == uid:
			wanted <<= 6
		case int(s.Gid) == gid:
			wanted <<= 3
		}
		if info.Mode().Perm()&wanted == 0 {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// reads looks whether the user of the data folder, as whom the server runs, can read a file.
func (d *doctor) reads(path string) {
	uid, gid := foreignOwner(d.options.Data)
	if uid == 0 { // then it is the user of this process, who has read it
		return
	}
	if barrier := barred(path, uid, gid); barrier != "" {
		d.find("certificate", bad, "The server runs as %s, who may not read %s: see who may enter or read %s.",
			db.UserName(uid), absolute(path), barrier)
	}
}
