package commands

import (
	"context"
	"strings"

	"parley/chat"
	"parley/settings"
)

// holdCommands make what one says wait.
var holdCommands = []Command{{
	Name:  "hold",
	Usage: "hold <on|off>",
	Help:  "Have three seconds to take back what you say.",
	More: `What you say, tell, shout or emote waits for three seconds then, and for nine in the form for screen ` +
		`readers. Ctrl-X takes it back, into the line if that is empty, and Ctrl-C drops it. The next line that you ` +
		`enter sends it at once. It needs a terminal that sends every key, and stays in your account.`,
	Example: "hold on",
	Needs:   Login,
	Pace:    Unpaced,
	Extra:   true,
	Run: func(ctx context.Context, c *Call) error {
		value, code := "", "hold off"
		if strings.EqualFold(c.Arg("on|off"), settings.On) {
			if input, _ := c.Session.InForce(settings.Input); input == "line" {
				return chat.ErrHoldLines
			}
			value, code = settings.On, "hold on"
		}
		if err := c.Chat.Set(ctx, c.Me, settings.Hold, value); err != nil {
			return err
		}
		c.Session.Relook()
		c.Say(code)
		return nil
	},
}}
