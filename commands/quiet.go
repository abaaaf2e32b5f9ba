package commands

import (
	"context"
	"strings"

	"parley/chat"
	"parley/settings"
)

// quietCommands keep away what is said to everyone.
var quietCommands = []Command{{
	Name:  "quiet",
	Usage: "quiet [hours or off] {on or off}",
	Needs: Login,
	Pace:  Unpaced,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		word, more := c.Arg("hours or off"), c.Arg("on or off")
		if strings.EqualFold(word, "joins") || strings.EqualFold(word, "join") {
			return quietJoins(ctx, c, more)
		}
		changes, code := settings.Values{settings.Quiet: settings.On}, "quiet on"
		switch {
		case more != "":
			return misused(c.command.usage.text)
		case word == "", strings.EqualFold(word, settings.On):
		case strings.EqualFold(word, settings.Off):
			changes, code = settings.Values{settings.Quiet: "", settings.QuietJoins: ""}, "quiet off"
		default:
			hours, ok := settings.ReadHours(word)
			if !ok {
				return chat.ErrBadHours.With(word)
			}
			return c.setSaying(ctx, settings.Values{settings.Quiet: hours}, "quiet hours", hours)
		}
		return c.setSaying(ctx, changes, code)
	},
}}

// quietJoins leaves out, or shows again, who comes into rooms and leaves them.
func quietJoins(ctx context.Context, c *Call, word string) error {
	value, code := settings.On, "quiet joins"
	switch {
	case word == "", strings.EqualFold(word, settings.On):
	case strings.EqualFold(word, settings.Off):
		value, code = settings.Off, "quiet joins off"
	default:
		return misused("quiet joins [off]")
	}
	return c.setSaying(ctx, settings.Values{settings.QuietJoins: value}, code)
}
