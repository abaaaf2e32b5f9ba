package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"parley/chat"
)

// Complete says what the last word of line may become: the offset where that word starts and the possible words, sorted. There are
// none where nothing fits, and none in the part of a line that is secret.
func (r *Registry) Complete(ctx context.Context, c *Call, line string) (from int, words []string) {
	if r.SecretFrom(line) < len(line) {
		return len(line), nil
	}
	from = len(strings.TrimRightFunc(line, func(r rune) bool { return !unicode.IsSpace(r) }))
	word, before := line[from:], strings.FieldsFunc(line[:from], unicode.IsSpace)
	if name := plainWord(word); len(before) == 0 && name != word {
		from, word = from+1, name
	}
	var all []string
	if len(before) == 0 {
		for _, cmd := range r.knownTo(c.By).commands {
			if allowed(c, cmd) {
				all = append(all, cmd.Name)
			}
		}
		slices.Sort(all)
	} else {
		all = r.candidates(ctx, c, before)
	}
	for _, w := range all { // names and commands are ASCII
		if len(w) >= len(word) && strings.EqualFold(w[:len(word)], word) {
			words = append(words, w)
		}
	}
	return from, words
}

// candidates returns all that could stand behind the words before.
func (r *Registry) candidates(ctx context.Context, c *Call, before []string) []string {
	known := r.knownTo(c.By)
	cmd, _ := known.find(before[0])
	if cmd == nil || !allowed(c, cmd) {
		return nil
	}
	words, arguments := cmd.usage.next(before[1:])
	for _, name := range arguments {
		switch name {
		case "command":
			words = append(words, known.Names()...)
		case "user", "target":
			words = append(words, users(ctx, c, cmd.Name)...)
		case "room number":
			return roomNumbers(ctx, c, cmd.Name == "join")
		}
	}
	slices.SortFunc(words, func(a, b string) int { return strings.Compare(chat.FoldName(a), chat.FoldName(b)) })
	return words
}

// users returns the names that a command may be about.
func users(ctx context.Context, c *Call, command string) []string {
	switch command {
	case "unblock":
		return c.Me.Blocked()
	case "unmute":
		return targets(c.Chat.Mutes(ctx))
	case "unban":
		return targets(c.Chat.Bans(ctx))
	}
	names, err := c.Chat.Who(ctx)
	if err != nil {
		return nil
	}
	if command == "block" {
		names = append(names, chat.AllGuests)
	}
	return names
}

func targets(sanctions []chat.Sanction, err error) []string {
	if err != nil {
		return nil
	}
	names := make([]string, len(sanctions))
	for i, s := range sanctions {
		names[i] = s.Target
	}
	return names
}

// roomNumbers returns the numbers of the rooms that the user is in, or of those the user could join.
func roomNumbers(ctx context.Context, c *Call, join bool) []string {
	rooms, err := c.Chat.Rooms(ctx)
	if err != nil {
		return nil
	}
	rooms = slices.DeleteFunc(rooms, func(room chat.Room) bool { return room.Has(c.Me.User) == join })
	words := make([]string, len(rooms))
	for i, room := range rooms {
		words[i] = strconv.Itoa(room.Number)
	}
	return words
}
