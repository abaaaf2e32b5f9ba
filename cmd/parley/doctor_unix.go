//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"parley/db"
)

// posix says whether files have an owner and modes as POSIX has them.
const posix = true

// unusable says what there is in the folder dir that the folder's owner, as whom the server runs, may not use: a file
// of another user, or one whose mode forbids it. It returns the empty string for nothing.
func unusable(dir string) (what string) {
	info, err := os.Stat(dir)
	if err != nil {
		return ""
	}
	uid := info.Sys().(*syscall.Stat_t).Uid
	_ = filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
		if e == nil {
			return nil
		}
		info, infoErr := e.Info()
		if infoErr != nil {
			return nil // it has just gone
		}
		wanted := fs.FileMode(0o600)
		switch {
		case e.IsDir():
			wanted = 0o700
		case filepath.Dir(at) != filepath.Clean(dir): // a key or a certificate, which may be kept from being changed
			wanted = 0o400
		}
		switch mode := info.Mode().Perm(); {
		case info.Sys().(*syscall.Stat_t).Uid != uid:
			what = fmt.Sprintf("%s does not belong to %s as the folder does, so the server may not open it. "+
				"chown it, and run parley as %[2]s.", at, db.UserName(int(uid)))
		case info.Mode()&fs.ModeSymlink == 0 && mode&wanted != wanted:
			what = fmt.Sprintf("%s has mode %#o, so that its own user may not use it. chmod u+rwX %[1]s ends that.",
				at, mode)
		default:
			return nil
		}
		return fs.SkipAll
	})
	return what
}

// unmakeable says why this process cannot make anything in the folder dir; nil if it can.
func unmakeable(dir string) error {
	return unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
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
