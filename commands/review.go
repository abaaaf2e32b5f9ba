package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"parley/chat"
)

// reviewed is how many lines review shows of what may be read again, unless it is told.
const reviewed = 20

// reviewCommands show what was said before.
var reviewCommands = []Command{{
	Name:     "review",
	Aliases:  []string{"recap", "scrollback", "lastlog"},
	Usage:    "review [place] [count]",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Amend:    roomWordFirst,
	Complete: placesToReview,
	Run: func(ctx context.Context, c *Call) error {
		at, err := c.place(ctx, c.Arg("place"))
		if err != nil {
			return err
		}
		count, err := c.count("count", reviewed)
		if err != nil {
			return err
		}
		lines, err := c.Chat.Review(ctx, c.Me, at)
		if err != nil {
			return err
		}
		c.printLast(lines, count, "review "+c.placeWord(ctx, at)+" "+strconv.Itoa(len(lines)))
		if len(lines) == 0 {
			c.Say("nothing to review")
		}
		return nil
	},
}, {
	Name:     "when",
	Usage:    "when <k> [in <place>]",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Amend:    roomWordAfterIn,
	Run: func(ctx context.Context, c *Call) error {
		number, err := strconv.Atoi(c.Arg("k"))
		if err != nil {
			return misused(c.command.usage.text)
		}
		at, err := c.place(ctx, c.Arg("place"))
		if err != nil {
			return err
		}
		lines, err := c.Chat.Review(ctx, c.Me, at)
		if err != nil {
			return err
		}
		lines = slices.DeleteFunc(lines, func(l chat.Line) bool { return l.Number != number })
		if len(lines) == 0 {
			return chat.ErrNoLine.With(number)
		}
		for _, l := range lines {
			c.Print(string(c.Table().Stamp(nil, l.Event.At, true)) + c.sentence(l))
		}
		return nil
	},
}, {
	Name:     "transcript",
	Usage:    "transcript <number>",
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Amend:    roomWordFirst,
	Run: func(ctx context.Context, c *Call) error {
		number, err := c.room("number")
		if err != nil {
			return err
		}
		past, err := c.Chat.Transcript(ctx, c.Me, number)
		if err != nil {
			return err
		}
		c.Say("transcript", number, past.Topic, past.Left())
		c.printLines(past.Lines)
		if len(past.Lines) == 0 {
			c.Say("nothing to review")
		}
		return nil
	},
}}

// printLines shows lines with their numbers, the newest last.
func (c *Call) printLines(lines []chat.Line) {
	for _, l := range lines {
		c.Say("line", l.Number, c.sentence(l))
	}
}

// sentence returns l as it was heard.
func (c *Call) sentence(l chat.Line) string {
	return string(c.Table().AppendEvent(nil, l.Event.Kind.String(), l.Event))
}

// placeWords are the words for places, the one that is shown first.
var placeWords = map[chat.PlaceKind][]string{
	chat.Everywhere: {"all", "everything", ""},
	chat.Tells:      {"tells", "tell", "private"},
	chat.Shouts:     {"shouts", "shout"},
}

// place returns the place that word is, everywhere if it is empty. Of what is none it returns ErrNoRoom.
func (c *Call) place(ctx context.Context, word string) (chat.Place, error) {
	word = strings.ToLower(word)
	for kind, names := range placeWords {
		if slices.Contains(names, word) {
			return chat.Place{Kind: kind}, nil
		}
	}
	if number, ok := c.roomWord(ctx, word); ok {
		word = number
	}
	number, err := roomOf(word)
	return chat.Place{Kind: chat.InRoom, Room: number}, err
}

// placeWord returns the word that means at.
func (c *Call) placeWord(ctx context.Context, at chat.Place) string {
	if at.Kind == chat.InRoom {
		return c.called(ctx, at.Room)
	}
	return placeWords[at.Kind][0]
}

// roomWordFirst puts the number of the room that line begins with for its name, and drops the word "room" in front of
// it.
func roomWordFirst(ctx context.Context, c *Call, line string) (string, error) {
	if number, rest, ok := c.roomFirst(ctx, line); ok {
		return number + " " + rest, nil
	}
	return line, nil
}

// roomWordAfterIn drops the word "room" in front of the number that line ends with, as in "in room 0".
func roomWordAfterIn(ctx context.Context, c *Call, line string) (string, error) {
	fields := strings.Fields(line)
	for i := len(fields) - 2; i > 1; i-- {
		_, number := c.roomWord(ctx, fields[i+1])
		if number && strings.EqualFold(fields[i], "room") && strings.EqualFold(fields[i-1], "in") {
			return strings.Join(slices.Delete(fields, i, i+1), " "), nil
		}
	}
	return line, nil
}

// placesToReview returns what review may be told.
func placesToReview(ctx context.Context, c *Call) []string {
	return append(roomsJoined(ctx, c), placeWords[chat.Tells][0], placeWords[chat.Shouts][0])
}
