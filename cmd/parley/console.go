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
	"strings"

	"github.com/alecthomas/kong"

	"parley/chat"
	"parley/commands"
	"parley/db"
	"parley/session"
	"parley/words"
)

// A console is where an operator's command from the shell is carried out: in the running server, or, where none runs on
// the data folder, in the shell's own process, on the store alone.
type console struct {
	chat     *chat.Node
	registry *commands.Registry
	store    archive
	path     string          // the words that select the command
	sessions *session.Server // nil where no server runs
	ground   ground          // likewise
	in       io.Reader       // what the command reads beside its arguments: a password, an export
	out      io.Writer
}

// An archive is a store that can be backed up: a db.DB, or a db.View of it.
type archive interface {
	chat.Store
	Backup(ctx context.Context, w io.Writer) error
}

// A consoleCommand is a command whose arguments, its fields, travel to the console. It writes what it has to say to the
// console's out; an error is one sentence for the operator.
type consoleCommand interface {
	do(ctx context.Context, c *console) error
}

// What a console command may be beside that.
type (
	// A reader reads something: open gets it at the operator's shell, and it travels to the console's in.
	reader interface {
		open(p *program) (io.ReadCloser, error)
	}
	// A writer says its piece to a file at the operator's shell.
	writer interface {
		output() output
	}
	// A streamer reads or writes more than a few lines, and so waits for the shell that asked.
	streamer interface{ streams() }
	// A viewer wants to know where it is shown.
	viewer interface{ at(stdout io.Writer) }
	// A live command is of no use where no server runs.
	live interface{ live() bool }
	// A readOnly command changes nothing that is stored. Where no server runs it is given a view of the data folder, in
	// which it leaves no trace.
	readOnly interface{ readOnly() bool }
	// A founder may make the data folder; others do not, because a folder that is not there is a slip of the pen.
	founder interface{ founds() }
	// A checked command says by itself, before anything is opened, whether it can be read.
	checked interface{ check() error }
)

// operatorCommands are the commands of the shell.
type operatorCommands struct {
	User     userCommands    `cmd:"" help:"Accounts: list, add, passwd, promote, demote, disable, enable, delete."`
	Sessions sessionsCommand `cmd:"" help:"List who is online, from where."`
	Backup   backupCommand   `cmd:"" help:"Write all that is stored to a file, also while the server runs."`
	Restore  restoreCommand  `cmd:"" help:"Fill an empty data folder from a backup."`
	Check    checkCommand    `cmd:"" help:"Say whether the data folder, or a backup, is whole."`
	Export   exportCommand   `cmd:"" help:"Write the accounts as lines of JSON."`
	Import   importCommand   `cmd:"" help:"Add accounts that were exported."`
	Cluster  clusterCommands `cmd:"" help:"Several servers that are one Parley: show, found."`
}

// operate carries out c: in the server that runs on the data folder, or here if there is none.
func (p *program) operate(ctx context.Context, o *options, path string, c consoleCommand,
	stdout io.Writer) (err error) {
	if c, ok := c.(checked); ok {
		if err := c.check(); err != nil {
			return &usageError{sentenceOf(err)}
		}
	}
	var in io.Reader = strings.NewReader("")
	if r, ok := c.(reader); ok {
		opened, err := r.open(p)
		if err != nil {
			return err
		}
		defer opened.Close()
		in = opened
	}
	if v, ok := c.(viewer); ok {
		v.at(stdout)
	}
	ctx, done := p.begin(ctx)
	defer done()
	act := func(out io.Writer) error {
		conn, err := dialAdmin(ctx, o.Data)
		if errors.Is(err, errNoServer) {
			return p.operateHere(ctx, o, path, c, in, out)
		}
		if err != nil {
			return err
		}
		defer conn.Close()
		return askAdmin(ctx, conn, path, c, in, out)
	}
	if w, ok := c.(writer); ok {
		out := w.output()
		out.data = o.Data
		return out.write(ctx, stdout, act)
	}
	return act(stdout)
}

// operateHere carries out c on the store, where no server runs.
func (p *program) operateHere(ctx context.Context, o *options, path string, c consoleCommand, in io.Reader,
	out io.Writer) error {
	if l, ok := c.(live); ok && l.live() {
		return fmt.Errorf("no Parley runs on the data folder %s, so nobody is online; --data names another folder",
			o.Data)
	}
	if _, ok := c.(founder); !ok {
		if _, err := os.Stat(o.Data); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no data folder %s; --data names another", o.Data)
		}
	}
	log := slog.New(slog.NewTextHandler(p.errorWriter(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	if r, ok := c.(readOnly); ok && r.readOnly() {
		view, err := db.OpenView(o.Data)
		if err != nil {
			return unreachable(err, o.Data)
		}
		return actOn(ctx, o, view, path, c, in, out, log)
	}
	folder := absolute(o.Data)
	store, err := p.openStore(ctx, o.Data, log)
	if err != nil {
		return unreachable(err, o.Data)
	}
	var said bytes.Buffer // nobody reads that something was done before it is known to stay
	err = actOn(ctx, o, store, path, c, in, &said, log)
	if err != nil {
		err = errors.Join(err, store.Undo())
	} else if err = store.Close(); store.Made() {
		fmt.Fprintf(p.errorWriter(), "parley: made %s, no accounts yet\n", folder)
	}
	if errors.Is(err, errUnsaved) {
		return err
	}
	_, writing := said.WriteTo(out)
	return errors.Join(err, writing)
}

// errUnsaved is returned where something is in force that the disk did not take, in a process that is about to end.
var errUnsaved = errors.New("that could not be saved: the disk is full or read-only, and no server runs to save it " +
	"later")

// openStore opens the data folder for writing. What is written there stays its owner's, if this is root.
func (p *program) openStore(ctx context.Context, dir string, log *slog.Logger) (*db.DB, error) {
	path, err := dir, error(nil)
	if p.become == nil {
		err = refuseForeign(dir)
	} else {
		path, err = p.become(dir)
	}
	if err != nil {
		return nil, err
	}
	store, err := db.Open(path, &db.Options{Name: dir, Log: log})
	if err != nil {
		return nil, err
	}
	if err := refuseReplica(ctx, store, dir); err != nil {
		return nil, errors.Join(err, store.Undo())
	}
	return store, nil
}

// unreachable words why a data folder cannot be opened where the running server should have been asked.
func unreachable(err error, dir string) error {
	if errors.Is(err, db.ErrLocked) {
		return fmt.Errorf("a Parley runs on the data folder %s but does not listen to %s there; see its log, and "+
			"use the account that it runs under", dir, adminName)
	}
	return err
}

// absolute returns the whole path of a data folder, for operators who might stand where they do not think they do.
func absolute(dir string) string {
	if path, err := filepath.Abs(dir); err == nil {
		return path
	}
	return dir
}

// actOn carries out c on a store that no server uses.
func actOn(ctx context.Context, o *options, store archive, path string, c consoleCommand, in io.Reader, out io.Writer,
	log *slog.Logger) error {
	registry := commands.New()
	node := chat.New(chat.Options{
		Store: store, Reserved: registry.Reserved(), PasswordMin: int(o.PasswordMin), Log: log,
	})
	defer node.Close()
	err := sentenceOf(c.do(ctx, &console{chat: node, registry: registry, store: store, path: path, in: in, out: out}))
	if node.Close(); err == nil && node.Unsaved() != nil {
		err = errUnsaved
	}
	return err
}

// shellWords has the sentences for those who type commands in the shell.
var shellWords = words.English.As(words.Form{Sign: "parley "})

// sentenceOf makes sentences for the shell of those that hint at what one would type in the chat.
func sentenceOf(err error) error {
	instead := ""
	switch {
	case errors.Is(err, chat.ErrNoUser), errors.Is(err, chat.ErrNotOnline):
		instead = `"parley user list" shows all accounts, "parley sessions" who is online`
	case errors.Is(err, chat.ErrNoRoom):
		instead = `"parley who -l" shows who is in which room`
	case chat.IsRefusal(err):
		return errors.New(shellWords.Sentence(err))
	default:
		return err
	}
	first, _, _ := strings.Cut(words.English.Sentence(err), ". ")
	return fmt.Errorf("%s. %s", strings.TrimSuffix(first, "."), instead)
}

// commandPath returns the words that select the command n, such as "user add".
func commandPath(n *kong.Node) string {
	words := n.Name
	for n = n.Parent; n != nil && n.Type == kong.CommandNode; n = n.Parent {
		words = n.Name + " " + words
	}
	return words
}

func (p *program) errorWriter() io.Writer {
	if p.stderr == nil {
		return os.Stderr
	}
	return p.stderr
}

func (p *program) input() io.Reader {
	if p.stdin == nil {
		return os.Stdin
	}
	return p.stdin
}
