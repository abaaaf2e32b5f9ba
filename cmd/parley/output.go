package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"parley/internal/crash"
	"parley/internal/newfile"
)

// maxLinks is how many symbolic links one path may lead through.
const maxLinks = 40

// An output is the file that a command writes, as the operator named it.
type output struct {
	path  string // "-" is standard output
	force bool   // replace what is there
	data  string // the data folder, into which nothing is written
}

// write has fill write to the file. A plain file is made new, for its owner alone, and is there whole or not at all;
// where one is already it is refused, or replaced with force. What is no plain file, such as a pipe or a terminal, is
// written into. Links are followed. Then it says on stdout how much was written, unless that is the file.
func (o output) write(ctx context.Context, stdout io.Writer, fill func(io.Writer) error) error {
	info, err := os.Stat(o.path)
	switch {
	case o.path == "":
		return errors.New("there is no name of a file to write; - is standard output")
	case o.path == "-", err == nil && sameFile(stdout, info): // /dev/stdout, and its other names
		if lostOutput(stdout) {
			return errors.New("standard output is closed, and nothing was written")
		}
		return fill(stdout)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	path, err := followLinks(o.path)
	if err != nil {
		return err
	}
	if err := o.outsideData(path); err != nil {
		return err
	}
	counted := new(countingWriter)
	counting := func(w io.Writer) error { counted.w = w; return fill(counted) }
	switch {
	case info == nil, info.Mode().IsRegular() && o.force:
		err = intoNew(path, info != nil, counting)
	case info.Mode().IsRegular():
		err = fmt.Errorf("%s exists already; --force replaces it", o.path)
	case info.IsDir():
		err = fmt.Errorf("%s is a folder; name a file in it", o.path)
	default:
		err = into(ctx, path, info.Mode(), counting)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "Written to %s: %d bytes.\n", o.path, counted.n)
	return err
}

// sameFile reports whether w is an open file, namely that of info.
func sameFile(w io.Writer, info fs.FileInfo) bool {
	f, ok := beneath(w).(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return false
	}
	open, err := f.Stat()
	return err == nil && os.SameFile(open, info)
}

// followLinks returns the path that path leads to. If there is nothing yet it is where a file would be made.
func followLinks(path string) (string, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil // it has no other name, as a pipe in /proc/self/fd
	}
	for range maxLinks {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", fmt.Errorf("%s leads through too many links", path)
}

// outsideData refuses a path inside the data folder, however it is spelled.
func (o output) outsideData(path string) error {
	data, err := os.Stat(o.data)
	if err != nil {
		return nil // there is none, as the command will say itself
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(at)); err == nil {
		at = filepath.Join(dir, filepath.Base(at))
	}
	for {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, data) {
			return fmt.Errorf("%s is in the data folder %s, which is for Parley's own files alone; name another place",
				o.path, o.data)
		}
		parent := filepath.Dir(at)
		if parent == at {
			return nil
		}
		at = parent
	}
}

// into writes into what is there and no plain file. It waits for the reader of a pipe until ctx is done.
func into(ctx context.Context, path string, mode fs.FileMode, fill func(io.Writer) error) error {
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			ended := make(chan struct{})
			var watching sync.WaitGroup
			defer watching.Wait()
			defer close(ended)
			watching.Go(func() { // until fill is done: whoever reads may stop to, and ^C is to end that
				defer crash.Survive(slog.Default(), "output")
				select {
				case <-ctx.Done():
					f.Close()
				case <-ended:
				}
			})
			return errors.Join(fill(f), f.Close())
		}
		if mode&fs.ModeNamedPipe == 0 || !errors.Is(err, syscall.ENXIO) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nobody read from the pipe %s, and nothing was written", path)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// intoNew makes the file at path, or replaces it, by what fill writes.
func intoNew(path string, replace bool, fill func(io.Writer) error) error {
	if replace {
		return newfile.Replace(path, fill)
	}
	err := newfile.Create(path, fill)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s was made meanwhile by somebody else; --force replaces it", path)
	}
	return err
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// A printer is standard output, which remembers that something could not be written: then the command has failed,
// whoever wrote.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	if err != nil && p.err == nil {
		p.err = err
	}
	return n, err
}

// beneath returns what a printer prints on, and w itself if it is none.
func beneath(w io.Writer) io.Writer {
	if p, ok := w.(*printer); ok {
		return p.w
	}
	return w
}

// failed returns err, or what kept something from being written.
func (p *printer) failed(err error) error {
	if err == nil && p.err != nil {
		return fmt.Errorf("standard output: %w", p.err)
	}
	return err
}

// lostOutput reports whether standard output was closed when the program began. Go opens the null device then, for
// reading and writing; a shell opens it for writing alone.
func lostOutput(w io.Writer) bool {
	f, ok := beneath(w).(*os.File)
	if !ok || f != os.Stdout {
		return false
	}
	null, err := os.Stat(os.DevNull)
	if err != nil {
		return false
	}
	open, err := f.Stat()
	return err == nil && os.SameFile(open, null) && readable(f)
}
