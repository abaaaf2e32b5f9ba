package commands

import (
	"context"
	"fmt"
)

var helpCommands = []Command{{
	Name:    "help",
	Usage:   "help [command]",
	Help:    "List the commands, or explain one.",
	More:    "A command may be shortened as long as no other starts with the same letters.",
	Example: "help say",
	Run: func(_ context.Context, c *Call) error {
		word := c.Arg("command")
		if word == "" {
			for _, line := range c.registry.List() {
				c.Print(line)
			}
			return nil
		}
		cmd, err := c.registry.find(word)
		if err != nil {
			return err
		}
		c.Print("Usage: " + cmd.usage.text)
		c.Print(cmd.Help)
		if cmd.More != "" {
			c.Print(cmd.More)
		}
		c.Print("Example: " + cmd.Example)
		return nil
	},
}}

// List returns the lines of the help list.
func (r *Registry) List() []string {
	lines := []string{"Commands supported ([] optional field, <> required field):"}
	for _, c := range r.commands {
		lines = append(lines, fmt.Sprintf("  %-25s# %s", c.usage.text, c.Help))
	}
	return lines
}
