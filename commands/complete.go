package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"parley/chat"
)

// Complete says what the last word of line may become: the offset where that word starts and the possible words, sorted. There are
// none where nothing fits, and none in the part of a line that is secret.
func (r *Registry) Complete(ctx context.Context, c *Call, line string) (from int, words []string) {
	if r.SecretFrom(line) < len(line) {
		return len(line), nil
	}
	from = strings.LastIndexByte(line, ' ') + 1
	word, before := line[from:], strings.Fields(line[:from])
	var all []string
	if len(before) == 0 {
		for _, cmd := range r.commands {
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
	cmd, err := r.find(before[0])
	if err != nil || len(before) > len(cmd.usage.args) || !allowed(c, cmd) {
		return nil
	}
	switch cmd.usage.args[len(before)-1].name {
	case "command":
		return slices.Sorted(slices.Values(r.Names()))
	case "user":
		if cmd.Name == "unblock" {
			return c.Me.Blocked()
		}
		names, err := c.Chat.Who(ctx)
		if err != nil {
			return nil
		}
		return names
	case "room number":
		return roomNumbers(ctx, c, cmd.Name == "join")
	}
	return nil
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
