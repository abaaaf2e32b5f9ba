package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"parley/chat"
	"parley/commands"
	"parley/words"
)

// A chatCommand is a command that operators have in the chat too: the registry carries it out, with the console as who
// acts.
type chatCommand struct {
	row *commands.Command // not in what travels to the console, which knows the command by its path

	Words []string `arg:"" optional:"" help:"As in the chat: see above."`
}

// An addressedCommand is a chatCommand that takes -a.
type addressedCommand struct {
	chatCommand
	Address bool `short:"a" help:"Addresses too."`
}

// A listCommand is an addressedCommand that takes -l too.
type listCommand struct {
	addressedCommand
	Long bool `short:"l" help:"More of each."`
}

func (c *chatCommand) live() bool     { return c.row.Live }
func (c *chatCommand) readOnly() bool { return c.row.ReadOnly }
func (c *chatCommand) check() error   { return c.row.Check(c.Words) }

func (c *chatCommand) do(ctx context.Context, on *console) error { return on.run(ctx, c.Words) }

func (c *addressedCommand) words() []string {
	if c.Address {
		return append([]string{"-a"}, c.Words...)
	}
	return c.Words
}

func (c *addressedCommand) check() error                              { return c.row.Check(c.words()) }
func (c *addressedCommand) do(ctx context.Context, on *console) error { return on.run(ctx, c.words()) }

func (c *listCommand) words() []string {
	if c.Long {
		return append([]string{"-l"}, c.addressedCommand.words()...)
	}
	return c.addressedCommand.words()
}

func (c *listCommand) check() error                              { return c.row.Check(c.words()) }
func (c *listCommand) do(ctx context.Context, on *console) error { return on.run(ctx, c.words()) }

// run has the registry carry out the command that the console's path names.
func (c *console) run(ctx context.Context, words []string) error {
	var writing error
	call := &commands.Call{Chat: c.chat, By: chat.AtConsole(), Words: shellWords, Print: func(line string) {
		if writing == nil {
			_, writing = fmt.Fprintln(c.out, line)
		}
	}}
	if err := c.registry.RunWords(ctx, call, c.path, words); err != nil {
		return err
	}
	return writing
}

// chatCommands returns what makes kong read the commands that operators have in the chat.
func chatCommands() []kong.Option {
	var all []kong.Option
	for _, row := range commands.New().Console() {
		if row.Name == "cluster" {
			continue // here it has more to it: see clusterCommands
		}
		plain := chatCommand{row: row}
		var target any = &plain
		switch flags := row.Flags(); {
		case slices.Contains(flags, "-l"):
			target = &listCommand{addressedCommand: addressedCommand{chatCommand: plain}}
		case slices.Contains(flags, "-a"):
			target = &addressedCommand{chatCommand: plain}
		}
		all = append(all, kong.DynamicCommand(row.Name, row.Help(words.English).Does, "", target))
	}
	return all
}

// describe lets the help of the program say of the command n what the help of the chat says.
func describe(n *kong.Node) {
	row := rowOf(n)
	if row == nil {
		return
	}
	help := row.Help(words.English)
	n.Detail = strings.TrimSpace("Usage: parley " + row.UsageText() + "\n\n" + help.More + "\n\nExample: parley " +
		help.Example)
}

// rowOf returns the command of the chat that n is, or nil.
func rowOf(n *kong.Node) *commands.Command {
	switch c := target(n).(type) {
	case *chatCommand:
		return c.row
	case *addressedCommand:
		return c.row
	case *listCommand:
		return c.row
	}
	return nil
}
