package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"parley/chat"
	"parley/commands"
	"parley/db"
	"parley/session"
)

// A console is where an operator's command from the shell is carried out: in the running server, or, where none runs on the data folder,
// in the shell's own process, on the store alone.
type console struct {
	chat     *chat.Node
	store    *db.DB
	sessions *session.Server // nil where no server runs
	in       io.Reader       // what the command reads beside its arguments: a password, an export
	out      io.Writer
}

// A consoleCommand is a command whose arguments, its fields, travel to the console. It writes what it has to say to the console's out; an
// error is one sentence for the operator.
type consoleCommand interface {
	do(ctx context.Context, c *console) error
}

// What a console command may be beside that.
type (
	// A reader reads something: open gets it at the operator's shell, and it travels to the console's in.
	reader interface {
		open(p *program) (io.ReadCloser, error)
	}
	// A writer says its piece to a file at the operator's shell, which is replaced when it is whole.
	writer interface {
		file() string
	}
	// A live command is of no use where no server runs.
	live interface{ live() }
	// A founder may make the data folder; others do not, because a folder that is not there is a slip of the pen.
	founder interface{ founds() }
)

// operatorCommands are the commands of the shell.
type operatorCommands struct {
	User     userCommands    `cmd:"" help:"Accounts: list, add, passwd, promote, demote, disable, enable, delete."`
	Sessions sessionsCommand `cmd:"" help:"List who is online, from where."`
	Kick     kickCommand     `cmd:"" help:"End a user's session."`
	Ban      banCommand      `cmd:"" help:"Keep a user, an address or a network away."`
	Unban    unbanCommand    `cmd:"" help:"End a ban."`
	Bans     bansCommand     `cmd:"" help:"List the bans."`
	Announce announceCommand `cmd:"" help:"Tell everyone online something."`
	Invite   inviteCommand   `cmd:"" help:"Make an invite code, with which one account can be registered."`
	Audit    auditCommand    `cmd:"" help:"List what operators did, the newest last."`
	Backup   backupCommand   `cmd:"" help:"Write all that is stored to a file, also while the server runs."`
	Restore  restoreCommand  `cmd:"" help:"Fill an empty data folder from a backup."`
	Check    checkCommand    `cmd:"" help:"Say whether the data folder, or a backup, is whole."`
	Export   exportCommand   `cmd:"" help:"Write the accounts as lines of JSON."`
	Import   importCommand   `cmd:"" help:"Add accounts that were exported."`
}

// operate carries out c: in the server that runs on the data folder, or here if there is none.
func (p *program) operate(ctx context.Context, o *options, path string, c consoleCommand, stdout io.Writer) (err error) {
	var in io.Reader = strings.NewReader("")
	if r, ok := c.(reader); ok {
		opened, err := r.open(p)
		if err != nil {
			return err
		}
		defer opened.Close()
		in = opened
	}
	act := func(out io.Writer) error {
		conn, err := dialAdmin(ctx, o.Data)
		if errors.Is(err, errNoServer) {
			return p.operateHere(ctx, o, c, in, out)
		}
		if err != nil {
			return err
		}
		defer conn.Close()
		return askAdmin(ctx, conn, path, c, in, out)
	}
	if w, ok := c.(writer); ok && w.file() != "-" {
		return intoFile(w.file(), stdout, act)
	}
	return act(stdout)
}

// operateHere carries out c on the store, where no server runs.
func (p *program) operateHere(ctx context.Context, o *options, c consoleCommand, in io.Reader, out io.Writer) (err error) {
	if _, ok := c.(live); ok {
		return fmt.Errorf("no Parley runs on the data folder %s, so nobody is online; --data names another folder", o.Data)
	}
	if _, ok := c.(founder); !ok {
		if _, err := os.Stat(o.Data); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no data folder %s; --data names another", o.Data)
		}
	}
	log := slog.New(slog.NewTextHandler(p.errorWriter(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := db.Open(o.Data, &db.Options{Log: log})
	if errors.Is(err, db.ErrLocked) {
		return fmt.Errorf("a Parley runs on the data folder %s but does not listen to %s there; see its log, and use the account that it runs under", o.Data, adminName)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	node := chat.New(chat.Options{Store: store, Reserved: commands.New().Reserved(), Log: log})
	defer node.Close()
	return sentenceOf(c.do(ctx, &console{chat: node, store: store, in: in, out: out}))
}

// sentenceOf makes sentences for the shell of those that hint at what one would type in the chat.
func sentenceOf(err error) error {
	if errors.Is(err, chat.ErrNoUser) || errors.Is(err, chat.ErrNotOnline) {
		first, _, _ := strings.Cut(err.Error(), ". ")
		return fmt.Errorf(`%s. "parley user list" shows all accounts, "parley sessions" who is online`, strings.TrimSuffix(first, "."))
	}
	return err
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
