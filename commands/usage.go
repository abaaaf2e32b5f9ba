package commands

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
	"parley/words"
)

// A usage is the grammar of a command's arguments: "say <room number> <msg...>". An argument in <> must be there, one
// in [] may be absent and only others of its kind follow it, and one that ends in ... takes the rest of the line and is
// the last. A name with a | in it is a choice of words, one that begins with - is a word itself that may be absent, and
// [word <argument>] is an argument behind a word. One in () is a number from 1, may be absent, and is not shown: it is
// of use to those alone whom a command's output tells of it. One in {} is like one in [] and not shown either: what one
// can do without stands in More.
type usage struct {
	text  string // as shown to users, without the dots and what is in ()
	args  []argument
	flags bool // some of args are flags
}

type argument struct {
	name     string
	shown    string   // as it stands in the text
	keyword  string   // the word that must stand before it, if not empty
	words    []string // what it may be; nil means anything
	number   bool     // it may only be a number from 1
	optional bool
	hidden   bool // users read of it in More alone
	rest     bool
}

// parseUsage reads a usage whose first word is the command's name.
func parseUsage(s string) (usage, error) {
	u := usage{text: strings.ReplaceAll(s, "...", "")}
	_, s, _ = strings.Cut(s, " ")
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		closing := map[byte]string{'<': ">", '[': "]", '(': ")", '{': "}"}[s[0]]
		text, rest, ok := strings.Cut(s[1:], closing)
		a := parseArgument(text, closing == "]" || closing == "}")
		if closing == ")" {
			a = argument{name: text, number: true, optional: true}
			u.text = strings.Replace(u.text, " ("+text+")", "", 1)
		}
		if closing == "}" {
			a.hidden = true
			u.text = strings.Replace(u.text, " {"+strings.ReplaceAll(text, "...", "")+"}", "", 1)
		}
		if closing == "" || !ok || a.name == "" || strings.ContainsAny(a.keyword+a.name, "<>[](){}.") {
			return u, fmt.Errorf("usage %q: no argument at %q", u.text, s)
		}
		if a.words != nil && (a.rest || slices.Contains(a.words, "")) {
			return u, fmt.Errorf("usage %q: %s is to be one of several words, none of them empty", u.text, a.name)
		}
		if a.flag() && !a.optional {
			return u, fmt.Errorf("usage %q: %s may stand anywhere, and so must be allowed to be absent", u.text, a.name)
		}
		if n := len(u.args); n > 0 && (u.args[n-1].rest || u.args[n-1].optional && !a.optional) {
			return u, fmt.Errorf("usage %q: %s cannot follow %s", u.text, a.name, u.args[n-1].name)
		}
		if slices.ContainsFunc(u.args, func(b argument) bool { return b.name == a.name }) {
			return u, fmt.Errorf("usage %q: two arguments are called %s", u.text, a.name)
		}
		a.shown = string(s[0]) + strings.TrimSuffix(text, "...") + closing
		u.args, u.flags = append(u.args, a), u.flags || a.flag()
		s = rest
	}
	return u, nil
}

// parseArgument reads what stands in brackets.
func parseArgument(text string, optional bool) argument {
	a := argument{name: strings.TrimSuffix(text, "..."), optional: optional, rest: strings.HasSuffix(text, "...")}
	keyword, inner, ok := strings.Cut(text, " <")
	switch {
	case ok && optional && keyword != "" && strings.HasSuffix(inner, ">"):
		a.keyword, a.name = keyword, strings.TrimSuffix(inner, ">")
	case strings.Contains(text, "|"), strings.HasPrefix(text, "-"):
		a.words = strings.Split(text, "|")
	}
	return a
}

// misused is the refusal of a line that is not as usage says.
func misused(usage string) error { return chat.ErrUsage.With(words.Usage(usage)) }

// before returns the usage as it is shown to a user who has typed it wrong: without the argument that is a secret,
// which is the word of that number, and what follows it. A user who leaves it out is asked for it, and types it unseen.
// Zero means that there is none.
func (u usage) before(secret int) string {
	if secret == 0 || secret > len(u.args) {
		return u.text
	}
	text, _, _ := strings.Cut(u.text, u.args[secret-1].shown)
	return strings.TrimRight(text, " ")
}

// is reports whether word may be the argument, or, where there is a keyword, is that.
func (a argument) is(word string) bool {
	sameWord := func(w string) bool { return strings.EqualFold(w, word) }
	switch {
	case a.keyword != "":
		return sameWord(a.keyword) || a.name == "time" && isTime(word)
	case a.words != nil:
		return slices.ContainsFunc(a.words, sameWord)
	case a.number:
		return word[0] != '0' && strings.Trim(word, "0123456789") == ""
	}
	return true
}

// spelled returns word in the letter case in which the usage has it, if it is one of the words that it may be.
func (a argument) spelled(word string) string {
	i := slices.IndexFunc(a.words, func(w string) bool { return strings.EqualFold(w, word) })
	if i < 0 {
		return word
	}
	return a.words[i]
}

// index returns which of the arguments has that name, -1 if none has.
func (u usage) index(name string) int {
	return slices.IndexFunc(u.args, func(a argument) bool { return a.name == name })
}

// first returns the name of the first argument that a user may fill in, "" if there is none.
func (u usage) first() string {
	for _, a := range u.args {
		if a.words == nil && !a.number {
			return a.name
		}
	}
	return ""
}

// flag reports whether the argument is a word such as -a, which may stand anywhere before what takes the rest of the
// line.
func (a argument) flag() bool { return strings.HasPrefix(a.name, "-") }

// takeFlags puts the flags that line begins with into args, and returns what is behind them.
func (u usage) takeFlags(line string, args []string) string {
	for u.flags && line != "" {
		word, behind := nextWord(line)
		i := slices.IndexFunc(u.args, func(a argument) bool { return a.flag() && a.is(word) })
		if i < 0 || args[i] != "" {
			break
		}
		args[i], line = u.args[i].spelled(word), behind
	}
	return line
}

// next says what may stand behind the words before: these words, and arguments of these names.
func (u usage) next(before []string) (words, arguments []string) {
	rest := u.args
	for len(before) > 0 {
		switch {
		case len(rest) == 0, rest[0].rest:
			return nil, nil
		case !rest[0].is(before[0]):
			if !rest[0].optional {
				return nil, nil
			}
		case rest[0].keyword != "" && !strings.EqualFold(rest[0].keyword, before[0]):
			before = before[1:]
		case rest[0].keyword != "" && len(before) == 1:
			return nil, []string{rest[0].name}
		case rest[0].keyword != "":
			before = before[2:]
		default:
			before = before[1:]
		}
		rest = rest[1:]
	}
	for _, a := range rest {
		switch {
		case a.hidden:
		case a.keyword != "":
			words = append(words, a.keyword)
		case a.words != nil:
			words = append(words, a.words...)
		default:
			arguments = append(arguments, a.name)
		}
		if !a.optional {
			break
		}
	}
	return words, arguments
}

// match splits line, which is what follows the command's name, into the arguments, as they stand in the usage; those
// that are absent are empty, and words of the usage are spelled as there. It returns false if the number of arguments
// is wrong, or a word that must be there is not.
func (u usage) match(line string) (args []string, ok bool) {
	args = make([]string, len(u.args))
	line = strings.TrimFunc(line, unicode.IsSpace)
	for i, a := range u.args {
		line = u.takeFlags(line, args)
		if a.flag() {
			continue
		}
		if line == "" {
			return args, a.optional
		}
		if a.rest {
			args[i] = line
			return args, true
		}
		word, behind := nextWord(line)
		switch {
		case !a.is(word) && !a.optional:
			return nil, false
		case !a.is(word):
			continue
		case a.keyword != "" && strings.EqualFold(a.keyword, word):
			if behind == "" {
				return nil, false
			}
			word, behind = nextWord(behind)
		}
		args[i], line = a.spelled(word), behind
	}
	return args, u.takeFlags(line, args) == ""
}

// nextWord cuts the first word off line, and the blanks behind it.
func nextWord(line string) (word, rest string) {
	end := strings.IndexFunc(line, unicode.IsSpace)
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimLeftFunc(line[end:], unicode.IsSpace)
}
