package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"parley/chat"
	"parley/words"
)

// maxLeftOut is how many accounts that were left out are listed one by one.
const maxLeftOut = 100

// importCommand adds the accounts of an export.
type importCommand struct {
	File string `arg:"" optional:"" default:"-" json:"-" help:"File to read; standard input if none is named."`
	// These are set at the operator's shell: how many accounts there are, and whether a bar is to show how far it is.
	Accounts int  `kong:"-"`
	Terminal bool `kong:"-"`
	// screen is that terminal, where the import is done in the shell's own process.
	screen io.Writer
}

func (i *importCommand) founds() {}

// open reads the whole export, and refuses one that is not whole before anything is opened or made for it.
func (i *importCommand) open(p *program) (io.ReadCloser, error) {
	in, err := p.openInput(i.File)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	export, err := io.ReadAll(io.LimitReader(in, chat.MaxExport+1))
	if err != nil {
		return nil, fmt.Errorf("read the export: %w", err)
	}
	i.Accounts = max(0, bytes.Count(export, []byte("\n"))-2) // but for its first line and its last
	return io.NopCloser(bytes.NewReader(export)), sentenceOf(chat.CheckExport(export))
}

func (*importCommand) streams() {}

func (i *importCommand) at(stdout io.Writer) {
	f, ok := beneath(stdout).(*os.File)
	if i.Terminal = ok && term.IsTerminal(int(f.Fd())); i.Terminal {
		i.screen = f
	}
}

func (i *importCommand) do(ctx context.Context, c *console) error {
	var added, same, refused int
	var bar *progressbar.ProgressBar
	var reasons bytes.Buffer
	err := c.chat.Import(ctx, c.in, func(one chat.Imported) {
		if i.Terminal {
			if bar == nil {
				bar = newBar(i.drawn(c.out), i.Accounts)
			}
			_ = bar.Add(1) // a bar that cannot be drawn harms nobody
		}
		switch {
		case one.Err != nil:
			if refused++; refused <= maxLeftOut {
				fmt.Fprintln(&reasons, words.English.Say("left out", one.Name, one.Err))
			}
		case one.Added:
			added++
		default:
			same++
		}
	})
	if bar != nil {
		_ = bar.Clear()
	}
	if refused > maxLeftOut {
		fmt.Fprintln(&reasons, words.English.Say("more left out", refused-maxLeftOut))
	}
	_, writing := reasons.WriteTo(c.out)
	if err := errors.Join(err, writing); err != nil {
		return err
	}
	if err := c.say("imported", added, same, refused); err != nil {
		return err
	}
	if refused > 0 {
		return errors.New("some accounts were left out; the lines above say why")
	}
	return nil
}

// drawn returns where the bar is drawn: at the shell's terminal, which out leads to when a server is asked.
func (i *importCommand) drawn(out io.Writer) io.Writer {
	if i.screen != nil {
		return i.screen
	}
	return flushing{out}
}

// newBar shows how many of all things are done, in one row that is drawn ten times a second and removed at the end.
func newBar(w io.Writer, all int) *progressbar.ProgressBar {
	return progressbar.NewOptions(all, progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetDescription("Accounts"),
		progressbar.OptionClearOnFinish())
}

// A flushing writer sends at once what it is given, where it goes to a shell by the admin socket.
type flushing struct{ w io.Writer }

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if w, ok := f.w.(http.Flusher); ok {
		w.Flush()
	}
	return n, err
}
