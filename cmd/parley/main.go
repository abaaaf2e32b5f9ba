// Command parley is a chat server that people reach with telnet, netcat or a MUD client.
//
// Run without arguments it serves on localhost:4000 and keeps accounts in ./parley-data; "parley --help" tells the
// rest.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"parley/chat"
	"parley/commands"
	"parley/internal/build"
)

// version is that of the release, without where it was built from.
const version = build.Version

// versionLine is what "parley version" prints.
func versionLine() string { return "parley " + build.Read().String() }

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	if err == nil {
		return
	}
	last := newOutlet(os.Stderr).start() // which may be what hung
	fmt.Fprintln(last, "parley:", err)
	last.close()
	if _, ok := errors.AsType[*usageError](err); ok {
		os.Exit(2)
	}
	os.Exit(1)
}

// run is the whole program: it does what args say until that is done or ctx is. Errors are sentences for the operator;
// for one of type *usageError the exit status is 2.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	p := &program{called: os.Args[0], reload: hangups, become: become,
		signals: []os.Signal{os.Interrupt, syscall.SIGTERM}}
	return p.run(ctx, args, stdout)
}

// A program is run with what tests replace.
type program struct {
	// called is the name by which the program was called; empty means parley.
	called string
	// args is the command line, which reload reads again.
	args []string
	// listen opens a listener; nil means net.Listen.
	listen func(ctx context.Context, network, address string) (net.Listener, error)
	// reload makes the program read its text files again, as SIGHUP does.
	reload <-chan os.Signal
	// signals are those that end what is being done in good order: see begin.
	signals []os.Signal
	// stdin is where passwords and files named "-" are read; nil means os.Stdin.
	stdin io.Reader
	// stderr is where the log goes; nil means os.Stderr.
	stderr io.Writer
	// become makes the process the user's who owns a data folder, and returns how that user reaches the folder. nil
	// means that root must leave other users' folders alone.
	become func(dir string) (path string, err error)
	// commands are what users can type beside the usual.
	commands []commands.Command
	// random is what codes and secrets are made of; nil means crypto/rand.Reader.
	random io.Reader
	// sshOpen lets all who come by SSH in without a proof, and asks them for a name as at the other doors: for plays.
	sshOpen bool
	// hash is what the hash of a new password costs: see chat.HashParams for zero.
	hash chat.HashParams
	// hashing is called when a hash begins, and when it has ended; nil means that nobody wants to know.
	hashing func()
	// ground is what the server stands on; nil means alone.
	ground ground
}

// begin returns a context that is done when a signal asks for the end. It is called before anything is opened or made.
// Until then a signal ends the process at once, also one that reads a pipe into which nobody writes.
func (p *program) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	if len(p.signals) == 0 {
		return ctx, func() {}
	}
	return signal.NotifyContext(ctx, p.signals...)
}

// A command is what the program can be told to do. What kong has read of its arguments is in its fields.
type command interface {
	run(ctx context.Context, p *program, o *options, stdout io.Writer) error
}

func (p *program) run(ctx context.Context, args []string, stdout io.Writer) error {
	p.args = args
	out := &printer{w: stdout}
	o, selected, err := parseOptions(args, out)
	if selected != nil {
		if c, ok := target(selected).(examiner); ok { // it is there to say what is wrong with args
			return out.failed(c.examine(ctx, p, args, out))
		}
	}
	if err != nil || selected == nil { // help was printed
		return out.failed(err)
	}
	switch c := target(selected).(type) {
	case *serveCommand:
		return c.run(ctx, p, o, stdout) // a server goes on where nobody reads
	case command:
		return out.failed(c.run(ctx, p, o, out))
	case consoleCommand:
		return out.failed(p.operate(ctx, o, commandPath(selected), c, out))
	}
	panic(fmt.Sprintf("%T is no command", target(selected)))
}

// An examiner is a command that looks at a configuration which may be wrong.
type examiner interface {
	examine(ctx context.Context, p *program, args []string, stdout io.Writer) error
}

type serveCommand struct{}

func (*serveCommand) run(ctx context.Context, p *program, o *options, stdout io.Writer) error {
	ctx, done := p.begin(ctx)
	defer done()
	return p.serve(ctx, o, stdout)
}

type versionCommand struct{}

func (*versionCommand) run(_ context.Context, _ *program, _ *options, stdout io.Writer) error {
	_, err := fmt.Fprintln(stdout, versionLine())
	return err
}

// A usageError is an option that is wrong.
type usageError struct{ err error }

func (e *usageError) Error() string { return strings.ReplaceAll(e.err.Error(), "\n", " ") }
func (e *usageError) Unwrap() error { return e.err }
