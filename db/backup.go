package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"parley/chat"
)

// restoreName is the file that a backup is gathered in before anything of it is believed.
const restoreName = "restore"

// Backup writes all records, as they stand at one moment, to w. Reading and writing go on meanwhile. What it writes is
// a journal without history, whose last entry counts the records and whose entries are chained, so that [DB.Restore]
// knows a backup that is cut short or altered. It returns ErrClosed, the error of ctx, that of w, or one of reading.
func (d *DB) Backup(ctx context.Context, w io.Writer) error {
	if _, err := d.acquire(); err != nil {
		return err
	}
	defer d.readers.Done()
	var f *os.File
	var section *io.SectionReader
	if err := d.do(ctx, func() (err error) {
		f, section, err = d.journal.section()
		return err
	}); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer f.Close()
	if _, err := copySnapshot(&contextWriter{ctx, w}, section); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c *contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// Restore fills a store that was never written to with the records of a backup, which keep their revisions. It reads r
// to its end before it changes anything, and returns when the records are on disk; Close waits for it. It returns
// ErrBadBackup, ErrNotEmpty or ErrClosed, after which nothing has been restored, chat.ErrDiskFull, or the error of ctx.
func (d *DB) Restore(ctx context.Context, r io.Reader) error {
	if _, err := d.acquire(); err != nil {
		return err
	}
	defer d.readers.Done()
	d.restoring.Lock()
	defer d.restoring.Unlock()
	var s scan
	f, err := createTemporary(filepath.Join(d.dir, restoreName), func(f *os.File) error {
		to := &contextWriter{ctx, d.space.guard(f)}
		var err error
		s, err = scanBackup(io.TeeReader(r, to), nil)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	})
	if err != nil {
		return diskError(err)
	}
	adopted := false
	err = d.do(ctx, func() error {
		adopted = true
		return d.adopt(f, s)
	})
	if !adopted {
		discard(f)
	}
	return err
}

// scanBackup reads a backup to its end and calls each, which may be nil, for every record. It returns ErrBadBackup,
// chat.ErrDiskFull or ErrDiskReadOnly of what the reader writes to, or an error of the file system.
func scanBackup(r io.Reader, each func(*entry) error) (scan, error) {
	s, err := scanEntries(r, each)
	var reading *fs.PathError
	switch {
	case errors.As(err, &reading), chat.CannotSave(diskError(err)):
		return s, err
	case errors.Is(err, ErrNewer):
		return s, refusal{ErrBadBackup, fmt.Errorf("the backup was written by a newer Parley: %w", err)}
	case err != nil:
		return s, refusal{ErrBadBackup, fmt.Errorf("the backup is not valid: %w", err)}
	case s.torn > 0 || s.size != s.base:
		return s, refusal{ErrBadBackup, errors.New("the backup is not valid: something follows its end")}
	}
	return s, nil
}

// adopt makes f, a backup that s describes, the journal of an empty store.
func (d *DB) adopt(f *os.File, s scan) error {
	err := d.settle()
	if err == nil && d.journal.number != 0 {
		err = ErrNotEmpty
	}
	if err != nil {
		discard(f)
		return err
	}
	if err := d.journal.replace(f, s); err != nil {
		return diskError(err)
	}
	return d.replay()
}
