package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"parley/chat"
	"parley/words"
)

// atOnce is how many lines next shows.
const atOnce = 20

// unreadCommands help those who were away to find what concerns them.
var unreadCommands = []Command{{
	Name:     "unread",
	Usage:    "unread",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Run: func(ctx context.Context, c *Call) error {
		all, err := c.Chat.Unread(ctx, c.Me)
		if err != nil {
			return err
		}
		for _, u := range all {
			c.sayUnread(u)
		}
		if len(all) == 0 {
			c.Say("nothing unread")
		}
		return nil
	},
}, {
	Name:     "mentions",
	Usage:    "mentions [count]",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Run: func(ctx context.Context, c *Call) error {
		lines, err := c.Chat.Mentions(ctx, c.Me)
		if err != nil {
			return err
		}
		count, err := c.count("count", reviewed)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			c.Say("no mentions")
			return nil
		}
		c.printLast(lines, count, "mentions "+strconv.Itoa(len(lines)))
		return nil
	},
}, {
	Name:     "find",
	Aliases:  []string{"search", "grep"},
	Usage:    "find <words...>",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Amend:    roomWordAfterIn,
	Run: func(ctx context.Context, c *Call) error {
		wanted, in, from := cutPlace(strings.Fields(c.Arg("words")))
		lines, letters, err := c.find(ctx, in, from, wanted)
		if err != nil {
			return err
		}
		if len(lines) == 0 && len(letters) == 0 {
			c.Say("nothing found")
			return nil
		}
		c.printLines(lines[max(0, len(lines)-reviewed):])
		for _, l := range letters[max(0, len(letters)-reviewed):] {
			c.sayLetter(l)
		}
		return nil
	},
}}

// find returns what has all wanted words, in the place that the word in is: nowhere said is everywhere.
func (c *Call) find(ctx context.Context, in, from string, wanted []string) (lines []chat.Line, letters []chat.Letter,
	err error) {
	inMail := strings.EqualFold(in, "mail") || strings.EqualFold(in, "letters")
	if !inMail {
		at, err := c.place(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		if lines, err = c.Chat.Find(ctx, c.Me, at, from, wanted); err != nil || at.Kind != chat.Everywhere {
			return lines, nil, err
		}
	}
	letters, err = c.Chat.FindMail(ctx, c.Me, from, wanted)
	if !inMail && errors.Is(err, chat.ErrNoMailbox) {
		err = nil
	}
	return lines, letters, err
}

// readNext shows the next of what the user has not read.
func readNext(ctx context.Context, c *Call) error {
	next, left, err := c.Chat.Next(ctx, c.Me, atOnce)
	if err != nil {
		return err
	}
	if next.Len() == 0 {
		c.Say("nothing unread")
		return nil
	}
	if next.Place.Kind == chat.Letters {
		c.sayLetter(next.Letters[0])
	} else {
		c.Say("next", placeName(next.Place))
		c.printLines(next.Lines)
	}
	lines, letters := 0, 0
	for _, u := range left {
		lines, letters = lines+len(u.Lines), letters+len(u.Letters)
	}
	switch {
	case lines == 0 && letters == 0:
		c.Say("all read")
	case letters == 0:
		c.Say("still unread", words.Count(lines, "line"))
	case lines == 0:
		c.Say("still unread", words.Count(letters, "letter"))
	default:
		c.Say("still unread", words.Say("and", words.Count(letters, "letter"), words.Count(lines, "line")))
	}
	return nil
}

// cutPlace cuts "in <place>" and "from <user>" off the end of what is looked for.
func cutPlace(all []string) (wanted []string, in, from string) {
	for n := len(all) - 2; n > 0; n = len(all) - 2 {
		switch word := strings.ToLower(all[n]); {
		case word == "in" && in == "":
			in = all[n+1]
		case word == "from" && from == "":
			from = all[n+1]
		default:
			return all, in, from
		}
		all = all[:n]
	}
	return all, in, from
}

func (c *Call) sayUnread(u chat.Unread) {
	lines := words.Count(len(u.Lines), "line")
	if u.Place.Kind == chat.Letters {
		lines = words.Count(len(u.Letters), "letter")
	}
	if u.Mentions == 0 {
		c.Say("unread", placeName(u.Place), lines)
		return
	}
	c.Say("unread, with name", placeName(u.Place), lines, words.Count(u.Mentions, "mention"))
}

// placeName returns what users call at.
func placeName(at chat.Place) *words.Phrase {
	switch at.Kind {
	case chat.InRoom:
		return words.Say("the room", at.Room)
	case chat.Tells:
		return words.Say("the tells")
	case chat.Shouts:
		return words.Say("the shouts")
	case chat.Letters:
		return words.Say("the letters")
	}
	return words.Say("everywhere")
}

// count returns the number that the argument of that name is, or none if it is absent.
func (c *Call) count(argument string, none int) (int, error) {
	word := c.Arg(argument)
	if word == "" {
		return none, nil
	}
	count, err := strconv.Atoi(word)
	if err != nil || count < 1 {
		return 0, misused(c.command.usage.text)
	}
	return count, nil
}

// printLast shows the last lines, so many. If there are more, it says before them how to see all.
func (c *Call) printLast(lines []chat.Line, count int, all string) {
	if more := len(lines) - count; more > 0 {
		c.Say("lines before", more, all)
		lines = slices.Clone(lines[more:])
	}
	c.printLines(lines)
}
