package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"parley/chat"
	"parley/cluster/stream"
	"parley/db"
)

// backupCommand writes all records to a file, also while the server runs.
type backupCommand struct {
	File  string `arg:"" json:"-" help:"File to write; - is standard output."`
	Force bool   `json:"-" help:"Replace the file if it is there."`
}

func (*backupCommand) readOnly() bool { return true }

func (*backupCommand) streams() {}

func (b *backupCommand) output() output { return output{path: b.File, force: b.Force} }

func (b *backupCommand) do(ctx context.Context, c *console) error {
	return c.store.Backup(ctx, c.out)
}

// exportCommand writes the accounts to a file of JSON lines.
type exportCommand struct {
	File  string `arg:"" optional:"" default:"-" json:"-" help:"File to write; standard output if none is named."`
	Force bool   `json:"-" help:"Replace the file if it is there."`
}

func (*exportCommand) readOnly() bool { return true }

func (*exportCommand) streams() {}

func (e *exportCommand) output() output { return output{path: e.File, force: e.Force} }

func (e *exportCommand) do(ctx context.Context, c *console) error {
	_, err := c.chat.Export(ctx, c.out)
	return err
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
	var backup bytes.Buffer
	// which stops where it is no backup, and so bounds what is read
	if _, err := db.ReadBackup(io.TeeReader(in, &backup)); err != nil {
		return err
	}
	ctx, done := p.begin(ctx)
	defer done()
	folder := absolute(o.Data)
	records, err := p.restore(ctx, o.Data, backup.Bytes())
	switch {
	case errors.Is(err, db.ErrLocked):
		return fmt.Errorf("a Parley runs on the data folder %s; stop it before anything is restored", o.Data)
	case errors.Is(err, db.ErrNotEmpty), errors.Is(err, db.ErrDamaged):
		return fmt.Errorf("the data folder %s holds a store already; move it away first, as in: mv %[1]s %[1]s.old",
			filepath.Clean(o.Data))
	case err != nil:
		return err
	}
	from := r.File
	if from == "-" {
		from = "standard input"
	}
	_, err = fmt.Fprintf(stdout, "Restored %d records from %s into %s.\n", records, from, folder)
	return err
}

// restore fills the data folder dir with a whole backup, and returns how many records there are now, all read again
// from disk. Where it does not work, a folder that was made for it is gone again.
func (p *program) restore(ctx context.Context, dir string, backup []byte) (records int, err error) {
	switch there, err := db.OpenView(dir); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return 0, err
	case there.Writes() > 0:
		return 0, db.ErrNotEmpty
	}
	store, err := p.openStore(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	err = store.Restore(ctx, bytes.NewReader(backup))
	if err == nil {
		err = stream.Leave(ctx, store) // else the backup of a node would make a replica
	}
	if err != nil {
		return 0, errors.Join(err, store.Undo())
	}
	if err := store.Close(); err != nil {
		return 0, err
	}
	there, err := store.View()
	if err != nil {
		return 0, err
	}
	return there.Records(), nil
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
		return fmt.Errorf(`a Parley runs on the data folder %s; stop it first, or check what "parley backup FILE" `+
			`writes with "parley check FILE"`, o.Data)
	}
	switch {
	case report != nil && err == nil && report.View == nil:
		_, err = fmt.Fprintf(stdout, "State: %s.\nThe data folder %s can be used. The next start mends it, and then "+
			"its records can be counted.\n", report.Finding, o.Data)
		return err
	case report != nil:
		fmt.Fprintf(stdout, "%d records, %d writes. State: %s.\n", report.Records, report.Writes, report.Finding)
	}
	if err != nil {
		return err
	}
	if o.clustered() {
		if err := c.compare(ctx, o, report.View, stdout); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "The data folder %s can be used.\n", o.Data)
	accounts, err := countAccounts(ctx, report.View)
	if err != nil {
		return err
	}
	if accounts == 0 {
		_, err = fmt.Fprintf(stdout, "It has no accounts: is %s the folder you mean? --data names another.\n",
			absolute(o.Data))
	} else {
		_, err = fmt.Fprintf(stdout, "Accounts: %d.\n", accounts)
	}
	return err
}

// checkBackup reads the backup, and every account in it, in memory.
func (c *checkCommand) checkBackup(ctx context.Context, p *program, stdout io.Writer) error {
	in, err := p.openInput(c.Backup)
	if err != nil {
		return err
	}
	defer in.Close()
	view, err := db.ReadBackup(in)
	if err != nil {
		return err
	}
	accounts, err := countAccounts(ctx, view)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The backup %s is whole: %d records, %d of them accounts.\n", c.Backup, view.Records(),
		accounts)
	return err
}

// countAccounts reads every account in store, and returns how many there are.
func countAccounts(ctx context.Context, store chat.Store) (int, error) {
	node := chat.New(chat.Options{Store: store})
	defer node.Close()
	return node.Export(ctx, io.Discard)
}

// openInput opens a file that the operator names; "-" is standard input.
func (p *program) openInput(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(p.input()), nil
	}
	return os.Open(path)
}
