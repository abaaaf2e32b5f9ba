package commands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
	"parley/words"
)

// pageFirst puts the number of a page, which users write last, before the letters that names begin with.
func pageFirst(_ context.Context, _ *Call, line string) (string, error) {
	words := strings.Fields(line)
	n := len(words)
	if n < 2 || strings.Trim(words[n-1], "0123456789") != "" {
		return line, nil
	}
	return words[n-1] + " " + strings.Join(words[:n-1], " "), nil
}

func who(ctx context.Context, c *Call) error {
	if prefix := c.Arg("prefix"); prefix != "" && !unicode.IsLetter([]rune(prefix)[0]) {
		return misused(c.command.usage.text)
	}
	if c.Arg("-l") != "" {
		return whoLong(ctx, c)
	}
	all := c.Chat.Roll()
	prefix := c.Arg("prefix")
	names := make([]string, 0, len(all))
	for _, listed := range all {
		if !startsLike(listed.Name, prefix) {
			continue
		}
		name := listed.Name
		if listed.Away {
			name = c.Table().Say("away", name)
		}
		if listed.Held {
			name = c.Table().Say("held", name)
		}
		names = append(names, name)
	}
	bots := c.bots(ctx, prefix)
	if prefix != "" && len(names) == 0 && bots == nil {
		return chat.ErrNobodySo.With(prefix)
	}
	pages := slices.Collect(slices.Chunk(names, c.perPage(namesPerPage)))
	return inPages(c, whoTyped(c, ""), pages, func(page []string) {
		c.sayOnline(len(names))
		switch {
		case len(page) == 0: // it is no user whose name begins so
		case c.Reader:
			for _, name := range page {
				c.Print(name)
			}
		default:
			c.Print(strings.Join(page, " "))
		}
		if bots != nil {
			bots()
		}
	})
}

// sayOnline says how many users are online whom the list has. Where there is none it may have a bot, whose name begins
// as was asked for.
func (c *Call) sayOnline(users int) {
	switch {
	case users > 0:
		c.Say("online", words.Count(users, "user"))
	case c.Arg("prefix") == "":
		c.Say("nobody online")
	}
}

// whoLong has a line for each.
func whoLong(ctx context.Context, c *Call) error {
	bots := c.bots(ctx, c.Arg("prefix"))
	entries, err := whoIs(ctx, c)
	if err != nil && !(bots != nil && errors.Is(err, chat.ErrNobodySo)) {
		return err
	}
	rooms := c.Chat.Rooms(ctx)
	return inPages(c, whoTyped(c, " -l"), slices.Collect(slices.Chunk(entries, c.perPage(entriesPerPage))),
		func(page []chat.Entry) {
			c.sayOnline(len(entries))
			in := roomsOfEach(page, rooms)
			for _, e := range page {
				c.sayEntry(e, in[e.User.ID])
			}
			if bots != nil {
				bots()
			}
		})
}

// whoIs returns the entries of those who are asked for.
func whoIs(ctx context.Context, c *Call) ([]chat.Entry, error) {
	entries, err := c.Chat.Online(ctx)
	if err != nil {
		return nil, err
	}
	prefix := c.Arg("prefix")
	entries = slices.DeleteFunc(entries, func(e chat.Entry) bool { return !startsLike(e.User.Name, prefix) })
	if prefix != "" && len(entries) == 0 {
		return nil, chat.ErrNobodySo.With(prefix)
	}
	return entries, nil
}

// whoTyped returns the command as it was typed, without the page.
func whoTyped(c *Call, flags string) string {
	typed := "who" + flags
	if prefix := c.Arg("prefix"); prefix != "" {
		typed += " " + prefix
	}
	return typed
}

// startsLike reports whether name starts with prefix, in any letter case.
func startsLike(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// roomsOfEach returns what the rooms are called that each of those is in, by the ID of the user.
func roomsOfEach(page []chat.Entry, rooms []chat.Room) map[string][]string {
	of := make(map[string][]string, len(page))
	for _, e := range page {
		of[e.User.ID] = nil
	}
	for _, r := range rooms {
		for m := range r.Members.All() {
			if in, listed := of[m.ID]; listed {
				of[m.ID] = append(in, r.Called())
			}
		}
	}
	return of
}

// sayEntry tells what "who -l" does of one user.
func (c *Call) sayEntry(e chat.Entry, rooms []string) {
	var where any = words.Say("roomless")
	switch len(rooms) {
	case 0:
	case 1:
		where = words.Say("in the room", rooms[0])
	default:
		where = words.Say("in the rooms", words.All(rooms))
	}
	switch client := e.Client; {
	case client.Door != "" && client.Name != "":
		where = words.Say("by the client", where, client.Door+" "+client.Name)
	case client.Door+client.Name != "":
		where = words.Say("by the client", where, client.Door+client.Name)
	}
	if e.Held != nil {
		where = words.Say("held since", where, words.Idle(e.Held.Ago()))
	}
	if e.Absence.Away {
		c.Say("online one away", e.User.Name, words.Idle(e.Idle()), e.Since, where,
			words.Reason(e.Absence.Why.String()))
		return
	}
	c.Say("online one", e.User.Name, words.Idle(e.Idle()), e.Since, where)
}

// awayCommands say whether one is here.
var awayCommands = []Command{{
	Name:    "away",
	Aliases: []string{"afk"},
	Usage:   "away [text...]",
	Needs:   Login,
	Pace:    Talk,
	Extra:   true,
	Run: func(ctx context.Context, c *Call) error {
		if err := c.Chat.SetAway(ctx, c.Me, c.Text("text")); err != nil {
			return err
		}
		c.Say("you are away", words.Reason(c.Text("text").String()))
		return nil
	},
}, {
	Name:  "back",
	Usage: "back",
	Needs: Login,
	Pace:  Talk,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		if err := c.Chat.Back(ctx, c.Me); err != nil {
			return err
		}
		c.Say("you are back")
		return nil
	},
}}
