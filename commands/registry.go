package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"parley/chat"
)

// A Registry is a table of commands. What it knows by itself is what everybody may know.
type Registry struct {
	table
	// Observe, if not nil, is told of every command that was run, by its name, and how long it took. Set it before the first Run; it is
	// called from many goroutines.
	Observe func(name string, took time.Duration)

	operators table // what operators know: their own commands too, and what those for everybody are for them
	console   table // what the console knows: the commands that are the operators' alone
}

// A table is what somebody knows of the commands.
type table struct {
	commands []*Command // in the order of the help list
}

// New returns the table of all commands, and of those in extra. It panics if two have one name, or a usage cannot be read.
func New(extra ...Command) *Registry {
	r := new(Registry)
	for _, c := range slices.Concat(helpCommands, accountCommands, peopleCommands, roomCommands, talkCommands, blockCommands, quitCommands, operatorCommands, extra) {
		theirs := &c
		if c.ForOperators != nil {
			instead := *c.ForOperators
			theirs = &instead
		}
		if theirs.Name != c.Name || theirs != &c && (theirs.Needs != Operator || c.Needs == Operator) {
			panic(fmt.Sprintf("the command %q is no other one for operators", c.Name))
		}
		if _, found := r.operators.named(c.Name); found {
			panic(fmt.Sprintf("two commands are called %q", c.Name))
		}
		for _, one := range []*Command{&c, theirs} {
			u, err := parseUsage(one.Usage)
			if err != nil {
				panic(err)
			}
			one.usage = u
		}
		r.operators.commands = append(r.operators.commands, theirs)
		if theirs.Needs == Operator {
			r.console.commands = append(r.console.commands, theirs)
		}
		if c.Needs != Operator {
			r.commands = append(r.commands, &c)
		}
	}
	return r
}

// knownTo returns what by knows of the commands.
func (r *Registry) knownTo(by chat.Actor) *table {
	switch {
	case by == chat.AtConsole():
		return &r.console
	case by.Operator():
		return &r.operators
	}
	return &r.table
}

// Console returns the commands that the console has: those of operators.
func (r *Registry) Console() []*Command { return slices.Clone(r.console.commands) }

// Reserved returns the names of all commands, those of operators too: words that should be no user's name.
func (r *Registry) Reserved() []string { return r.operators.Names() }

// Names returns the names of the commands that everybody may know.
func (t *table) Names() []string {
	names := make([]string, len(t.commands))
	for i, c := range t.commands {
		names[i] = c.Name
	}
	return names
}

// Run does what line says. The errors it returns are refusals for the user, and what broke.
func (r *Registry) Run(ctx context.Context, c *Call, line string) error {
	line = strings.TrimFunc(line, unicode.IsSpace)
	word, rest := nextWord(line)
	if word == "" {
		return nil
	}
	// What is refused is told; a password that something invisible ties to the word is not.
	cmd, err := r.knownTo(c.By).find(word[:min(len(word), r.SecretFrom(line))])
	if err != nil {
		return err
	}
	if !allowed(c, cmd) {
		return refuseGuest(c, cmd)
	}
	args, ok := cmd.usage.match(rest)
	if !ok {
		return chat.ErrUsage.With(cmd.usage.before(cmd.Secret))
	}
	return r.run(ctx, c, cmd, args)
}

func (r *Registry) run(ctx context.Context, c *Call, cmd *Command, args map[string]string) error {
	if cmd.Pace != Unpaced && c.Wait != nil {
		if err := c.Wait(ctx, cmd.Pace); err != nil {
			return err
		}
	}
	c.registry, c.command, c.args = r, cmd, args
	if r.Observe != nil {
		defer func(start time.Time) { r.Observe(cmd.Name, time.Since(start)) }(time.Now())
	}
	if err := cmd.Run(ctx, c); err != nil {
		return err
	}
	if cmd.Needs == Operator {
		if unsaved := c.Chat.Unsaved(); unsaved != "" {
			c.Print(unsaved)
		}
	}
	return nil
}

func allowed(c *Call, cmd *Command) bool {
	return cmd.Needs != Login || !c.Me.User.Guest || c.Chat.Guests() == chat.GuestsChat
}

// refuseGuest says what a guest does first who wants to use cmd.
func refuseGuest(c *Call, cmd *Command) error {
	switch name := c.Me.Registered(); {
	case name != "":
		return chat.ErrGuestRegistered.With(cmd.Name, name)
	case c.Chat.Registration() == chat.RegistrationClosed:
		return chat.ErrGuestClosed.With(cmd.Name)
	}
	return chat.ErrGuest.With(cmd.Name)
}

func (t *table) named(name string) (*Command, bool) {
	if name == "?" {
		name = "help" // what people type who know nothing yet
	}
	for _, c := range t.commands {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return nil, false
}

// startingWith returns the commands whose name starts with prefix, in any letter case.
func (t *table) startingWith(prefix string) []*Command {
	var found []*Command
	for _, c := range t.commands {
		if len(prefix) <= len(c.Name) && strings.EqualFold(c.Name[:len(prefix)], prefix) {
			found = append(found, c)
		}
	}
	return found
}

// Begins reports whether line begins with the whole name of a command that everybody may know, which is no user's name, and returns it and what
// follows. A / in front is taken for a sign that a command is meant, which then may be shortened or not exist, name being "".
func (r *Registry) Begins(line string) (name, rest string, ok bool) {
	word, rest := nextWord(strings.Trim(line, " "))
	if command, slash := strings.CutPrefix(word, "/"); slash {
		if cmd, err := r.find(command); err == nil {
			return cmd.Name, rest, true
		}
		return "", rest, true
	}
	cmd, ok := r.named(word)
	if !ok {
		return "", "", false
	}
	return cmd.Name, rest, true
}

// find returns the command that word names, whole or by a unique prefix. It returns ErrUnknownCommand, with what may have been meant.
func (t *table) find(word string) (*Command, error) {
	if c, ok := t.named(word); ok {
		return c, nil
	}
	found := t.startingWith(word)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, chat.ErrUnknownCommand.With(word, " It could be "+alternatives(found)+".")
	}
	if near := t.nearest(word); near != nil {
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
// as the one that has a secret, and so does a slip of the fingers: "regsiter" is followed by a password no less. Here all
// that shows nothing separates words: who sees a blank in front of a password takes it for one.
func (r *Registry) SecretFrom(line string) int {
	word := strings.TrimLeftFunc(line, unseen)
	if i := strings.IndexFunc(word, unseen); i >= 0 {
		word = word[:i]
	}
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

func unseen(r rune) bool { return chat.Blank(r) || !chat.Printable(r) }

// wordStart returns where the word of that number starts in line, or len(line).
func wordStart(line string, number int) int {
	at, inWord := -1, false
	for i, r := range line {
		if unseen(r) {
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
