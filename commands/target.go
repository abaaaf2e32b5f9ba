package commands

import (
	"context"
	"strings"

	"parley/chat"
	"parley/words"
)

// targetCommands say where lines go that are no commands.
var targetCommands = []Command{{
	Name:     "talk",
	Usage:    "talk [room or user]",
	Needs:    Login,
	Pace:     Unpaced,
	Extra:    true,
	Amend:    toTarget,
	Complete: talkTargets,
	Run: func(ctx context.Context, c *Call) error {
		word := c.Arg("room or user")
		if word == "" {
			return endTalk(c)
		}
		to, err := c.target(ctx, word)
		if err != nil {
			return err
		}
		c.Session.Talk(&to)
		c.Say("talking", TargetName(to))
		return nil
	},
}}

// plainLine returns what line, which was entered while the user talks, is to say there. It returns false for a command.
func plainLine(line string) (text string, ok bool) {
	switch {
	case strings.HasPrefix(line, "//"):
		return line[1:], true
	case strings.HasPrefix(line, "/"), strings.EqualFold(line, "talk"):
		return "", false
	}
	return line, true
}

// plain is the row for plain lines. It stands in no list.
var plain = Command{Name: "talk", Usage: "talk <msg...>", Pace: Talk, Needs: Login, Run: func(ctx context.Context,
	c *Call) error {
	to := c.Talking.To
	if to.IsRoom() {
		return c.sayIn(ctx, to.Room, chat.Said, c.Text("msg"))
	}
	return c.tell(ctx, to.User)
}}

// talk says text where plain lines go.
func (r *Registry) talk(ctx context.Context, c *Call, text string) error {
	switch {
	case c.Talking.Over:
		return chat.ErrTalkOver.With(TargetName(c.Talking.To))
	case !allowed(c, &r.plain):
		return refuseGuest(c, &r.plain)
	}
	return r.run(ctx, c, &r.plain, []string{text})
}

func endTalk(c *Call) error {
	if c.Talking == nil || c.Talking.Over {
		return chat.ErrNotTalking
	}
	c.Session.Talk(nil)
	c.Say("talk ended", TargetName(c.Talking.To))
	return nil
}

// target returns the room or the user that word names.
func (c *Call) target(ctx context.Context, word string) (chat.Target, error) {
	if number, ok := c.roomWord(ctx, word); ok {
		number, err := roomOf(number)
		if err != nil {
			return chat.Target{}, err
		}
		return c.Chat.RoomTarget(ctx, c.Me, number)
	}
	return c.Chat.UserTarget(ctx, word)
}

// toTarget drops the signs that some write beside a number or a name.
func toTarget(ctx context.Context, c *Call, line string) (string, error) {
	if number, ok := c.roomWord(ctx, numberAlone(line)); ok {
		return number, nil
	}
	if line == "" {
		return "", nil
	}
	return toWhom(ctx, c, line)
}

// TargetName returns what users call t: a phrase for a room, a name for a user.
func TargetName(t chat.Target) any {
	if t.IsRoom() {
		return words.Say("the room", t.Called())
	}
	return t.User.Name
}

// talkTargets returns what one may talk to.
func talkTargets(ctx context.Context, c *Call) []string {
	return append(roomsJoined(ctx, c), usersOnline(ctx, c)...)
}

// targetNames returns the names of those whom plain lines reach.
func targetNames(c *Call) []string {
	to := c.Talking.To
	if !to.IsRoom() {
		return []string{to.User.Name}
	}
	for _, r := range c.Chat.RoomsOf(c.Me) {
		if r.Number == to.Room {
			return r.Names()
		}
	}
	return nil
}
