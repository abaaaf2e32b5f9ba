//go:build unix

package main

import (
	"fmt"
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

// foreignOwner returns who owns the folder dir, if this process is root's and the folder is not; otherwise zeros.
func foreignOwner(dir string) (uid, gid int) {
	info, err := os.Stat(dir)
	if err != nil || os.Geteuid() != 0 {
		return 0, 0 // what is wrong with it will be said where it is opened
	}
	s := info.Sys().(*syscall.Stat_t)
	return int(s.Uid), int(s.Gid)
}
