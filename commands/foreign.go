package commands

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley/chat"
)

// A foreign word is what people type who know another chat server, a game or a shell, and what has no equivalent here, or more than one.
type foreign struct {
	words []string
	// hint says what to type instead. Empty for what is no command anywhere, but might be taken for a slip of the fingers.
	hint string
	// secret is the number of the word from which on the line holds a password, as in [Command].
	secret int
}

var greetings = []string{"hi", "hello", "hey", "hola", "greetings"}

var foreignWords = []foreign{
	{words: greetings},
	{words: []string{"guest"}, hint: "You are logged in. To become a user, type: login <user>"},
	{words: []string{"nick", "nickname", "name", "rename"}, hint: `A name stays as it is. To have another one, type: register <user>`},
	{words: []string{"passwd", "password", "setpass"}, hint: "Only an operator can change a password.", secret: 1},
	{words: []string{"identify", "auth", "connect"}, hint: "To become a user, type: login <user>", secret: 1},
	{words: []string{"create", "new", "make"}, hint: "To open a room, type: start <topic>. To make an account, type: register <user>", secret: 2},
	{words: []string{"unregister", "delete", "drop"}, hint: "Only an operator can delete an account.", secret: 1},
	{words: []string{"list", "ls", "dir", "names"}, hint: `Type "rooms" for the rooms, or "who" for the users.`},
	{words: []string{"me", "emote", "pose", "act"}, hint: "Say what you do: say <room number> <msg>"},
	{words: []string{"reply", "answer"}, hint: "To answer, type: tell <user> <msg>"},
	{words: []string{"topic"}, hint: "A room keeps the topic that it was started with."},
	{words: []string{"away", "afk", "back"}, hint: "To tell others where you are, type: info <text>"},
	{words: []string{"clear", "cls", "reset"}, hint: "To clear the screen, press Ctrl-L."},
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

// howToSpeak says how to speak to who has typed word, which is no command: to who is in a room, and to who greets. It is "" to others.
func howToSpeak(ctx context.Context, c *Call, word string) string {
	if c.Me == nil {
		return "" // nobody speaks from the console
	}
	greets := slices.Contains(greetings, strings.ToLower(word))
	switch rooms, err := c.Chat.RoomsOf(ctx, c.Me); {
	case err != nil || len(rooms) == 0 && !greets:
		return ""
	case len(rooms) == 0 && c.Me.User.Guest && c.Chat.Guests() != chat.GuestsChat:
		return "To speak takes an account: " + toAnAccount(c) + "."
	case len(rooms) == 0:
		return `To speak, join a room: "rooms" lists them. To speak to one user, type: tell <user> <msg>`
	case len(rooms) == 1:
		return fmt.Sprintf(`To speak in Room %d, begin with "say".`, rooms[0].Number)
	}
	return `To speak in a room, begin with "say <room number>".`
}

// roomNumber returns the number that word is, as the rooms are written: 0, or #0 where other chat servers want that.
func roomNumber(word string) (number string, ok bool) {
	number = strings.TrimPrefix(word, "#")
	digits := strings.TrimLeft(number, "+-")
	return number, digits != "" && strings.Trim(digits, "0123456789") == ""
}

// numberAlone returns line without the word "room" in front of a number, as in "Room 0", which is how rooms are called everywhere.
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
	if name := strings.TrimRight(strings.TrimPrefix(word, "@"), ":,"); name != "" {
		word = name
	}
	return word + " " + rest, nil
}

// inTheRoom fills in the number of the room for who says something without one and is in one room alone.
func inTheRoom(ctx context.Context, c *Call, line string) (string, error) {
	word, rest := nextWord(line)
	if number, ok := roomNumber(word); ok || word == "" {
		return number + " " + rest, nil
	}
	rooms, err := c.Chat.RoomsOf(ctx, c.Me)
	switch {
	case err != nil:
		return "", err
	case len(rooms) == 1:
		return strconv.Itoa(rooms[0].Number) + " " + line, nil
	case len(rooms) > 1:
		return "", chat.ErrWhichRoom.With(roomList(rooms), c.command.usage.text)
	case rest == "":
		return "", chat.ErrInNoRoom
	}
	return line, nil
}

// theRoom fills in the number of the room for who leaves without one and is in one room alone, or names the topic.
func theRoom(ctx context.Context, c *Call, line string) (string, error) {
	line = numberAlone(line)
	if number, ok := roomNumber(line); ok {
		return number, nil
	}
	rooms, err := c.Chat.RoomsOf(ctx, c.Me)
	switch {
	case err != nil:
		return "", err
	case line != "":
		return byTopic(rooms, line, c.command.Name)
	case len(rooms) == 0:
		return "", nil
	case len(rooms) > 1:
		return "", chat.ErrWhichRoom.With(roomList(rooms), c.command.usage.text)
	}
	return strconv.Itoa(rooms[0].Number), nil
}

// anyRoom fills in the number of the room for who names its topic.
func anyRoom(ctx context.Context, c *Call, line string) (string, error) {
	line = numberAlone(line)
	if number, ok := roomNumber(line); ok || line == "" {
		return number, nil
	}
	rooms, err := c.Chat.Rooms(ctx)
	if err != nil {
		return "", err
	}
	return byTopic(rooms, line, c.command.Name)
}

// byTopic returns the number of the one room whose topic is line, whatever the letter case, the blanks and the quotes around it. It returns line where there is
// none, and ErrManyRooms where there are several.
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
	return "", chat.ErrManyRooms.With(roomList(found), command+" <room number>")
}

// roomList writes the numbers of two rooms or more, as in "0, 1 and 2".
func roomList(rooms []chat.Room) string {
	const most = 10
	var numbers []string
	for _, r := range rooms[:min(most, len(rooms))] {
		numbers = append(numbers, strconv.Itoa(r.Number))
	}
	last := len(numbers) - 1
	if len(rooms) > most {
		return fmt.Sprintf("%s and %d others", strings.Join(numbers, ", "), len(rooms)-most)
	}
	return strings.Join(numbers[:last], ", ") + " and " + numbers[last]
}

// nothing drops what follows the name: it is clear what is meant.
func nothing(context.Context, *Call, string) (string, error) { return "", nil }
