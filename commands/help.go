package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
	"parley/words"
)

var helpCommands = []Command{{
	Name:     "help",
	Aliases:  []string{"?", "commands", "man"},
	Usage:    "help (page) [command]",
	Pace:     Unpaced,
	Complete: commandNames,
	Amend:    pageFirst,
	Run: func(_ context.Context, c *Call) error {
		word := c.Arg("command")
		switch {
		case word == "":
			return inPages(c, "help", c.registry.listPages(c, false), c.printAll)
		case strings.EqualFold(word, "more"):
			return inPages(c, "help more", c.registry.listPages(c, true), c.printAll)
		}
		cmd, hint := c.registry.knownTo(c.By).find(word)
		about, ok := c.Table().Topic(word)
		page := c.Arg("page")
		switch {
		case cmd == nil && !ok:
			return unknown(word, hint)
		case page != "" && page != "1": // there are no more, of one command or topic
			return chat.ErrNoPage.With(page, 1)
		case cmd == nil, ok && !strings.EqualFold(cmd.Name, word):
			c.explain(about)
			return nil
		}
		c.Say("usage line", words.Usage(cmd.usage.text))
		help := cmd.Help(c.Table())
		c.explain(help.Does)
		if help.More != "" {
			c.explain(help.More)
		}
		if ok {
			c.explain(about)
		}
		if others := c.otherWords(cmd); len(others) > 0 {
			c.Say("other words", others)
		}
		if !allowed(c, cmd) {
			c.Say("needs an account", toAnAccount(c))
		}
		c.Say("example", help.Example)
		return nil
	},
}}

// Help returns what users read of c in the language of t.
func (c *Command) Help(t *words.Table) words.Help { return t.Help[c.help] }

// otherWords returns the other words for cmd; to those who hear them not those that are signs.
func (c *Call) otherWords(cmd *Command) words.List {
	return slices.DeleteFunc(slices.Clone(cmd.Aliases), func(word string) bool {
		return c.Reader && !strings.ContainsFunc(word, unicode.IsLetter)
	})
}

// ShowList shows the help list, or its first page, as far as the caller may know it.
func (r *Registry) ShowList(c *Call) {
	pages := r.listPages(c, false)
	c.printAll(pages[0])
	c.sayPage(1, len(pages), "help")
}

func (c *Call) printAll(lines []string) {
	for _, line := range lines {
		c.Print(line)
	}
}

// listPages returns the pages of the list of commands that one can do without, or of the others. What takes an account
// is marked for those who have none.
func (r *Registry) listPages(c *Call, extra bool) [][]string {
	if c.Reader {
		return r.heardPages(c, extra)
	}
	lines := []string{c.Table().Say("commands")}
	var operators []string
	marked := false
	for _, cmd := range r.knownTo(c.By).commands {
		switch {
		case cmd.Extra != extra:
		case cmd.Needs == Operator:
			operators = append(operators, c.row("  ", cmd, 39)...)
		case allowed(c, cmd):
			lines = append(lines, c.row("  ", cmd, usageColumns)...)
		default:
			marked = true
			lines = append(lines, c.row("* ", cmd, usageColumns)...)
		}
	}
	if marked {
		lines = append(lines, c.Table().Say("starred", toAnAccount(c)))
	}
	if !extra {
		lines = append(lines, c.Table().Say("help more"))
	} else {
		lines = append(lines, c.Table().Say("topics", c.Table().TopicNames()))
	}
	if len(operators) > 0 {
		lines = append(append(lines, c.Table().Say("operators' commands")), operators...)
	}
	return [][]string{lines}
}

// narrow is how many columns a line must have for a usage and what it does to stand side by side.
const narrow = 70

// row is what the list has of cmd: one line, or two where lines are narrow.
func (c *Call) row(mark string, cmd *Command, columns int) []string {
	does := cmd.Help(c.Table()).Does
	if c.Width > 0 && c.Width < narrow {
		return []string{mark + cmd.usage.text, "    " + does}
	}
	return []string{fmt.Sprintf("%s%-*s # %s", mark, columns, cmd.usage.text, does)}
}

// heardPages is listPages for those who hear it: each line is whole by itself, and the first says how many there are.
func (r *Registry) heardPages(c *Call, extra bool) [][]string {
	t := c.Table()
	var lines, below []string
	for _, cmd := range r.knownTo(c.By).commands {
		if cmd.Extra != extra {
			continue
		}
		code := "command heard"
		if cmd.Needs != Operator && !allowed(c, cmd) {
			code, below = "command for accounts heard", []string{t.Say("to an account heard", toAnAccount(c))}
		}
		lines = append(lines, t.Say(code, words.Usage(cmd.usage.text), words.Unsung(cmd.Help(t).Does)))
	}
	if !extra {
		below = append(below, t.Say("help more"))
	} else {
		below = append(below, t.Say("topics", t.TopicNames()))
	}
	var pages [][]string
	for page := range slices.Chunk(lines, heardPerPage) {
		pages = append(pages, append([]string{t.Say("counted", words.Count(len(lines), "command"))}, page...))
	}
	last := len(pages) - 1
	pages[last] = append(pages[last], below...)
	return pages
}

// usageColumns is how long a usage may be in the help list. A longer one would move what stands behind it.
const usageColumns = 24

// toAnAccount says what a guest types to get at an account.
func toAnAccount(c *Call) any {
	switch name := c.Me.Registered(); {
	case name != "":
		return "login " + name
	case c.Chat.Registration() == chat.RegistrationClosed:
		return words.Usage("login <user>")
	}
	return words.Say("then", words.Usage("register <user>"), words.Usage("login <user>"))
}
