package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/chat"
	"parley/words"
)

// governCommands are the leader's means, and the deputies'.
var governCommands = []Command{inRoom(Command{
	Name:  "topic",
	Usage: "topic <room> [text...]",
}, topic), inRoom(Command{
	Name:         "invite",
	Usage:        "invite <room> <user>",
	ForOperators: &operatorInvite,
}, func(ctx context.Context, c *Call, number int) error {
	u, online, err := c.Chat.InviteInto(ctx, c.Me, number, c.Arg("user"))
	if u.Name == "" || err != nil && !errors.Is(err, chat.ErrRoomUnsaved) {
		return err
	}
	code := "invited later"
	if online {
		code = "invited them"
	}
	c.Say(code, u.Name, c.called(ctx, number))
	return err
}), inRoom(Command{
	Name:  "lock",
	Usage: "lock <room>",
}, lock(true)), inRoom(Command{
	Name:  "unlock",
	Usage: "unlock <room>",
}, lock(false)), inRoom(Command{
	Name:         "kick",
	Usage:        "kick <room> <user> {-b} {reason...}",
	ForOperators: &operatorKick,
}, func(ctx context.Context, c *Call, number int) error {
	out := c.Arg("-b") != ""
	u, err := c.Chat.Remove(ctx, c.Me, number, c.Arg("user"), c.Text("reason"), out)
	if err == nil && out {
		c.Say("kept them out", u.Name, c.called(ctx, number))
	}
	return c.done(ctx, number, err)
}), inRoom(Command{
	Name:  "handover",
	Usage: "handover <room> <user>",
}, func(ctx context.Context, c *Call, number int) error {
	_, err := c.Chat.HandOver(ctx, c.Me, number, c.Arg("user"))
	return c.done(ctx, number, err)
}), inRoom(Command{
	Name:  "deputy",
	Usage: "deputy <room> <user>",
}, depute(true)), inRoom(Command{
	Name:  "undeputy",
	Usage: "undeputy <room> <user>",
}, depute(false)), inRoom(Command{
	Name:  "slow",
	Usage: "slow <room> <pause> {for <time>}",
}, func(ctx context.Context, c *Call, number int) error {
	every, _, err := offOrTime(c.Arg("pause"))
	if err != nil {
		return err
	}
	lasts := time.Duration(0)
	if word := c.Arg("time"); word != "" {
		if lasts, err = parseDuration(word); err != nil {
			return err
		}
	}
	_, err = c.Chat.Slow(ctx, c.Me, number, every, lasts)
	return c.done(ctx, number, err)
}), inRoom(Command{
	Name:         "calm",
	Usage:        "calm <room> [time]",
	Amend:        withoutFor,
	ForOperators: &operatorCalm,
}, func(ctx context.Context, c *Call, number int) error {
	lasts, off, err := offOrTime(c.Arg("time"))
	if err != nil {
		return err
	}
	_, err = c.Chat.CalmRoom(ctx, c.Me, number, off, lasts)
	return c.done(ctx, number, err)
})}

// inRoom completes the row of what is done in a room: run is its Run, which is told the number of the room.
func inRoom(row Command, run func(ctx context.Context, c *Call, number int) error) Command {
	row.Needs, row.Pace, row.Extra, row.Complete = Login, Talk, true, roomsJoined
	if row.Amend == nil {
		row.Amend = governed
	}
	row.Run = func(ctx context.Context, c *Call) error {
		number, err := c.room("room")
		if err != nil {
			return err
		}
		return run(ctx, c, number)
	}
	return row
}

// operatorInvite is what operators have too by the word invite.
var operatorInvite = Command{
	Usage:     "invite",
	Everybody: func(_ context.Context, _ *Call, line string) bool { return line != "" },
	Run: func(ctx context.Context, c *Call) error {
		code, err := c.Chat.Invite(ctx, c.By)
		if err != nil {
			return err
		}
		c.Say("invite", code)
		return nil
	},
}

// operatorKick is what operators have too by the word kick.
var operatorKick = Command{
	Live:     true,
	Usage:    "kick <user> [reason...]",
	Complete: usersOnline,
	Everybody: func(ctx context.Context, c *Call, line string) bool {
		word, rest := nextWord(line)
		if word == "-b" {
			return true
		}
		_, _, ok := c.roomFirst(ctx, word+" "+rest)
		return ok
	},
	Run: func(ctx context.Context, c *Call) error {
		ended, err := c.Chat.Kick(ctx, c.By, c.Arg("user"), c.Text("reason"))
		if err != nil {
			return err
		}
		c.Say("disconnected", ended.Users[0])
		c.printEnded(ended)
		return nil
	},
}

// operatorCalm is what operators have too by the word calm.
var operatorCalm = Command{
	Live:  true,
	Usage: "calm <all|server> [time]",
	Everybody: func(_ context.Context, _ *Call, line string) bool {
		word, _ := nextWord(line)
		return word != "" && !slices.Contains([]string{"all", "server"}, strings.ToLower(word))
	},
	Amend: withoutFor,
	Run: func(ctx context.Context, c *Call) error {
		lasts, off, err := offOrTime(c.Arg("time"))
		if err != nil {
			return err
		}
		lasts, err = c.Chat.CalmAll(ctx, c.By, off, lasts)
		switch {
		case err != nil:
			return err
		case off:
			c.sayUnheard("calm all off")
		default:
			c.sayUnheard("calm all", lasts)
		}
		return nil
	},
}

// done says that something was done in a room, to a user who is not in it and so reads nothing of it.
func (c *Call) done(ctx context.Context, number int, err error) error {
	if err != nil && !errors.Is(err, chat.ErrRoomUnsaved) {
		return err
	}
	if r, looking := c.Chat.Room(ctx, number); looking == nil && !r.Has(c.Me.User) {
		c.Say("done in the room", r.Called())
	}
	return err
}

func lock(on bool) func(ctx context.Context, c *Call, number int) error {
	return func(ctx context.Context, c *Call, number int) error {
		_, err := c.Chat.Lock(ctx, c.Me, number, on)
		return c.done(ctx, number, err)
	}
}

func depute(on bool) func(ctx context.Context, c *Call, number int) error {
	return func(ctx context.Context, c *Call, number int) error {
		_, err := c.Chat.Depute(ctx, c.Me, number, c.Arg("user"), on)
		return c.done(ctx, number, err)
	}
}

// topic changes the topic of a room, or takes it away, or shows it.
func topic(ctx context.Context, c *Call, number int) error {
	text := c.Text("text")
	if text.Empty() {
		r, err := c.Chat.Room(ctx, number)
		switch {
		case err != nil:
			return err
		case r.Topic.Empty():
			c.Say("no topic", r.Called())
		default:
			c.sayTopic(r)
		}
		return nil
	}
	if strings.EqualFold(text.String(), "off") {
		text = chat.Text{}
	}
	was, err := c.Chat.SetTopic(ctx, c.Me, number, text)
	if text.Empty() && (err == nil || errors.Is(err, chat.ErrRoomUnsaved)) {
		c.Say("topic cleared", was.Called(), was.Topic)
	}
	return c.done(ctx, number, err)
}

// sayTopic says what a room is about, and since whom.
func (c *Call) sayTopic(r chat.Room) {
	switch {
	case r.Topic.Empty():
	case r.TopicBy.Name == "":
		c.Say("topic is", r.Topic)
	default:
		c.Say("topic by", r.Topic, r.TopicBy.Name)
	}
}

// offOrTime reads the word off, or a time; nothing is zero.
func offOrTime(word string) (lasts time.Duration, off bool, err error) {
	switch {
	case word == "":
		return 0, false, nil
	case strings.EqualFold(word, "off"):
		return 0, true, nil
	}
	lasts, err = parseDuration(word)
	return lasts, false, err
}

// called returns what the room of that number is called.
func (c *Call) called(ctx context.Context, number int) string {
	r, err := c.Chat.Room(ctx, number)
	if err != nil {
		return strconv.Itoa(number)
	}
	return r.Called()
}

// roomFirst reads the room that line begins with: 0, #0, room 0, tea or #tea. It returns its number and what follows.
func (c *Call) roomFirst(ctx context.Context, line string) (number, rest string, ok bool) {
	word, rest := nextWord(line)
	if next, behind := nextWord(rest); strings.EqualFold(word, "room") {
		if number, ok := c.roomWord(ctx, next); ok {
			return number, behind, true
		}
	}
	number, ok = c.roomWord(ctx, word)
	return number, rest, ok
}

// roomWord returns the number of the room that word is the number or the name of. A number need not be that of a room.
func (c *Call) roomWord(ctx context.Context, word string) (number string, ok bool) {
	if number, ok := roomNumber(word); ok {
		return number, true
	}
	name := strings.TrimPrefix(word, "#")
	if name == "" || c.Me == nil {
		return "", false
	}
	r, err := c.Chat.RoomNamed(ctx, name)
	return strconv.Itoa(r.Number), err == nil
}

// governed fills in the number of the room that the command is about: for a user who names it, talks to it or is in it
// alone. The word -b may stand before it.
func governed(ctx context.Context, c *Call, line string) (string, error) {
	flag := ""
	if word, rest := nextWord(line); word == "-b" && c.command.usage.index(word) >= 0 {
		flag, line = word+" ", rest
	}
	if number, rest, ok := c.roomFirst(ctx, line); ok {
		return flag + number + " " + rest, nil
	}
	number, err := c.ownRoom()
	switch {
	case err != nil:
		return "", err
	case number != "":
		return flag + number + " " + line, nil
	case line == "":
		return flag, nil
	}
	return "", chat.ErrInNoRoom
}

// ownRoom returns the number of the room that the user talks to, or is in alone; "" if the user is in none.
func (c *Call) ownRoom() (number string, err error) {
	if t := c.Talking; t != nil && !t.Over && t.To.IsRoom() {
		return strconv.Itoa(t.To.Room), nil
	}
	return c.onlyRoom(c.Chat.RoomsOf(c.Me))
}

// onlyRoom returns the number of the one room in rooms; "" if there is none, and [chat.ErrWhichRoom] if there are more.
func (c *Call) onlyRoom(rooms []chat.Room) (number string, err error) {
	switch len(rooms) {
	case 0:
		return "", nil
	case 1:
		return strconv.Itoa(rooms[0].Number), nil
	}
	return "", chat.ErrWhichRoom.With(roomList(rooms), words.Usage(c.command.usage.text))
}

// withoutFor is governed for a time that the word for may stand before.
func withoutFor(ctx context.Context, c *Call, line string) (string, error) {
	fields := strings.Fields(line)
	if n := len(fields); n > 1 && strings.EqualFold(fields[n-2], "for") {
		line = strings.Join(slices.Delete(fields, n-2, n-1), " ")
	}
	if c.command.Needs == Operator {
		return line, nil
	}
	return governed(ctx, c, line)
}
