package commands

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
	"parley/words"
)

// RunWords is Run for a command line that a shell cut into words: name is the name of the command, whole. No word of
// the shell's becomes two arguments, and none is empty: what a variable held that was to be one name must not shift the
// others.
func (r *Registry) RunWords(ctx context.Context, c *Call, name string, typed []string) error {
	i := slices.IndexFunc(r.knownTo(c.By).commands, func(cmd *Command) bool { return cmd.Name == name })
	if i < 0 {
		return chat.ErrUnknownCommand.With(name, words.Say("shell help"))
	}
	cmd := r.knownTo(c.By).commands[i]
	args, err := cmd.read(typed)
	if err != nil {
		return err
	}
	return r.run(ctx, c, cmd, args)
}

// Check returns ErrUsage if words are not what the command takes: see [Registry.RunWords].
func (c *Command) Check(words []string) error {
	_, err := c.read(words)
	return err
}

func (c *Command) read(typed []string) ([]string, error) {
	line := strings.Join(typed, " ")
	odd := func(word string) bool { return word == "" || strings.ContainsFunc(word, unicode.IsSpace) }
	if c.Amend != nil && !slices.ContainsFunc(typed, odd) { // which is refused below
		var err error
		if line, err = c.Amend(context.Background(), &Call{By: chat.AtConsole(), command: c}, line); err != nil {
			return nil, err
		}
		typed = strings.Fields(line)
	}
	args, ok := c.usage.match(line)
	for _, word := range typed {
		ok = ok && strings.TrimFunc(word, unicode.IsSpace) != ""
	}
	for i, value := range args {
		a := c.usage.args[i]
		ok = ok && (value == "" || a.rest || slices.ContainsFunc(typed, func(word string) bool {
			return a.spelled(word) == value
		}))
	}
	if !ok {
		return nil, misused(c.usage.text)
	}
	return args, nil
}

// UsageText returns the usage as users read it.
func (c *Command) UsageText() string { return c.usage.text }

// Flags returns the words such as "-a" that the usage has.
func (c *Command) Flags() []string {
	var flags []string
	for _, a := range c.usage.args {
		if a.flag() {
			flags = append(flags, a.name)
		}
	}
	return flags
}

// Choices returns the words that may stand behind the words before, of those that the usage names.
func (c *Command) Choices(before []string) []string {
	words, _ := c.usage.next(before)
	return words
}
