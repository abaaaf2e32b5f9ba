package commands

import (
	"context"
	"fmt"

	"parley/chat"
)

var helpCommands = []Command{{
	Name:    "help",
	Usage:   "help [command]",
	Help:    "List the commands, or explain one.",
	More:    "A command may be shortened as long as no other starts with the same letters.",
	Example: "help say",
	Pace:    Unpaced,
	Run: func(_ context.Context, c *Call) error {
		word := c.Arg("command")
		if word == "" {
			for _, line := range c.registry.List(c.Me) {
				c.Print(line)
			}
			return nil
		}
		cmd, err := c.registry.knownTo(c.By).find(word)
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

// List returns the lines of the help list, as far as me may know them.
func (r *Registry) List(me *chat.Presence) []string {
	lines := []string{"Commands supported ([] optional field, <> required field):"}
	var operators []string
	for _, c := range r.knownTo(chat.By(me)).commands {
		if c.Needs == Operator {
			operators = append(operators, fmt.Sprintf("  %-40s# %s", c.usage.text, c.Help))
		} else {
			lines = append(lines, fmt.Sprintf("  %-25s# %s", c.usage.text, c.Help))
		}
	}
	if len(operators) > 0 {
		lines = append(append(lines, "For operators:"), operators...)
	}
	return lines
}
