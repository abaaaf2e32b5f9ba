package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// longestSocket is how long the path of a socket may be on every system, in bytes.
const longestSocket = 100

// adminPoll is how often the server looks whether its admin socket is still there.
const adminPoll = 2 * time.Second

// A socketFile is a listener on a unix socket that only its owner and root may use.
type socketFile struct {
	net.Listener
	path string
	made fs.FileInfo
}

// listenPrivate makes a unix socket at path. One that is there, left by a process that has ended, is replaced; nothing
// else is.
func listenPrivate(ctx context.Context, network, path string) (net.Listener, error) {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSocket == 0:
		return nil, fmt.Errorf("%s is no socket; move it away", path)
	default:
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error { return c.Control(makePrivate) }}
	l, err := config.Listen(ctx, network, short)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // by then somebody else's may have the name
	info, err := os.Lstat(path)
	if err == nil {
		err = os.Chmod(path, 0o600) // where makePrivate can do nothing
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return &socketFile{l, path, info}, nil
}

// inPlace reports whether the socket is where others look for it.
func (s *socketFile) inPlace() bool {
	info, err := os.Lstat(s.path)
	return err == nil && os.SameFile(info, s.made)
}

// Close ends the listener and removes the socket.
func (s *socketFile) Close() error {
	if s.inPlace() {
		os.Remove(s.path)
	}
	return s.Listener.Close()
}

// shorten returns a path for path that a socket can have, as long as done was not called: the system allows some
// hundred bytes, whatever the length of a file's path may be.
func shorten(path string) (short string, done func(), err error) {
	if len(path) <= longestSocket {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}
