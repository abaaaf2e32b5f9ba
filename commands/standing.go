package commands

import (
	"context"

	"parley/chat"
)

// standingCommands make rooms stay.
var standingCommands = []Command{{
	Name:  "keep",
	Live:  true,
	Usage: "keep <room> [as <name>]",
	Help:  "Keep a room open, under a name.",
	More: `It stays open without its leader, and over a restart, with its topic, its lock and its deputies. The name ` +
		`stands wherever a number does: "join tea". Names are like those of users. Who led it last is its first ` +
		"deputy, and the first deputy who comes into it leads. Operators may do all there that a leader may.",
	Example:  "keep 0 as tea",
	Needs:    Operator,
	Pace:     Unpaced,
	Complete: roomsOpen,
	Amend: func(ctx context.Context, c *Call, line string) (string, error) {
		number, rest, ok := c.roomFirst(ctx, line)
		if !ok {
			return line, nil
		}
		if name, more := nextWord(rest); name != "" && more == "" {
			rest = "as " + name
		}
		return number + " " + rest, nil
	},
	Run: func(ctx context.Context, c *Call) error {
		name := c.Arg("name")
		if name == "" {
			return misused("keep <room> as <name>")
		}
		return c.onRoom(func(number int) error {
			r, err := c.Chat.Keep(ctx, c.By, number, name)
			if err == nil {
				c.Say("kept as", r.Number, r.Name)
			}
			return err
		})
	},
}, {
	Name:    "unkeep",
	Live:    true,
	Usage:   "unkeep <name>",
	Help:    "Let a standing room close again.",
	More:    "It closes when its leader leaves; without a leader it closes at once.",
	Example: "unkeep tea",
	Needs:   Operator,
	Pace:    Unpaced,
	Complete: func(ctx context.Context, c *Call) (names []string) {
		rooms, err := c.Chat.Rooms(ctx)
		if err != nil {
			return nil
		}
		for _, r := range rooms {
			if r.Standing() {
				names = append(names, r.Name)
			}
		}
		return names
	},
	Run: func(ctx context.Context, c *Call) error {
		name := c.Arg("name")
		r, err := c.Chat.Unkeep(ctx, c.By, name)
		switch {
		case err != nil:
			return err
		case r.Open():
			c.Say("unkept", name)
		default:
			c.Say("unkept closed", name)
		}
		return nil
	},
}}

// roomsOpen returns the numbers of all rooms.
func roomsOpen(ctx context.Context, c *Call) []string {
	return roomNumbers(ctx, c, func(chat.Room) bool { return true })
}
