package chat

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// MaxAliases is how many words of their own a user may have for lines.
const MaxAliases = 20

// An Alias is a user's own word for a line.
type Alias struct {
	Name string `json:"name"` // as FoldName has it
	// Line is what the word stands for, in which $1 to $9 and $* are what follows it.
	Line string `json:"line"`
}

// SetAlias makes name stand for line, for me alone; what it stood for before is forgotten. An account's aliases are on
// disk when SetAlias returns nil, a guest's last as long as the session. It returns ErrBadAlias or ErrTooManyAliases.
func (n *Node) SetAlias(ctx context.Context, me *Presence, name string, line Text) error {
	if !aliasName(name) {
		return ErrBadAlias.With(name)
	}
	return n.changeAliases(ctx, me, func(lines map[string]string) error {
		lines[FoldName(name)] = line.String()
		if len(lines) > MaxAliases {
			return ErrTooManyAliases.With(MaxAliases)
		}
		return nil
	})
}

// RemoveAlias ends that. It returns ErrNoAlias.
func (n *Node) RemoveAlias(ctx context.Context, me *Presence, name string) error {
	return n.changeAliases(ctx, me, func(lines map[string]string) error {
		if _, ok := lines[FoldName(name)]; !ok {
			return ErrNoAlias.With(name)
		}
		delete(lines, FoldName(name))
		return nil
	})
}

// aliasName reports whether name may be an alias: what may be a user's name, but for full stops.
func aliasName(name string) bool { return wellFormed(name) == nil && !strings.Contains(name, ".") }

// changeAliases applies change to the lines, by name, that me has words for.
func (n *Node) changeAliases(ctx context.Context, me *Presence, change func(map[string]string) error) error {
	return n.changeOwn(ctx, me, func(a *account) error {
		lines := aliasLines(a.Aliases)
		if err := change(lines); err != nil {
			return err
		}
		a.Aliases = aliasesOf(lines)
		return nil
	})
}

// aliasesOf is the other way round, by name.
func aliasesOf(lines map[string]string) []Alias {
	aliases := make([]Alias, 0, len(lines))
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		aliases = append(aliases, Alias{name, lines[name]})
	}
	return aliases
}

// aliasLines returns the lines of aliases by name. What a record has that cannot be an alias is left out.
func aliasLines(aliases []Alias) map[string]string {
	aliases = aliases[:min(len(aliases), MaxAliases)]
	lines := make(map[string]string, len(aliases))
	for _, a := range aliases {
		if aliasName(a.Name) && len(a.Line) <= MaxLine {
			lines[FoldName(a.Name)] = Clean(a.Line).String()
		}
	}
	return lines
}

// Alias returns what name stands for, in any letter case, and false if it is no alias of the user's.
func (p *Presence) Alias(name string) (line string, ok bool) {
	line, ok = p.wishesNow().aliases[FoldName(name)]
	return line, ok
}

// Aliases returns the user's aliases by name.
func (p *Presence) Aliases() []Alias { return aliasesOf(p.wishesNow().aliases) }
