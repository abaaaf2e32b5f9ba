package commands

import (
	"context"
	"strconv"
	"strings"
)

// keyCommands are about the keys with which users log in by SSH.
var keyCommands = []Command{{
	Name:     "keys",
	Usage:    "keys [add|remove] [key...]",
	Needs:    Login,
	Pace:     Unpaced,
	Extra:    true,
	Complete: func(context.Context, *Call) []string { return []string{"add", "remove"} },
	Run: func(ctx context.Context, c *Call) error {
		what, rest := strings.ToLower(c.Arg("add|remove")), c.Arg("key")
		switch {
		case what == "" && rest == "":
			return listKeys(ctx, c)
		case what == "":
			return misused(c.command.usage.text)
		case what == "add" && rest == "":
			return misused("keys add <key>")
		case what == "add":
			k, err := c.Chat.AddKey(ctx, c.Me, rest)
			if err == nil {
				c.Say("key added", k.Fingerprint())
			}
			return err
		}
		number, err := strconv.Atoi(rest)
		if err != nil || number < 1 {
			return misused("keys remove <n>")
		}
		k, err := c.Chat.RemoveKey(ctx, c.Me, number)
		if err == nil {
			c.Say("key removed", number, k.Fingerprint())
		}
		return err
	},
}}

func listKeys(ctx context.Context, c *Call) error {
	keys, err := c.Chat.Keys(ctx, c.Me)
	if err != nil {
		return err
	}
	for i, k := range keys {
		if k.Comment == "" {
			c.Say("key", i+1, k.Kind, k.Fingerprint())
		} else {
			c.Say("key named", i+1, k.Kind, k.Fingerprint(), k.Comment)
		}
	}
	if len(keys) == 0 {
		c.Say("no keys")
	}
	return nil
}
