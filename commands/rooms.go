package commands

import (
	"context"
	"strings"
)

var roomCommands = []Command{{
	Name:    "start",
	Usage:   "start <topic...>",
	Help:    "Open a room, which you lead.",
	More:    "When you leave it, it closes.",
	Example: "start Monday's homework",
	Needs:   Login,
	Pace:    Shout,
	Run: func(ctx context.Context, c *Call) error {
		_, err := c.Chat.Start(ctx, c.Me, c.Text("topic"))
		return err
	},
}, {
	Name:    "rooms",
	Usage:   "rooms",
	Help:    "List the open rooms and who is in them.",
	Example: "rooms",
	Run: func(ctx context.Context, c *Call) error {
		rooms, err := c.Chat.Rooms(ctx)
		if err != nil {
			return err
		}
		if len(rooms) == 0 {
			c.Print("No rooms.")
			return nil
		}
		c.Print(count(len(rooms), "room") + ":")
		c.Print("")
		for _, r := range rooms {
			c.Printf("Room %d, topic: %s", r.Number, r.Topic)
			c.Printf("%d Participant(s): %s", len(r.Members), strings.Join(r.Names(), ", "))
			c.Print("")
		}
		return nil
	},
}, {
	Name:    "join",
	Usage:   "join <room number>",
	Help:    "Come into a room and hear what is said in it.",
	Example: "join 0",
	Needs:   Login,
	Pace:    Talk,
	Run: func(ctx context.Context, c *Call) error {
		r, err := c.Chat.Join(ctx, c.Me, c.Arg("room number"))
		if err != nil {
			return err
		}
		c.Printf("You joined Room %d.", r.Number)
		return nil
	},
}, {
	Name:    "leave",
	Usage:   "leave <room number>",
	Help:    "Leave a room. If you lead it, it closes.",
	Example: "leave 0",
	Needs:   Login,
	Pace:    Talk,
	Run: func(ctx context.Context, c *Call) error {
		r, err := c.Chat.Leave(ctx, c.Me, c.Arg("room number"))
		if err != nil {
			return err
		}
		c.Printf("You left Room %d.", r.Number)
		return nil
	},
}}
