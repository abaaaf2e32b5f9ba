package commands

import (
	"context"
	"strings"

	"parley/chat"
)

// standingCommands make rooms stay.
var standingCommands = []Command{{
	Name:     "keep",
	Live:     true,
	Usage:    "keep <room> [as <name>]",
	Needs:    Operator,
	Complete: roomsOpen,
	Amend: func(ctx context.Context, c *Call, line string) (string, error) {
		number, rest, ok := c.roomFirst(ctx, line)
		if !ok {
			return line, nil
		}
		if name, more := nextWord(rest); name != "" && more == "" && !strings.EqualFold(name, "as") {
			rest = "as " + name
		}
		return number + " " + rest, nil
	},
	Run: func(ctx context.Context, c *Call) error {
		name := c.Arg("name")
		if name == "" {
			return misused("keep <room> as <name>")
		}
		number, err := c.room("room")
		if err != nil {
			return err
		}
		r, err := c.Chat.Keep(ctx, c.By, number, name)
		if err == nil {
			c.Say("kept as", r.Number, r.Name)
		}
		return err
	},
}, {
	Name:  "unkeep",
	Live:  true,
	Usage: "unkeep <name>",
	Needs: Operator,
	Complete: func(ctx context.Context, c *Call) (names []string) {
		for _, r := range c.Chat.Rooms(ctx) {
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
