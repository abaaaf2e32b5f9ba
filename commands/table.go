package commands

import (
	"slices"
	"strings"

	"parley/chat"
	"parley/words"
)

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

// Names returns the names of the commands that everybody may know.
func (t *table) Names() []string {
	names := make([]string, len(t.commands))
	for i, c := range t.commands {
		names[i] = c.Name
	}
	return names
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
		case !startsLike(c.Name, prefix):
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

// plainWord returns word without the sign that other chat servers want before a command.
func plainWord(word string) string {
	if name := strings.TrimLeft(word, "/."); len(name) == len(word)-1 && name != "" {
		return name
	}
	return word
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
