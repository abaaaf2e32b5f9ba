package commands

import (
	"context"
	"strings"
	"unicode"

	"parley/chat"
)

// aliasCommands let users have words of their own for lines.
var aliasCommands = []Command{{
	Name:     "alias",
	Usage:    "alias [name] [line...]",
	Line:     2,
	Needs:    Login,
	Pace:     Unpaced,
	Extra:    true,
	Complete: aliasNames,
	Run: func(ctx context.Context, c *Call) error {
		name := c.Arg("name")
		switch {
		case name == "":
			return listAliases(c)
		case c.Arg("line") == "":
			line, ok := c.Me.Alias(name)
			if !ok {
				return chat.ErrNoAlias.With(name)
			}
			c.Say("alias", strings.ToLower(name), line)
			return nil
		}
		return setAlias(ctx, c, name, c.Text("line"))
	},
}, {
	Name:     "unalias",
	Usage:    "unalias <name>",
	Needs:    Login,
	Pace:     Unpaced,
	Extra:    true,
	Complete: aliasNames,
	Run: func(ctx context.Context, c *Call) error {
		if err := c.Chat.RemoveAlias(ctx, c.Me, c.Arg("name")); err != nil {
			return err
		}
		c.Say("alias forgotten", strings.ToLower(c.Arg("name")))
		return nil
	},
}}

func listAliases(c *Call) error {
	aliases := c.Me.Aliases()
	if len(aliases) == 0 {
		c.Say("no aliases")
	}
	for _, a := range aliases {
		c.Say("alias", a.Name, a.Line)
	}
	return nil
}

// setAlias makes name stand for line. What is a command for anybody, a shortened one too, is none; and a line that asks
// for a password by its words is not kept.
func setAlias(ctx context.Context, c *Call, name string, line chat.Text) error {
	for _, known := range []*table{c.registry.knownTo(c.By), &c.registry.operators} {
		if cmd, _ := known.find(name); cmd != nil {
			return chat.ErrAliasIsCommand.With(name)
		}
	}
	if c.registry.asksSecret(line.String()) {
		return chat.ErrAliasSecret
	}
	if err := c.Chat.SetAlias(ctx, c.Me, name, line); err != nil {
		return err
	}
	c.Say("alias", strings.ToLower(name), line)
	return nil
}

// asksSecret reports whether line is a command that takes a password, whatever follows.
func (r *Registry) asksSecret(line string) bool {
	line += " x x x"
	return r.SecretFrom(line) < len(line)
}

func aliasNames(_ context.Context, c *Call) []string {
	var names []string
	for _, a := range c.Me.Aliases() {
		names = append(names, a.Name)
	}
	return names
}

// aliased returns the line that word stands for, with what follows it put in, if it is an alias of the user's. Whole
// names of commands and other words for them never are; a shortened name may have become one in a newer Parley, and the
// alias goes on. It returns ErrLineTooLong or
// ErrAliasSecret.
func (r *Registry) aliased(c *Call, word, rest string) (line string, ok bool, err error) {
	if c.Me == nil || c.expanded {
		return "", false, nil
	}
	line, ok = c.Me.Alias(plainWord(word))
	if !ok {
		return "", false, nil
	}
	if _, named := r.knownTo(c.By).named(plainWord(word)); named {
		return "", false, nil
	}
	if _, named := r.knownTo(c.By).alias(word); named {
		return "", false, nil
	}
	switch line, ok = expand(line, rest); {
	case !ok:
		return "", false, chat.ErrLineTooLong
	case r.asksSecret(line):
		return "", false, chat.ErrAliasSecret
	}
	return line, true, nil
}

// expand puts rest, which followed an alias, into the line of the alias. It returns false if that becomes longer than a
// line may be.
func expand(line, rest string) (string, bool) {
	words := strings.FieldsFunc(rest, unicode.IsSpace)
	var b strings.Builder
	used := false
	for line != "" && b.Len() <= chat.MaxLine {
		before, after, found := strings.Cut(line, "$")
		b.WriteString(before)
		if line = after; !found {
			break
		}
		switch n := strings.IndexAny(line+" ", "123456789*"); {
		case n != 0:
			b.WriteByte('$')
			continue
		case line[0] == '*':
			b.WriteString(rest)
		case int(line[0]-'1') < len(words):
			b.WriteString(words[line[0]-'1'])
		}
		used, line = true, line[1:]
	}
	if !used && rest != "" {
		b.WriteString(" " + rest)
	}
	return b.String(), b.Len() <= chat.MaxLine
}
