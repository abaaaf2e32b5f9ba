package commands

import (
	"context"
	"errors"
	"time"

	"parley/chat"
	"parley/settings"
	"parley/words"
)

// tellIdle is how long the one who is told something must have been idle for the teller to hear of it.
const tellIdle = 5 * time.Minute

// tell speaks to u, and says so, and what keeps that user from reading it now.
func (c *Call) tell(ctx context.Context, u chat.User) error {
	h, err := c.Chat.TellUser(ctx, c.Me, u, c.Text("msg"))
	switch {
	case errors.Is(err, chat.ErrNotOnline):
		return leaveMail(err)
	case err != nil:
		return err
	case h.Held != nil:
		c.Say("told held", h.User.Name, words.Idle(h.Held.Ago()))
	case h.Absence.Away:
		c.Say("told away", h.User.Name, words.Reason(h.Absence.Why.String()))
	case h.Idle >= tellIdle:
		c.Say("told idle", h.User.Name, words.Idle(h.Idle)) // which is news
	case c.Me.Settings().Of(settings.Receipts) == settings.On:
		c.Say("told", h.User.Name)
	}
	return nil
}

var talkCommands = []Command{{
	Name:     "say",
	Aliases:  []string{"speak"},
	Usage:    "say <room number> <msg...>",
	Help:     "Speak to the members of a room that you are in.",
	More:     "If you are in one room only, you may leave its number out.",
	Example:  "say 0 hello, everyone",
	Needs:    Login,
	Pace:     Talk,
	Amend:    inTheRoom,
	Complete: roomsJoined,
	Run: func(ctx context.Context, c *Call) error {
		room, err := c.room("room number")
		if err != nil {
			return err
		}
		return c.Chat.Say(ctx, c.Me, room, c.Text("msg"))
	},
}, {
	Name:    "shout",
	Aliases: []string{"yell", "broadcast", "wall"},
	Usage:   "shout <msg...>",
	Help:    "Speak to everyone who is online.",
	Example: "shout The lecture starts in five minutes.",
	Needs:   Login,
	Pace:    Shout,
	Run: func(ctx context.Context, c *Call) error {
		return c.Chat.Shout(ctx, c.Me, c.Text("msg"))
	},
}, {
	Name:     "tell",
	Aliases:  []string{"msg", "pm", "dm", "whisper", "w", "privmsg", "page"},
	Usage:    "tell <user> <msg...>",
	Help:     "Speak to one user alone.",
	Example:  "tell bob Are you there?",
	Needs:    Login,
	Pace:     Talk,
	Amend:    toWhom,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		return c.tell(ctx, chat.User{Name: c.Arg("user")})
	},
}}
