package commands

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
)

// guard keeps a password from being said: it returns ErrLooksLikePassword if what the line says to others holds the
// user's own password, or looks like a command with one that others would hear.
func (r *Registry) guard(ctx context.Context, c *Call, cmd *Command, args []string) error {
	last := len(args) - 1
	if c.Me == nil || last < 0 {
		return nil
	}
	text := args[last]
	if !cmd.usage.args[last].rest || text == "" {
		return nil
	}
	if c.Mark.FoundIn(text) {
		return chat.ErrLooksLikePassword
	}
	entry, name, password := entryIn(text)
	if entry == noEntry {
		return nil
	}
	if entry == likeLogin && !peculiar(password) { // "login is broken"
		if known, err := c.Chat.HasAccount(ctx, name); err != nil || !known {
			return err
		}
	}
	return chat.ErrLooksLikePassword
}

// An entry is what somebody types with a password behind it.
type entry uint8

const (
	noEntry entry = iota
	likeLogin
	likeRegister
	likePasswd
)

// entries are the words with which people begin one.
var entries = []struct {
	word string
	kind entry
}{
	{"login", likeLogin}, {"logon", likeLogin}, {"signin", likeLogin},
	{"register", likeRegister}, {"signup", likeRegister},
	{"passwd", likePasswd}, {"password", likePasswd}, {"setpass", likePasswd},
}

// mere are words that come near to these, or stand behind them, and are meant as they are.
var mere = strings.Fields(`passed logic loin registers registered registry resister
	a an the is was are be to at in on it its as by for from with without of or and not no does do has here there now
	again first please too yet works worked fails failed broken account name names user users page prompt online room`)

// entryIn says whether text is a word for such a line, be it mistyped, with as many words behind it as that takes, and
// which of them would be the name and the password.
func entryIn(text string) (kind entry, name, password string) {
	first := strings.TrimLeftFunc(text, unseen)
	if end := strings.IndexFunc(first, unseen); end >= 0 {
		first = first[:end]
	}
	if kind = entryLike(first); kind == noEntry { // as most lines are
		return noEntry, "", ""
	}
	words := strings.FieldsFunc(text, unseen)
	if len(words) < 2 || len(words) > 4 {
		return noEntry, "", ""
	}
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(mere, bare(w)) }) {
		return noEntry, "", ""
	}
	name, password = words[1], words[len(words)-1]
	switch {
	case kind == likePasswd, len(words) == 3, len(words) == 4 && words[2] == words[3]:
		return kind, name, password
	}
	return noEntry, "", ""
}

// entryLike returns which of the entries word is, or was meant to be.
func entryLike(word string) entry {
	word = strings.ToLower(strings.TrimLeft(word, "/.,"))
	for _, e := range entries {
		slips := 1
		if len(e.word) > 6 {
			slips = 2
		}
		// Most words are told apart by their length, or by a letter.
		longer := len(word) - len(e.word)
		if max(longer, -longer) <= slips && strange(word, e.word) <= slips && distance(word, e.word) <= slips {
			return e.kind
		}
	}
	return noEntry
}

// strange counts the letters of word that are not in other.
func strange(word, other string) (n int) {
	for i := range len(word) {
		if strings.IndexByte(other, word[i]) < 0 {
			n++
		}
	}
	return n
}

// peculiar reports whether word has something that words of a sentence lack: a digit, a sign or a capital inside.
func peculiar(word string) bool {
	word = strings.TrimRight(word, ".,;:!?)")
	for i, r := range word {
		if !unicode.IsLetter(r) || i > 0 && unicode.IsUpper(r) {
			return true
		}
	}
	return false
}
