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
	Usage: "quiet [hours or off]",
	Help:  "Read no shouts and notices, or only by day.",
	More: `Hours are like 22:00-07:00, by the clock that "set timezone" says. What operators announce, what is said ` +
		`in your rooms and what you are told still comes.`,
	Example: "quiet off",
	Needs:   Login,
	Pace:    Unpaced,
	Extra:   true,
	Run: func(ctx context.Context, c *Call) error {
		value, code := settings.On, "quiet on"
		switch word := c.Arg("hours or off"); {
		case word == "", strings.EqualFold(word, settings.On):
		case strings.EqualFold(word, settings.Off):
			value, code = "", "quiet off"
		default:
			var ok bool
			if value, ok = settings.ReadHours(word); !ok {
				return chat.ErrBadHours.With(word)
			}
			code = "quiet hours"
		}
		if err := c.Chat.Set(ctx, c.Me, settings.Quiet, value); err != nil {
			return err
		}
		c.Session.Relook()
		if code == "quiet hours" {
			c.Say(code, value)
		} else {
			c.Say(code)
		}
		return nil
	},
}}
