package commands

import (
	"fmt"
	"strings"
)

// A usage is the grammar of a command's arguments: "say <room number> <msg...>". An argument in <> must be there, one in [] may be
// absent and only others of its kind follow it, and one that ends in ... takes the rest of the line and is the last.
type usage struct {
	text string // as shown to users, without the dots
	args []argument
}

type argument struct {
	name     string
	optional bool
	rest     bool
}

// parseUsage reads a usage whose first word is the command's name.
func parseUsage(s string) (usage, error) {
	u := usage{text: strings.ReplaceAll(s, "...", "")}
	_, s, _ = strings.Cut(s, " ")
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		closing := map[byte]string{'<': ">", '[': "]"}[s[0]]
		name, rest, ok := strings.Cut(s[1:], closing)
		if closing == "" || !ok || strings.TrimSuffix(name, "...") == "" || strings.ContainsAny(name, "<>[]") {
			return u, fmt.Errorf("usage %q: no argument at %q", u.text, s)
		}
		a := argument{name: strings.TrimSuffix(name, "..."), optional: closing == "]", rest: strings.HasSuffix(name, "...")}
		if n := len(u.args); n > 0 && (u.args[n-1].rest || u.args[n-1].optional && !a.optional) {
			return u, fmt.Errorf("usage %q: %s cannot follow %s", u.text, a.name, u.args[n-1].name)
		}
		u.args = append(u.args, a)
		s = rest
	}
	return u, nil
}

// match splits line, which is what follows the command's name, into the arguments; those that are absent are not in the map.
// It returns false if the number of arguments is wrong.
func (u usage) match(line string) (map[string]string, bool) {
	args := make(map[string]string, len(u.args))
	line = strings.Trim(line, " ")
	for _, a := range u.args {
		if line == "" {
			return args, a.optional
		}
		if a.rest {
			args[a.name] = line
			return args, true
		}
		args[a.name], line = nextWord(line)
	}
	return args, line == ""
}

// nextWord cuts the first word off line, and the blanks behind it.
func nextWord(line string) (word, rest string) {
	word, rest, _ = strings.Cut(line, " ")
	return word, strings.TrimLeft(rest, " ")
}
