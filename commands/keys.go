package commands

import (
	"context"
	"errors"
	"strconv"

	"parley/chat"
	"parley/chat/pubkey"
)

// keyCommands are about the keys with which users log in by SSH.
var keyCommands = []Command{{
	Name:  "keys",
	Usage: "keys [add|remove] [key...]",
	Needs: Login,
	Pace:  Unpaced,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		what, rest := c.Arg("add|remove"), c.Arg("key")
		switch {
		case what == "" && rest == "":
			return listKeys(ctx, c)
		case what == "":
			return misused(c.command.usage.text)
		case what == "add" && rest == "":
			return misused("keys add <key>")
		case what == "add":
			return addKey(ctx, c, rest)
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

// addKey adds the key that line holds. A guest reads first that guests have none.
func addKey(ctx context.Context, c *Call, line string) error {
	if _, err := c.Chat.Keys(ctx, c.Me); err != nil {
		return err
	}
	k, err := pubkey.Parse(line)
	switch {
	case errors.Is(err, pubkey.ErrPrivate):
		return chat.ErrPrivateKey
	case errors.Is(err, pubkey.ErrOptions):
		return chat.ErrKeyOptions
	case errors.Is(err, pubkey.ErrWeak):
		return chat.ErrWeakKey
	case err != nil:
		return chat.ErrBadKey
	}
	if err := c.Chat.AddKey(ctx, c.Me, k); err != nil {
		return err
	}
	c.Say("key added", k.Fingerprint())
	return nil
}

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
