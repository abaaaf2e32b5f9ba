package commands

import (
	"context"

	"parley/chat"
	"parley/settings"
)

// holdCommands make what one says wait.
var holdCommands = []Command{{
	Name:  "hold",
	Usage: "hold <on|off>",
	Needs: Login,
	Pace:  Unpaced,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		value, code := "", "hold off"
		if c.Arg("on|off") == settings.On {
			if input, _ := c.Session.InForce(settings.Input); input == "line" {
				return chat.ErrHoldLines
			}
			value, code = settings.On, "hold on"
		}
		return c.setSaying(ctx, settings.Values{settings.Hold: value}, code)
	},
}}
