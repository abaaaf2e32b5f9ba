package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"parley/chat"
	"parley/words"
)

// A foreign word is what people type who know another chat server, a game or a shell, and what has no equivalent here,
// or more than one.
type foreign struct {
	words []string
	// hint is the code of what to type instead. Empty for what is no command anywhere, but might be taken for a typo.
	hint string
	// secret is the number of the word from which on the line holds a password, as in [Command].
	secret int
}

var greetings = []string{"hi", "hello", "hey", "hola", "greetings"}

var foreignWords = []foreign{
	{words: greetings},
	{words: []string{"guest"}, hint: "hint guest"},
	{words: []string{"nick", "nickname", "name", "rename"}, hint: "hint nick"},
	{words: []string{"identify", "auth", "connect"}, hint: "hint identify", secret: 1},
	{words: []string{"create", "new", "make"}, hint: "hint create", secret: 2},
	{words: []string{"unregister", "delete", "drop"}, hint: "hint unregister", secret: 1},
	{words: []string{"list", "ls", "dir", "names"}, hint: "hint list"},
	{words: []string{"clear", "cls", "reset"}, hint: "hint clear"},
}

// foreignWord returns the row that has word, in any letter case.
func foreignWord(word string) (foreign, bool) {
	word = strings.ToLower(word)
	i := slices.IndexFunc(foreignWords, func(f foreign) bool { return slices.Contains(f.words, word) })
	if i < 0 {
		return foreign{}, false
	}
	return foreignWords[i], true
}

// howToSpeak says how to speak to a user who has typed word, which is no command: to one who is in a room, and to one
// who greets. It is nil to others.
func howToSpeak(c *Call, word string) *words.Phrase {
	if c.Me == nil {
		return nil // nobody speaks from the console
	}
	greets := slices.Contains(greetings, strings.ToLower(word))
	switch rooms := c.Chat.RoomsOf(c.Me); {
	case len(rooms) == 0 && !greets:
		return nil
	case len(rooms) == 0 && c.Me.User.Guest && c.Chat.Guests() != chat.GuestsChat:
		return words.Say("speaking takes an account", toAnAccount(c))
	case len(rooms) == 0:
		return words.Say("how to speak")
	case len(rooms) == 1:
		return words.Say("speak in the room", rooms[0].Number)
	}
	return words.Say("speak in a room")
}

// roomNumber returns the number that word is, as the rooms are written: 0, or #0 where other chat servers want that.
func roomNumber(word string) (number string, ok bool) {
	number = strings.TrimPrefix(word, "#")
	digits := strings.TrimLeft(number, "+-")
	return number, digits != "" && strings.Trim(digits, "0123456789") == ""
}

// numberAlone returns line without the word "room" in front of a number, as in "Room 0", which is how rooms are called
// everywhere.
func numberAlone(line string) string {
	word, rest := nextWord(line)
	if _, ok := roomNumber(rest); ok && strings.EqualFold(word, "room") {
		return rest
	}
	return line
}

// toWhom drops the signs that some write beside the name of the one they speak to: "bob: hello" and "@bob hello".
func toWhom(_ context.Context, _ *Call, line string) (string, error) {
	word, rest := nextWord(line)
	name := strings.TrimRight(strings.TrimPrefix(word, "@"), ":,")
	if name == "" || name == word {
		return line, nil
	}
	return name + " " + rest, nil
}

// inTheRoom fills in the number of the room for a user who says something without one and talks to a room, or is in one
// alone.
func inTheRoom(ctx context.Context, c *Call, line string) (string, error) {
	word, rest := nextWord(line)
	if number, ok := roomNumber(word); ok || word == "" {
		return number + " " + rest, nil
	}
	if number, ok := c.itsRoom(word); ok {
		return number + " " + rest, nil
	}
	number, err := c.ownRoom()
	switch {
	case err != nil:
		return "", err
	case number != "":
		return number + " " + line, nil
	case rest == "":
		return "", chat.ErrInNoRoom
	}
	if number, ok := c.roomWord(ctx, word); ok { // not a member
		return number + " " + rest, nil
	}
	return line, nil
}

// itsRoom returns the number of the standing room of that name, if the user is in it: to others it is a word.
func (c *Call) itsRoom(word string) (number string, ok bool) {
	name := chat.FoldName(strings.TrimPrefix(word, "#"))
	for _, r := range c.Chat.RoomsOf(c.Me) {
		if r.Standing() && chat.FoldName(r.Name) == name {
			return strconv.Itoa(r.Number), true
		}
	}
	return "", false
}

// theRoom fills in the number of the room for a user who leaves without one and is in one room alone, or names the
// topic.
func theRoom(ctx context.Context, c *Call, line string) (string, error) {
	line = numberAlone(line)
	if number, ok := c.roomWord(ctx, line); ok {
		return number, nil
	}
	rooms := c.Chat.RoomsOf(c.Me)
	switch {
	case line != "":
		return byTopic(rooms, line, c.command.Name)
	}
	return c.onlyRoom(rooms)
}

// anyRoom fills in the number of the room for a user who names its topic.
func anyRoom(ctx context.Context, c *Call, line string) (string, error) {
	line = numberAlone(line)
	if number, ok := c.roomWord(ctx, line); ok || line == "" {
		return number, nil
	}
	return byTopic(c.Chat.Rooms(ctx), line, c.command.Name)
}

// byTopic returns the number of the one room whose topic is line, whatever the letter case, the blanks and the quotes
// around it. It returns line where there is none, and ErrManyRooms where there are several.
func byTopic(rooms []chat.Room, line, command string) (string, error) {
	plain := func(s string) string { return strings.ToLower(strings.Trim(strings.Join(strings.Fields(s), " "), `"`)) }
	topic := plain(chat.Clean(line).String())
	var found []chat.Room
	for _, r := range rooms {
		if t := plain(r.Topic.String()); t == topic || t == strings.TrimPrefix(topic, "#") {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return line, nil
	case 1:
		return strconv.Itoa(found[0].Number), nil
	}
	return "", chat.ErrManyRooms.With(roomList(found), words.Usage(command+" <room number>"))
}

// roomList lists the numbers of two rooms or more, as in "0, 1 and 2".
func roomList(rooms []chat.Room) any {
	const most = 10
	var numbers []string
	for _, r := range rooms[:min(most, len(rooms))] {
		numbers = append(numbers, r.Called())
	}
	if len(rooms) > most {
		return words.Say("and others", words.List(numbers), len(rooms)-most)
	}
	return words.All(numbers)
}

// nothing drops what follows the name: it is clear what is meant.
func nothing(context.Context, *Call, string) (string, error) { return "", nil }
