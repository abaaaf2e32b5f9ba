//go:build linux

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// A Bench says what to do and how much of it. Its tags are those of github.com/alecthomas/kong.
type Bench struct {
	Scenario string `arg:"" enum:"idle,room,tell,churn,login,slow" help:"What the users do. idle: nothing. room: they listen while some speak. tell: two tell each other something meanwhile. churn: they come and go. login: they do so with a password each, while guests speak to each other. slow: one in ten stops reading."`

	Users    int           `default:"1000" help:"How many are online; in churn and login, how many come and go. (${default})"`
	Rooms    int           `default:"1" help:"In how many rooms. (${default})"`
	Speakers int           `default:"10" help:"How many of them speak, in turns, at least one in each room; in login they are guests beside the others. (${default})"`
	Rate     float64       `placeholder:"LINES" help:"Lines that are said in a second, all together and evenly spread, such as 50 or 2.5; 0 means as many as the server takes (in tell: none; in login: 50)."`
	Size     int           `default:"100" help:"Bytes of a line. (${default})"`
	Shout    bool          `help:"Speak to everyone instead of to rooms."`
	Mode     string        `default:"line" enum:"line,keys,typing" help:"Terminals: ${enum}; in typing everybody has typed half a line. Speakers always send lines. (${default})"`
	For      time.Duration `default:"5s" help:"How long to measure. (${default})"`

	Baseline bool `help:"Do the same with the leanest fan-out that can be written in Go, and compare."`
	Rounds   int  `default:"1" help:"How often to measure; the median counts. (${default})"`
	JSON     bool `help:"Print the figures as JSON."`

	Server         string   `placeholder:"ADDRESS" help:"Load a server that runs already, such as 127.0.0.1:4000, with guests who may chat, instead of a fresh one."`
	IOwnThisServer bool     `name:"i-own-this-server" help:"Let --server be on another machine."`
	NoPin          bool     `help:"Let the system choose the processors of both sides."`
	With           []string `placeholder:"OPTION" help:"Option for the fresh server, such as --with=--admin-listen=127.0.0.1:9100."`

	// Program is the parley to start. It must know the commands serve, user, export and import.
	Program string `kong:"-"`
	// Rival is the executable that serves the baseline when it is started with the word "baseline".
	Rival string `kong:"-"`
}

// Run measures, tells progress of it, and prints the figures to stdout. It returns a sentence for the operator as the
// error.
func (b *Bench) Run(ctx context.Context, stdout, progress io.Writer) error {
	if err := b.check(); err != nil {
		return err
	}
	if b.pinned() {
		if err := pinUsers(); err != nil {
			return err
		}
	}
	var results report
	for round := range b.Rounds {
		for _, name := range b.targets() {
			fmt.Fprintf(progress, "%s, round %d of %d: starting\n", name, round+1, b.Rounds)
			figures, err := b.measure(ctx, name, progress)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			results.add(name, figures)
		}
	}
	if b.JSON {
		return results.writeJSON(stdout, b)
	}
	return results.writeTable(stdout, b)
}

// pinned reports whether each side gets a processor of its own.
func (b *Bench) pinned() bool { return !b.NoPin && b.Server == "" && runtime.NumCPU() > 1 }

const (
	parleyName   = "parley"
	baselineName = "baseline"
)

func (b *Bench) targets() []string {
	if b.Baseline {
		return []string{parleyName, baselineName}
	}
	return []string{parleyName}
}

func (b *Bench) check() error {
	switch {
	case b.Users < 1 || b.Rooms < 1 || b.Rounds < 1:
		return errors.New("users, rooms and rounds are at least one")
	case b.Rooms > b.Users:
		return errors.New("every room needs a user")
	case b.Rate != 0 && !(b.Rate >= 0.001 && b.Rate <= 1e6): // NaN fails this too
		return errors.New("the rate is 0, or between 0.001 and 1000000 lines a second")
	case b.For <= 0:
		return errors.New("--for must be positive")
	case b.Size < 20 || b.Size > 1000:
		return errors.New("a line has 20 to 1000 bytes")
	case b.Baseline && b.Mode != string(modeLine) && b.Scenario == "churn":
		return errors.New("the baseline knows no terminals: compare logins with --mode line")
	case b.Baseline && b.Scenario == "slow":
		return errors.New("the baseline stops when somebody stops reading: there is nothing to compare")
	case b.Scenario == "slow" && b.Rate == 0:
		return errors.New("slow needs a rate, such as --rate 50")
	case b.Scenario == "login" && b.Baseline:
		return errors.New("the baseline hashes no passwords: there is nothing to compare")
	case b.Scenario == "login" && b.Mode != string(modeLine):
		return errors.New("those who log in send lines: leave --mode out")
	case b.Scenario == "login" && b.Server != "":
		return errors.New("login needs accounts, which only a fresh server gets: leave --server out")
	}
	b.Speakers = max(b.Speakers, b.Rooms)
	if b.Scenario != "login" {
		b.Speakers = min(b.Speakers, b.Users)
	} else if b.Rate == 0 {
		b.Rate = loginRate
	}
	if err := b.checkSockets(); err != nil {
		return err
	}
	if b.Server == "" {
		return nil
	}
	address, err := netip.ParseAddrPort(b.Server)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not an address such as 127.0.0.1:4000", b.Server)
	case !address.Addr().IsLoopback() && !b.IOwnThisServer:
		return errors.New("to load a server on another machine say --i-own-this-server, if it is yours")
	}
	return nil
}

// spareFiles is how many files each side may need beside its connections; the server keeps 128 free.
const spareFiles = 160

// checkSockets returns an error if the system lets a process have fewer sockets than the scenario takes.
func (b *Bench) checkSockets() error {
	sockets := b.Users
	switch b.Scenario {
	case "tell":
		sockets += 2
	case "churn":
		sockets = min(b.Users, atOnce)
	case "login":
		sockets = min(b.Users, loginsAtOnce) + b.Speakers
	}
	// The server raises its limit to the hard one, as package os has done here.
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return os.NewSyscallError("getrlimit", err)
	}
	if need := uint64(sockets + spareFiles); need > limit.Cur {
		return fmt.Errorf("%d connections take %d open files on each side, and a process may have %d here; raise "+
			"that (as root: ulimit -n %[2]d), or take fewer users", sockets, need, limit.Cur)
	}
	return nil
}

// measure starts one server and returns what the scenario found out about it.
func (b *Bench) measure(ctx context.Context, name string, progress io.Writer) ([]figure, error) {
	t, err := b.start(ctx, name)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	l, err := newLoop()
	if err != nil {
		return nil, err
	}
	defer l.close()
	r := &run{Bench: b, target: t, loop: l, progress: progress, mode: mode(b.Mode)}
	if name == baselineName {
		r.mode = modeLine
	}
	switch b.Scenario {
	case "idle":
		return r.idle(ctx)
	case "room":
		return r.room(ctx)
	case "tell":
		return r.tell(ctx)
	case "churn":
		return r.churn(ctx)
	case "login":
		return r.login(ctx)
	default:
		return r.slow(ctx)
	}
}

func (b *Bench) start(ctx context.Context, name string) (_ *target, err error) {
	if name == baselineName {
		return start(name, b.Rival, b.pinned(), "baseline")
	}
	if b.Server != "" {
		return &target{name: name, address: netip.MustParseAddrPort(b.Server)}, nil
	}
	data, err := os.MkdirTemp("", "parley-bench")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(data)
		}
	}()
	if b.Scenario == "login" {
		if err := enroll(ctx, b.Program, data, b.Users); err != nil {
			return nil, err
		}
	}
	t, err := start(name, b.Program, b.pinned(), append([]string{"serve", "--listen=127.0.0.1:0", "--guests=chat",
		"--data=" + data}, b.With...)...)
	if err != nil {
		return nil, err
	}
	t.data = data
	return t, nil
}
