package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"parley/chat"
	"parley/words"
)

type userCommands struct {
	List    userList    `cmd:"" help:"List all accounts."`
	Add     userAdd     `cmd:"" help:"Make an account. The password is asked for, or read from standard input."`
	Passwd  userPasswd  `cmd:"" help:"Replace a user's password. It is asked for, or read from standard input."`
	Promote userPromote `cmd:"" help:"Make a user an operator."`
	Demote  userDemote  `cmd:"" help:"Make an operator a user again."`
	Disable userDisable `cmd:"" help:"Keep a user from logging in; the account stays."`
	Enable  userEnable  `cmd:"" help:"Let a disabled user log in again."`
	Delete  userDelete  `cmd:"" help:"Delete an account; anybody may register the name then."`
}

type userList struct{}

func (*userList) readOnly() bool { return true }

func (*userList) do(ctx context.Context, c *console) error {
	users, err := c.chat.Accounts(ctx)
	if err != nil {
		return err
	}
	t := newTable(c.out, "NAME", "ROLE", "STATE", "REGISTERED", "LAST SEEN", "FAILED LOGINS")
	for _, u := range users {
		role, state := "user", "offline"
		if u.Operator {
			role = "operator"
		}
		switch {
		case u.Disabled:
			state = "disabled"
		case u.Online:
			state = "online"
		}
		t.row(u.Name, role, state, day(u.Registered), words.English.Date(u.LastSeen), fmt.Sprint(u.Failed))
	}
	return t.end(words.Count(len(users), "account"))
}

// A userName is the argument of most of the commands on accounts.
type userName struct {
	User string `arg:"" help:"Name of the user, in any letter case."`
}

type userAdd struct{ userName }

func (*userAdd) founds() {}

func (u *userAdd) open(p *program) (io.ReadCloser, error) { return p.askPassword(u.User) }

func (u *userAdd) do(ctx context.Context, c *console) error {
	password, err := readPassword(c.in)
	if err != nil {
		return err
	}
	if err := c.chat.AddUser(ctx, chat.AtConsole(), u.User, password); err != nil {
		return err
	}
	return c.sayTaken(password, "user added", u.User)
}

type userPasswd struct{ userName }

func (u *userPasswd) open(p *program) (io.ReadCloser, error) { return p.askPassword(u.User) }

func (u *userPasswd) do(ctx context.Context, c *console) error {
	password, err := readPassword(c.in)
	if err != nil {
		return err
	}
	if err := c.chat.SetPassword(ctx, chat.AtConsole(), u.User, password); err != nil {
		return err
	}
	return c.sayTaken(password, "user passwd", u.User)
}

type userPromote struct{ userName }

func (u *userPromote) do(ctx context.Context, c *console) error {
	if err := c.chat.Promote(ctx, chat.AtConsole(), u.User); err != nil {
		return err
	}
	return c.say("user promoted", u.User)
}

type userDemote struct{ userName }

func (u *userDemote) do(ctx context.Context, c *console) error {
	if err := c.chat.Demote(ctx, chat.AtConsole(), u.User); err != nil {
		return err
	}
	return c.say("user demoted", u.User)
}

type userDisable struct{ userName }

func (u *userDisable) do(ctx context.Context, c *console) error {
	if err := c.chat.Disable(ctx, chat.AtConsole(), u.User); err != nil {
		return err
	}
	return c.say("user disabled", u.User)
}

type userEnable struct{ userName }

func (u *userEnable) do(ctx context.Context, c *console) error {
	if err := c.chat.Enable(ctx, chat.AtConsole(), u.User); err != nil {
		return err
	}
	return c.say("user enabled", u.User)
}

type userDelete struct{ userName }

func (u *userDelete) do(ctx context.Context, c *console) error {
	if err := c.chat.DeleteAccount(ctx, chat.AtConsole(), u.User); err != nil {
		return err
	}
	return c.say("user deleted", u.User)
}

// askPassword gets a new password for the user called name: asked for twice, unseen, at a terminal, and otherwise the
// first line of standard input. It is never an argument, which other users of the machine could see.
func (p *program) askPassword(name string) (_ io.ReadCloser, err error) {
	in := p.input()
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReaderSize(io.LimitReader(in, chat.MaxLine+2), chat.MaxLine+2).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the password: %w", err)
		}
		return io.NopCloser(strings.NewReader(strings.TrimRight(line, "\r\n"))), nil
	}
	// A signal must not leave the operator at a terminal that shows nothing.
	ctx, done := p.begin(context.Background())
	defer done()
	// The terminal shows nothing from here on, not only while it is read: what is typed ahead of a question is a
	// password too.
	before, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return nil, fmt.Errorf("hide the password: %w", err)
	}
	defer func() { err = errors.Join(err, term.Restore(int(f.Fd()), before)) }()
	type answer struct {
		password string
		err      error
	}
	answers := make(chan answer, 1)
	ask := func() {
		password, err := askTwice(term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{f, p.errorWriter()}, ""), name)
		answers <- answer{password, err}
	}
	go ask() // until there is an answer
	a := answer{err: errNoPassword}
	select {
	case a = <-answers:
	case <-ctx.Done():
	}
	if a.err == errNoPassword {
		fmt.Fprint(p.errorWriter(), "\r\n") // the question stands in the row
	}
	return io.NopCloser(strings.NewReader(a.password)), a.err
}

// askTwice asks for a new password until it is typed twice alike.
func askTwice(terminal *term.Terminal, name string) (string, error) {
	for range passwordTries {
		password, err := terminal.ReadPassword(fmt.Sprintf("New password for %q: ", name))
		again := ""
		if err == nil {
			again, err = terminal.ReadPassword("The same again: ")
		}
		switch {
		case errors.Is(err, io.EOF): // Ctrl-C, Ctrl-D, or the terminal has gone
			return "", errNoPassword
		case err != nil:
			return "", fmt.Errorf("read the password: %w", err)
		case password == again:
			return password, nil
		}
		fmt.Fprintln(terminal, "The two passwords are not the same.")
	}
	return "", errors.New("no password was typed twice alike, and nothing was changed")
}

// errNoPassword is returned where the question for a password was called off.
var errNoPassword = errors.New("no password was typed, and nothing was changed")

// passwordTries is how often a new password is asked for that was not typed twice alike.
const passwordTries = 3

// readPassword reads what askPassword got.
func readPassword(in io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(in, chat.MaxLine+1))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if len(b) > chat.MaxLine {
		return "", chat.ErrLineTooLong
	}
	return string(b), nil
}

// sayTaken writes a sentence, and what there is to say about the password that was taken.
func (c *console) sayTaken(password, code string, args ...any) error {
	if err := c.say(code, args...); err != nil {
		return err
	}
	if advice := chat.PasswordAdvice(password); advice != nil {
		return c.say(advice.Code(), advice.Args()...)
	}
	return nil
}

// say writes the sentence of that code to the operator: see [words.Table.Say].
func (c *console) say(code string, args ...any) error {
	_, err := fmt.Fprintln(c.out, words.English.Say(code, args...))
	return err
}

// A table is written to the operator in columns.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer, heads ...string) *table {
	t := &table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	t.row(heads...)
	return t
}

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		if cell == "" {
			cells[i] = "-"
		}
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t")) // an error comes again at the end
}

// end writes the table, and how many things it lists: count.
func (t *table) end(count *words.Phrase) error {
	fmt.Fprintln(t.w, words.English.Say("listed", count))
	return t.w.Flush()
}

func day(t time.Time) string {
	if t.IsZero() {
		return words.English.Date(t)
	}
	return t.UTC().Format(time.DateOnly)
}
