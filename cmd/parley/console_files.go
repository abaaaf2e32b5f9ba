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

	"parley/chat"
	"parley/commands"
	"parley/db"
)

// backupCommand writes all records to a file, also while the server runs.
type backupCommand struct {
	File string `arg:"" json:"-" help:"File to write; - is standard output."`
}

func (b *backupCommand) file() string { return b.File }

func (b *backupCommand) do(ctx context.Context, c *console) error {
	return c.store.Backup(ctx, c.out)
}

// exportCommand writes the accounts to a file of JSON lines.
type exportCommand struct {
	File string `arg:"" optional:"" default:"-" json:"-" help:"File to write; standard output if none is named."`
}

func (e *exportCommand) file() string { return e.File }

func (e *exportCommand) do(ctx context.Context, c *console) error {
	_, err := c.chat.Export(ctx, c.out)
	return err
}

// importCommand adds the accounts of an export.
type importCommand struct {
	File string `arg:"" optional:"" default:"-" json:"-" help:"File to read; standard input if none is named."`
}

func (i *importCommand) founds() {}

func (i *importCommand) open(p *program) (io.ReadCloser, error) { return p.openInput(i.File) }

func (i *importCommand) do(ctx context.Context, c *console) error {
	var added, same, refused int
	err := c.chat.Import(ctx, c.in, func(one chat.Imported) {
		switch {
		case one.Err != nil:
			refused++
			fmt.Fprintf(c.out, "%s: left out. %v\n", one.Name, one.Err)
		case one.Added:
			added++
			fmt.Fprintf(c.out, "%s: added.\n", one.Name)
		default:
			same++
			fmt.Fprintf(c.out, "%s: is there already.\n", one.Name)
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "Accounts added: %d, there already: %d, left out: %d.\n", added, same, refused)
	if refused > 0 {
		return errors.New("some accounts were left out; the lines above say why")
	}
	return nil
}

// restoreCommand fills an empty data folder from a backup. No server may run on it.
type restoreCommand struct {
	File string `arg:"" help:"Backup to read; - is standard input."`
}

func (r *restoreCommand) run(ctx context.Context, p *program, o *options, stdout io.Writer) (err error) {
	in, err := p.openInput(r.File)
	if err != nil {
		return err
	}
	defer in.Close()
	records, err := restore(ctx, o.Data, in)
	switch {
	case errors.Is(err, db.ErrLocked):
		return fmt.Errorf("a Parley runs on the data folder %s; stop it before anything is restored", o.Data)
	case errors.Is(err, db.ErrNotEmpty), errors.Is(err, db.ErrDamaged):
		return fmt.Errorf("the data folder %s holds a store already; move it away first, as in: mv %[1]s %[1]s.old", filepath.Clean(o.Data))
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(stdout, "Restored %d records from %s into %s.\n", records, r.File, o.Data)
	return err
}

// restore fills the data folder dir with the backup that in holds, and returns how many records there are now, all read again from disk.
func restore(ctx context.Context, dir string, in io.Reader) (records int, err error) {
	store, err := db.Open(dir, &db.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	if err := errors.Join(store.Restore(ctx, in), store.Close()); err != nil {
		return 0, err
	}
	report, err := db.Check(dir)
	if err != nil {
		return 0, err
	}
	return report.Records, nil
}

// checkCommand reads a data folder, or a backup, and says whether it is whole. It changes nothing.
type checkCommand struct {
	Backup string `arg:"" optional:"" help:"Backup to check; without one the data folder is."`
}

func (c *checkCommand) run(ctx context.Context, p *program, o *options, stdout io.Writer) error {
	if c.Backup != "" {
		return c.checkBackup(ctx, p, stdout)
	}
	report, err := db.Check(o.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no data folder %s; --data names another", o.Data)
	}
	if errors.Is(err, db.ErrLocked) {
		return fmt.Errorf(`a Parley runs on the data folder %s; stop it first, or check what "parley backup FILE" writes with "parley check FILE"`, o.Data)
	}
	if report != nil {
		fmt.Fprintf(stdout, "%d records, %d writes. State: %s.\n", report.Records, report.Writes, report.Finding)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The data folder %s can be used.\n", o.Data)
	return err
}

// checkBackup restores the backup into a folder that is thrown away, and reads every account.
func (c *checkCommand) checkBackup(ctx context.Context, p *program, stdout io.Writer) (err error) {
	in, err := p.openInput(c.Backup)
	if err != nil {
		return err
	}
	defer in.Close()
	dir, err := os.MkdirTemp("", "parley-check")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	records, err := restore(ctx, dir, in)
	if err != nil {
		return err
	}
	store, err := db.Open(dir, &db.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	node := chat.New(chat.Options{Store: store, Reserved: commands.New().Reserved()})
	defer node.Close()
	accounts, err := node.Export(ctx, io.Discard)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The backup %s is whole: %d records, %d of them accounts.\n", c.Backup, records, accounts)
	return err
}

// openInput opens a file that the operator names; "-" is standard input.
func (p *program) openInput(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(p.input()), nil
	}
	return os.Open(path)
}

// intoFile replaces the file at path by what fill writes, which only its owner may read. It is there whole or not at all.
func intoFile(path string, stdout io.Writer, fill func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // not there any more if all went well
	counted := &countingWriter{w: f}
	if err := errors.Join(fill(counted), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "Written to %s: %d bytes.\n", path, counted.n)
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
