package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"parley/chat"
	"parley/words"
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

// A table is what somebody knows of the commands.
type table struct {
	commands []*Command          // in the order of the help list
	names    map[string]*Command // by their whole names, in lower case
	aliases  map[string]*Command // by other words for them, in lower case
}

func (t *table) add(c *Command) {
	if t.names == nil {
		t.names, t.aliases = make(map[string]*Command), make(map[string]*Command)
	}
	t.commands = append(t.commands, c)
	t.names[strings.ToLower(c.Name)] = c
	for _, alias := range c.Aliases {
		if alias = strings.ToLower(alias); t.aliases[alias] == nil {
			t.aliases[alias] = c
		}
	}
}

// New returns the table of all commands, and of those in extra. It panics if two have one name, or a usage cannot be
// read.
func New(extra ...Command) *Registry {
	r := &Registry{plain: plain}
	var err error
	if r.plain.usage, err = parseUsage(plain.Usage); err != nil {
		panic(err)
	}
	for _, c := range slices.Concat(helpCommands, accountCommands, peopleCommands, roomCommands, talkCommands,
		blockCommands, quitCommands, operatorCommands, governCommands, standingCommands, againCommands, targetCommands,
		aliasCommands, awayCommands, mailCommands, quietCommands, notifyCommands, reviewCommands, settingCommands,
		readerCommands,
		readingCommands, aboutCommands, passwdCommands, operatorPasswdCommands, totpCommands, forgetCommands,
		linkCommands, holdCommands, keyCommands, clusterCommands, hookCommands, reportCommands,
		extra) {
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
			one.usage, one.help = u, one.Name
		}
		if theirs != &c {
			theirs.help += " for operators"
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
			hint = howToSpeak(ctx, c, word)
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

func (r *Registry) run(ctx context.Context, c *Call, cmd *Command, args map[string]string) error {
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
	if cmd.Pace == Unpaced && cmd.Name != "next" && c.Session != nil {
		c.Session.Follow("") // a user who has done more than speak reads no more of a list
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

// named returns the command of that whole name.
func (t *table) named(name string) (*Command, bool) {
	c, ok := t.names[strings.ToLower(name)]
	return c, ok
}

// startingWith returns the commands whose name starts with prefix, in any letter case. Those that one can do without
// give way to the others.
func (t *table) startingWith(prefix string) []*Command {
	var found, extra []*Command
	for _, c := range t.commands {
		switch {
		case len(prefix) > len(c.Name) || !strings.EqualFold(c.Name[:len(prefix)], prefix):
		case c.Extra:
			extra = append(extra, c)
		default:
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return extra
	}
	return found
}

// alias returns the command for which word is another word.
func (t *table) alias(word string) (*Command, bool) {
	c, ok := t.aliases[strings.ToLower(plainWord(word))]
	return c, ok
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

// cutSign cuts off the sign that line begins with, if that is the name of a command by itself. A line of dots is none.
func cutSign(line string) (sign, text string) {
	if len(line) < 2 || line[0] != '.' && line[0] != ',' || line[1] == line[0] {
		return "", line
	}
	return line[:1], strings.TrimLeftFunc(line[1:], unicode.IsSpace)
}

// plainWord returns word without the sign that other chat servers want before a command.
func plainWord(word string) string {
	if name := strings.TrimLeft(word, "/."); len(name) == len(word)-1 && name != "" {
		return name
	}
	return word
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

// find returns the command that word means: by its whole name, a unique prefix of it, or another word for it. If there
// is none, it returns what may have been meant, nil where nothing is near.
func (t *table) find(word string) (cmd *Command, hint *words.Phrase) {
	word = plainWord(word)
	if c, ok := t.named(word); ok {
		return c, nil
	}
	found := t.startingWith(word)
	c, ok := t.alias(word)
	if len(found) == 1 && !(ok && found[0].Extra) {
		return found[0], nil
	}
	if ok {
		return c, nil
	}
	if len(found) > 1 {
		return nil, words.Say("it could be", alternatives(found))
	}
	if f, ok := foreignWord(word); ok {
		if f.hint == "" {
			return nil, nil
		}
		return nil, words.Say(f.hint)
	}
	if near := t.nearest(word); near != nil {
		return nil, words.Say("did you mean", near.Name)
	}
	return nil, nil
}

// unknown returns the refusal of a word that is no command.
func unknown(word string, hint *words.Phrase) error {
	if hint == nil {
		hint = words.Say("see help")
	}
	return chat.ErrUnknownCommand.With(word, hint)
}

// alternatives lists names as in "say, shout or start".
func alternatives(found []*Command) words.One {
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = c.Name
	}
	slices.Sort(names)
	return names
}

// Secret is SecretFrom for a line that the caller is typing: what is no command, but is to be said, is shown as it is.
func (r *Registry) Secret(c *Call, line string) int {
	text := strings.TrimLeftFunc(line, unicode.IsSpace)
	if _, ok := plainLine(text); ok && c.Talking != nil {
		return len(line)
	}
	if c.Me != nil {
		if sign, _ := r.again(c, text); sign != "" {
			return len(line)
		}
	}
	return r.SecretFrom(line)
}

// SecretFrom returns where in line a password starts, or len(line) if there is none. A word that could still become
// several commands counts as the one that has a secret, and so does a slip of the fingers: "regsiter" is followed by a
// password no less. Here all that shows nothing separates words: somebody who sees a blank in front of a password takes
// it for one.
func (r *Registry) SecretFrom(line string) int {
	word := strings.TrimLeftFunc(line, unseen)
	if i := strings.IndexFunc(word, unseen); i >= 0 {
		word = word[:i]
	}
	if word == "" {
		return len(line)
	}
	word = plainWord(word)
	var candidates []*Command
	if c, ok := r.named(word); ok {
		candidates = append(candidates, c)
	} else if c, ok := r.alias(word); ok {
		candidates = append(r.startingWith(word), c)
	} else if f, ok := foreignWord(word); ok && f.secret > 0 {
		return wordStart(line, f.secret)
	} else if candidates = r.startingWith(word); len(candidates) == 0 {
		if near := r.nearest(word); near != nil {
			candidates = append(candidates, near)
		}
	}
	for _, c := range candidates {
		switch {
		case c.Secret > 0:
			return wordStart(line, c.Secret)
		case c.Line > 0:
			inner := wordStart(line, c.Line)
			return inner + r.SecretFrom(line[inner:])
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
