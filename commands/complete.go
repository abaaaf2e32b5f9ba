package commands

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
)

// Complete says what the last word of line may become: the offset where that word starts and the possible words,
// sorted. There are none where nothing fits, and none in the part of a line that is secret.
func (r *Registry) Complete(ctx context.Context, c *Call, line string) (from int, words []string) {
	sign, _ := cutSign(strings.TrimLeftFunc(line, unicode.IsSpace))
	if c.Talking == nil && sign != "" || r.Secret(c, line) < len(line) {
		return len(line), nil
	}
	plain := ""
	if c.Talking != nil {
		plain, _ = plainLine(strings.TrimLeftFunc(line, unicode.IsSpace))
	}
	from = len(strings.TrimRightFunc(line, func(r rune) bool { return !unicode.IsSpace(r) }))
	word, before := line[from:], strings.FieldsFunc(line[:from], unicode.IsSpace)
	if name := plainWord(word); plain == "" && len(before) == 0 && name != word {
		from, word = from+1, name
	}
	var all []string
	switch {
	case plain != "":
		all = targetNames(c)
	case len(before) == 0:
		for _, cmd := range r.knownTo(c.By).startingWith(word) {
			if allowed(c, cmd) {
				all = append(all, cmd.Name)
			}
		}
		if c.Me != nil {
			all = append(all, aliasNames(ctx, c)...)
		}
		slices.Sort(all)
	default:
		all = r.candidates(ctx, c, before)
	}
	for _, w := range all { // names and commands are ASCII
		if startsLike(w, word) {
			words = append(words, w)
		}
	}
	return from, words
}

// candidates returns all that could stand behind the words before.
func (r *Registry) candidates(ctx context.Context, c *Call, before []string) []string {
	cmd, _ := r.knownTo(c.By).find(before[0])
	if cmd == nil || !allowed(c, cmd) {
		return nil
	}
	words, arguments := cmd.usage.next(before[1:])
	slices.Sort(words)
	if cmd.Complete != nil && slices.Contains(arguments, cmd.usage.first()) {
		c.registry = r
		words = append(words, cmd.Complete(ctx, c)...)
	}
	return words
}

// What follows is what the first argument of a command may be: see Command.Complete. Where something breaks there is
// nothing to complete; to run the command will tell.

func commandNames(_ context.Context, c *Call) []string {
	names := append(c.registry.knownTo(c.By).Names(), c.Table().TopicNames()...)
	slices.Sort(names)
	return slices.Compact(names)
}

func usersOnline(ctx context.Context, c *Call) []string {
	return c.Chat.Who()
}

func usersToBlock(ctx context.Context, c *Call) []string {
	names := append(usersOnline(ctx, c), chat.AllGuests)
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(chat.FoldName(a), chat.FoldName(b)) })
	return names
}

func usersBlocked(_ context.Context, c *Call) []string { return c.Me.Blocked() }

func usersMuted(ctx context.Context, c *Call) []string { return targets(c.Chat.Mutes(ctx)) }

func targetsBanned(ctx context.Context, c *Call) []string { return targets(c.Chat.Bans(ctx)) }

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

func roomsToJoin(ctx context.Context, c *Call) []string {
	return roomNumbers(ctx, c, func(r chat.Room) bool { return !r.Has(c.Me.User) })
}

func roomsJoined(ctx context.Context, c *Call) []string {
	return roomNumbers(ctx, c, func(r chat.Room) bool { return r.Has(c.Me.User) })
}

func roomNumbers(ctx context.Context, c *Call, fits func(chat.Room) bool) (numbers []string) {
	for _, r := range c.Chat.Rooms(ctx) {
		if fits(r) {
			numbers = append(numbers, r.Called())
		}
	}
	return numbers
}
