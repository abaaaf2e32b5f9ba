package commands

import (
	"context"

	"parley/chat"
	"parley/words"
)

// againCommands speak to whom one has spoken to already, and do what one does in a room beside speaking.
var againCommands = []Command{{
	Name:    "reply",
	Aliases: []string{"answer"},
	Usage:   "reply <msg...>",
	Needs:   Login,
	Pace:    Talk,
	Extra:   true,
	Run:     func(ctx context.Context, c *Call) error { return tellAgain(ctx, c, c.Me.Partner) },
}, {
	Name:  ".",
	Usage: ". <msg...>",
	Needs: Login,
	Pace:  Talk,
	Extra: true,
	Run:   func(ctx context.Context, c *Call) error { return tellAgain(ctx, c, c.Me.Target) },
}, {
	Name:  ",",
	Usage: ", <msg...>",
	Needs: Login,
	Pace:  Talk,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		room, ok := c.Me.LastRoom()
		if !ok {
			rooms := c.Chat.RoomsOf(c.Me)
			switch {
			case len(rooms) == 0:
				return chat.ErrInNoRoom
			case len(rooms) > 1:
				return chat.ErrWhichRoom.With(roomList(rooms), words.Usage("say <room number> <msg>"))
			}
			room = rooms[0].Number
		}
		return c.sayIn(ctx, room, chat.Said, c.Text("msg"))
	},
}, {
	Name:     "emote",
	Aliases:  []string{"me", "pose", "act"},
	Usage:    "emote <room> <action...>",
	Needs:    Login,
	Pace:     Talk,
	Extra:    true,
	Amend:    inTheRoom,
	Complete: roomsJoined,
	Run: func(ctx context.Context, c *Call) error {
		room, err := c.room("room")
		if err != nil {
			return err
		}
		return c.sayIn(ctx, room, chat.Emoted, c.Text("action"))
	},
}}

// tellAgain speaks to the user that partner returns.
func tellAgain(ctx context.Context, c *Call, partner func() (chat.User, bool)) error {
	u, ok := partner()
	if !ok {
		return chat.ErrNoPartner
	}
	return c.tell(ctx, u)
}
