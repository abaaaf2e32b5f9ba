package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"parley/chat"
)

// A Registry is a table of commands.
type Registry struct {
	commands []*Command // in the order of the help list
}

// New returns the table of all commands, and of those in extra. It panics if two have one name, or a usage cannot be read.
func New(extra ...Command) *Registry {
	r := new(Registry)
	for _, c := range slices.Concat(helpCommands, accountCommands, peopleCommands, roomCommands, talkCommands, blockCommands, quitCommands, extra) {
		u, err := parseUsage(c.Usage)
		if err != nil {
			panic(err)
		}
		if _, found := r.named(c.Name); found {
			panic(fmt.Sprintf("two commands are called %q", c.Name))
		}
		c.usage = u
		r.commands = append(r.commands, &c)
	}
	return r
}

// Names returns the names of all commands: words that should be no user's name.
func (r *Registry) Names() []string {
	names := make([]string, len(r.commands))
	for i, c := range r.commands {
		names[i] = c.Name
	}
	return names
}

// Run does what line says. The errors it returns are refusals for the user, and what broke.
func (r *Registry) Run(ctx context.Context, c *Call, line string) error {
	word, rest := nextWord(strings.Trim(line, " "))
	if word == "" {
		return nil
	}
	cmd, err := r.find(word)
	if err != nil {
		return err
	}
	if !allowed(c, cmd) {
		return chat.ErrGuest.With(cmd.Name)
	}
	args, ok := cmd.usage.match(rest)
	if !ok {
		return chat.ErrUsage.With(cmd.usage.text)
	}
	c.registry, c.args = r, args
	return cmd.Run(ctx, c)
}

func allowed(c *Call, cmd *Command) bool {
	return cmd.Needs == Nothing || !c.Me.User.Guest || c.Chat.Guests() == chat.GuestsChat
}

func (r *Registry) named(name string) (*Command, bool) {
	for _, c := range r.commands {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return nil, false
}

// startingWith returns the commands whose name starts with prefix, in any letter case.
func (r *Registry) startingWith(prefix string) []*Command {
	var found []*Command
	for _, c := range r.commands {
		if len(prefix) <= len(c.Name) && strings.EqualFold(c.Name[:len(prefix)], prefix) {
			found = append(found, c)
		}
	}
	return found
}

// find returns the command that word names, whole or by a unique prefix. It returns ErrUnknownCommand, with what may have been meant.
func (r *Registry) find(word string) (*Command, error) {
	if c, ok := r.named(word); ok {
		return c, nil
	}
	found := r.startingWith(word)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, chat.ErrUnknownCommand.With(word, " It could be "+alternatives(found)+".")
	}
	if near := r.nearest(word); near != nil {
		return nil, chat.ErrUnknownCommand.With(word, fmt.Sprintf(" Did you mean %q?", near.Name))
	}
	return nil, chat.ErrUnknownCommand.With(word, ` Type "help" for the list.`)
}

// alternatives writes names as in "say, shout or start".
func alternatives(found []*Command) string {
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = c.Name
	}
	slices.Sort(names)
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// SecretFrom returns where in line a password starts, or len(line) if there is none. A word that could still become several commands counts
// as the one that has a secret, and so does a slip of the fingers: "regsiter" is followed by a password no less.
func (r *Registry) SecretFrom(line string) int {
	word, _ := nextWord(strings.TrimLeft(line, " "))
	if word == "" {
		return len(line)
	}
	candidates := r.startingWith(word)
	if c, ok := r.named(word); ok {
		candidates = []*Command{c}
	} else if near := r.nearest(word); len(candidates) == 0 && near != nil {
		candidates = []*Command{near}
	}
	for _, c := range candidates {
		if c.Secret > 0 {
			return wordStart(line, c.Secret)
		}
	}
	return len(line)
}

// wordStart returns where the word of that number starts in line, or len(line).
func wordStart(line string, number int) int {
	at, inWord := -1, false
	for i := range len(line) {
		if blank := line[i] == ' '; blank {
			inWord = false
		} else if !inWord {
			inWord = true
			if at++; at == number {
				return i
			}
		}
	}
	return len(line)
}
