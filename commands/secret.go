package commands

import (
	"strings"
	"unicode"

	"parley/chat"
)

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

// unseen reports whether r shows nothing. Of most runes that is known at once: they are letters of ASCII.
func unseen(r rune) bool { return r <= ' ' || r >= 0x7F && (chat.Blank(r) || !chat.Printable(r)) }

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
