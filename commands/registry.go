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
	// Observe, if not nil, is told of every command that was run, by its name, and how long it took. Set it before the
	// first Run; it is called from many goroutines.
	Observe func(name string, took time.Duration)
	// Version is what uptime says of the program, such as "0.1.0"; empty for nothing. Set it before the first Run.
	Version string
	// WebURL is the address of the page for browsers, which ends with a slash; empty if there is none. Set it before
	// the first Run.
	WebURL string

	plain     Command // what a line is that goes where the user talks
	operators table   // what operators know: their own commands too, and what those for everybody are for them
	console   table   // what the console knows: the commands that are the operators' alone
}

// New returns the table of all commands, and of those in extra. It panics if two have one name, or a usage cannot be
// read.
func New(extra ...Command) *Registry {
	r := &Registry{plain: plain}
	r.plain.prepare(plain.Name)
	for _, c := range slices.Concat(helpCommands, accountCommands, peopleCommands, roomCommands, talkCommands,
		blockCommands, quitCommands, operatorCommands, governCommands, standingCommands, againCommands, targetCommands,
		aliasCommands, awayCommands, mailCommands, quietCommands, notifyCommands, reviewCommands, unreadCommands,
		privacyCommands, settingCommands, readingCommands, aboutCommands, passwdCommands, totpCommands, forgetCommands,
		linkCommands, holdCommands, keyCommands, clusterCommands, hookCommands, reportCommands, extra) {
		if _, found := r.operators.named(c.Name); found {
			panic(fmt.Sprintf("two commands are called %q", c.Name))
		}
		c.prepare(c.Name)
		theirs := &c
		if c.ForOperators != nil {
			instead := *c.ForOperators
			instead.Name, instead.Aliases, instead.Needs = c.Name, c.Aliases, Operator
			instead.prepare(c.Name + " for operators")
			theirs = &instead
		}
		r.operators.add(theirs)
		if theirs.Needs == Operator {
			r.console.add(theirs)
		}
		if c.Needs != Operator {
			r.add(&c)
		}
	}
	return r
}

// prepare reads the usage of a row, and fills in what goes without saying. help is what its help is called.
func (c *Command) prepare(help string) {
	u, err := parseUsage(c.Usage)
	if err != nil {
		panic(err)
	}
	if c.usage, c.help = u, help; c.Needs == Operator {
		c.Pace = Unpaced
	}
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

// Reserved returns the words for all commands, those of operators too: they should be no user's name, and whoever types
// one where a name is asked for wants the command.
func (r *Registry) Reserved() []string {
	words := r.operators.Names()
	for _, c := range r.operators.commands {
		words = append(words, c.Aliases...)
	}
	return words
}

// Run does what line says. The errors it returns are refusals for the user, and what broke.
func (r *Registry) Run(ctx context.Context, c *Call, line string) error {
	line = strings.TrimFunc(line, unicode.IsSpace)
	if c.Talking != nil && line != "" {
		if text, ok := plainLine(line); ok {
			return r.talk(ctx, c, text)
		}
	}
	return r.command(ctx, c, line)
}

// command is Run for a line that is a command, without blanks at its ends.
func (r *Registry) command(ctx context.Context, c *Call, line string) error {
	word, rest := nextWord(line)
	if sign, text := r.again(c, line); sign != "" {
		word, rest = sign, text
	}
	if word == "" {
		return nil
	}
	// What is refused is told; a password that something invisible ties to the word is not.
	word = word[:min(len(word), r.SecretFrom(line))]
	if full, ok, err := r.aliased(c, word, rest); ok || err != nil {
		if err == nil {
			c.expanded = true
			err = r.command(ctx, c, strings.TrimFunc(full, unicode.IsSpace))
		}
		return err
	}
	cmd, hint := r.knownTo(c.By).find(word)
	if cmd == nil {
		if c.Me != nil && c.Mark.FoundIn(line) {
			return chat.ErrLooksLikePassword
		}
		if hint == nil && plainWord(word) == word {
			hint = howToSpeak(c, word)
		}
		return unknown(word, hint)
	}
	if other, ok := r.knownTo(c.By).alias(word); ok && !cmd.fits(rest) && other.fits(rest) {
		cmd = other // "w" is who, and "w bob hello" is tell
	}
	if cmd.Everybody != nil && cmd.Everybody(ctx, c, rest) {
		cmd, _ = r.named(cmd.Name)
	}
	if !allowed(c, cmd) {
		return refuseGuest(c, cmd)
	}
	if cmd.Amend != nil {
		c.registry, c.command = r, cmd
		var err error
		if rest, err = cmd.Amend(ctx, c, rest); err != nil {
			return err
		}
	}
	args, ok := cmd.usage.match(rest)
	if !ok {
		return misused(cmd.usage.before(cmd.Secret))
	}
	return r.run(ctx, c, cmd, args)
}

func (r *Registry) run(ctx context.Context, c *Call, cmd *Command, args []string) error {
	if err := r.guard(ctx, c, cmd, args); err != nil {
		return err
	}
	if cmd.Pace != Unpaced && c.Wait != nil {
		bytes := 0
		for _, value := range args {
			bytes += len(value)
		}
		if err := c.Wait(ctx, cmd.Pace, bytes); err != nil {
			return err
		}
	}
	c.registry, c.command, c.args = r, cmd, args
	if cmd.Pace == Unpaced && cmd.Name != "next" {
		c.follow("") // a user who has done more than speak reads no more of a list
	}
	if r.Observe != nil {
		defer func(start time.Time) { r.Observe(cmd.Name, time.Since(start)) }(time.Now())
	}
	if err := cmd.Run(ctx, c); err != nil {
		return err
	}
	if cmd.Needs == Operator {
		if unsaved := c.Chat.Unsaved(); unsaved != nil {
			c.refuse(unsaved)
		}
	}
	return nil
}

// fits reports whether line may follow the command's name.
func (cmd *Command) fits(line string) bool {
	_, ok := cmd.usage.match(line)
	return ok
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

// again returns the sign that line begins with, and what is to be said once more by it. A full stop may also stand
// before a command, as other chat servers want it, until somebody has spoken to the user or the user to somebody.
func (r *Registry) again(c *Call, line string) (sign, text string) {
	sign, text = cutSign(line)
	if sign == "." {
		word, _ := nextWord(line)
		if _, ok := c.Me.Target(); !ok && word != sign {
			if cmd, _ := r.knownTo(c.By).find(word); cmd != nil {
				return "", line
			}
		}
	}
	return sign, text
}

// cutSign cuts off the sign that line begins with, if that is the name of a command by itself; a / may stand before it,
// as before any command. A line of dots is none.
func cutSign(line string) (sign, text string) {
	signed := strings.TrimPrefix(line, "/")
	if len(signed) < 2 || signed[0] != '.' && signed[0] != ',' || signed[1] == signed[0] {
		return "", line
	}
	return signed[:1], strings.TrimLeftFunc(signed[1:], unicode.IsSpace)
}

// Begins reports whether line, entered where a user's name is asked for, is a command instead, and returns the
// command's name and what follows. The whole name of a command is one, since no user has it, and so are the other words
// for the commands that can be used there. Whatever begins with a / is meant for one, and so is what other servers call
// a command when more follows, as in "connect alice s3cret"; name is "" if there is none here.
func (r *Registry) Begins(line string) (name, rest string, ok bool) {
	word, rest := nextWord(strings.TrimSpace(line))
	if plainWord(word) != word {
		if cmd, _ := r.find(word); cmd != nil {
			return cmd.Name, rest, true
		}
		return "", rest, true
	}
	if f, ok := foreignWord(word); ok && f.hint != "" && rest != "" {
		return "", rest, true
	}
	cmd, ok := r.named(word)
	if !ok {
		cmd, ok = r.alias(word)
		ok = ok && slices.Contains([]string{"help", "login", "register", "quit"}, cmd.Name)
	}
	if !ok {
		return "", "", false
	}
	return cmd.Name, rest, true
}
