//go:build unix

package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// usable returns an error of the first file of the store in dir that this process may not read and write. Badger would
// end the process when it came upon it.
func usable(dir string) error {
	paths := []string{dir}
	for _, name := range []string{lockName, journalName, sealName, markName, ballastName, badgerName} {
		paths = append(paths, filepath.Join(dir, name))
	}
	inside, _ := filepath.Glob(filepath.Join(dir, badgerName, "*"))
	for _, path := range append(paths, inside...) {
		err := unix.Faccessat(unix.AT_FDCWD, path, unix.R_OK|unix.W_OK, unix.AT_EACCESS)
		if errors.Is(err, fs.ErrPermission) {
			return &fs.PathError{Op: "open", Path: path, Err: err}
		}
		// What is missing, or on a disk that is read-only, has an error of its own later.
	}
	return nil
}

// foreign says whose file or folder it is that err, an error of permission, is about.
func foreign(err error) string {
	var denied *fs.PathError
	if !errors.As(err, &denied) {
		return err.Error()
	}
	path := denied.Path
	info, statErr := os.Lstat(path)
	for statErr != nil && path != filepath.Dir(path) { // a folder on the way is closed
		path = filepath.Dir(path)
		info, statErr = os.Stat(path)
	}
	if statErr != nil {
		return err.Error()
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if int(owner) == os.Geteuid() {
		return fmt.Sprintf("%s has mode %#o, which keeps its own user out; chmod u+rwX %[1]s", path, info.Mode().Perm())
	}
	theirs, ours := UserName(int(owner)), UserName(os.Geteuid())
	if path != denied.Path { // what others keep on the way is theirs to close
		return fmt.Sprintf("%s belongs to %s, mode %#o, and this Parley runs as %s; run Parley as %[2]s, or choose "+
			"another folder", path, theirs, info.Mode().Perm(), ours)
	}
	return fmt.Sprintf("%s belongs to %s, mode %#o, and this Parley runs as %s; chown it to %[4]s, or run Parley as "+
		"%[2]s", path, theirs, info.Mode().Perm(), ours)
}

// UserName returns the name of the user with the given number, or "user 998" where it has none.
func UserName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return fmt.Sprintf("user %d", uid)
}
