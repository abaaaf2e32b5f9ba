// Command parley-bench loads a Parley with users and measures what that costs, if asked beside the leanest fan-out that
// can be written in Go.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"parley/cmd/parley-bench/internal/bench"
)

type commandLine struct {
	Run      runCommand      `cmd:"" default:"withargs" help:"Load a server and measure. This is the default."`
	Baseline baselineCommand `cmd:"" hidden:""`
}

// runCommand is a bench, and where the server's binary is.
type runCommand struct {
	bench.Bench
	Parley string `placeholder:"FILE" help:"The parley to measure; if not given, the one beside this program, or else the one that the shell would start."`
}

// baselineCommand is the server that the bench compares with; the bench starts it.
type baselineCommand struct{}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var line commandLine
	parser := kong.Must(&line, kong.Name("parley-bench"),
		kong.Description("Loads a Parley with users and measures what that costs. docs/speed.md has the figures."))
	selected, err := parser.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley-bench:", err)
		os.Exit(2)
	}
	if selected.Command() == "baseline" {
		err = bench.ServeBaseline(ctx, os.Stdout)
	} else {
		err = line.Run.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley-bench:", err)
		os.Exit(1)
	}
}

func (c *runCommand) run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if c.Rival = self; c.Parley == "" {
		c.Parley = filepath.Join(filepath.Dir(self), "parley")
		if _, err := os.Stat(c.Parley); err != nil {
			if c.Parley, err = exec.LookPath("parley"); err != nil {
				return fmt.Errorf("there is no parley beside %s or in PATH: name it with --parley", self)
			}
		}
	}
	c.Program = c.Parley
	return c.Run(ctx, os.Stdout, os.Stderr)
}
