package commands

import (
	"context"
	"time"

	"parley/chat"
)

// tellIdle is how long the one who is told something must have been idle for the teller to hear of it.
const tellIdle = 5 * time.Minute

var talkCommands = []Command{{
	Name:     "say",
	Aliases:  []string{"speak"},
	Usage:    "say <room number> <msg...>",
	Needs:    Login,
	Pace:     Talk,
	Amend:    inTheRoom,
	Complete: roomsJoined,
	Run: func(ctx context.Context, c *Call) error {
		room, err := c.room("room number")
		if err != nil {
			return err
		}
		return c.sayIn(ctx, room, chat.Said, c.Text("msg"))
	},
}, {
	Name:    "shout",
	Aliases: []string{"yell", "broadcast", "wall"},
	Usage:   "shout <msg...>",
	Needs:   Login,
	Pace:    Shout,
	Run: func(ctx context.Context, c *Call) error {
		return c.speak(ctx, Speech{Kind: chat.Shouted, Text: c.Text("msg")})
	},
}, {
	Name:     "tell",
	Aliases:  []string{"msg", "pm", "dm", "whisper", "w", "privmsg", "page"},
	Usage:    "tell <user> <msg...>",
	Needs:    Login,
	Pace:     Talk,
	Amend:    toWhom,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		return c.tell(ctx, chat.User{Name: c.Arg("user")})
	},
}}
