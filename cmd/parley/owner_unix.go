//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"parley/db"
)

// become makes a process of root's one of the user who owns the data folder dir, for good, so that every file that it
// makes there is that user's. It returns the path of the folder for that user, who may not be allowed through its
// parents: the folder is then the working directory. A process of another user, and a folder of root's or one that is
// not there, stay as they are.
func become(dir string) (path string, err error) {
	uid, gid := foreignOwner(dir)
	if uid == 0 {
		return dir, nil
	}
	if err := os.Chdir(dir); err != nil {
		return dir, err
	}
	if err := switchUser(uid, gid); err != nil {
		return dir, fmt.Errorf("the data folder %s belongs to %s, and root cannot act as that user here (%w); run "+
			"the command as %[2]s",
			dir, db.UserName(uid), err)
	}
	return ".", nil
}

func switchUser(uid, gid int) error {
	if err := syscall.Setgroups([]int{gid}); err != nil {
		return err
	}
	if err := syscall.Setgid(gid); err != nil {
		return err
	}
	return syscall.Setuid(uid)
}

// refuseForeign returns an error if this process is root's and the data folder dir is not: a server would leave files
// there that their owner's server could not open.
func refuseForeign(dir string) error {
	uid, _ := foreignOwner(dir)
	if uid == 0 {
		return nil
	}
	return fmt.Errorf("the data folder %s belongs to %s, and this is root; run the server as %[2]s, so that all "+
		"files stay %[2]s's",
		filepath.Clean(dir), db.UserName(uid))
}

// closed says what keeps this process out of the data folder dir: a folder on the way, the folder itself, or files in
// it.
func closed(dir string) string {
	at := absolute(dir)
	info, err := os.Stat(at)
	for errors.Is(err, fs.ErrPermission) && at != filepath.Dir(at) {
		at = filepath.Dir(at)
		info, err = os.Stat(at)
	}
	if err != nil {
		return err.Error()
	}
	switch uid := int(info.Sys().(*syscall.Stat_t).Uid); {
	case uid != os.Geteuid():
		return fmt.Sprintf("%s belongs to %s, and others may not use it; use the account that Parley runs under, or "+
			"root", at, db.UserName(uid))
	case info.Mode().Perm()&0o700 != 0o700:
		return fmt.Sprintf("%s has mode %#o, which keeps its own user out; chmod u+rwx %[1]s", at, info.Mode().Perm())
	}
	return "there are files in the data folder " + at + " that this user may not use; parley doctor says which"
}

// foreignOwner returns who owns the folder dir, if this process is root's and the folder is not; otherwise zeros.
func foreignOwner(dir string) (uid, gid int) {
	info, err := os.Stat(dir)
	if err != nil || os.Geteuid() != 0 {
		return 0, 0 // what is wrong with it will be said where it is opened
	}
	s := info.Sys().(*syscall.Stat_t)
	return int(s.Uid), int(s.Gid)
}
