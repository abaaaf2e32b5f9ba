package commands

import (
	"context"
	"strings"
	"time"

	"parley/chat"
	"parley/words"
)

var blockCommands = []Command{{
	Name:     "block",
	Aliases:  []string{"ignore", "squelch", "gag"},
	Usage:    "block <user> {terms...}",
	Needs:    Login,
	Pace:     Unpaced,
	Complete: usersToBlock,
	Run: func(ctx context.Context, c *Call) error {
		terms, err := c.blockTerms()
		if err != nil {
			return err
		}
		user, err := c.Chat.BlockOn(ctx, c.Me, c.Arg("user"), terms)
		if err != nil {
			return err
		}
		if terms == (chat.BlockTerms{}) {
			c.Say("blocked them", user)
		} else {
			c.Say("blocked them so", user, blockKind(terms.Silent, terms.Lasts))
		}
		return nil
	},
}, {
	Name:     "blocks",
	Usage:    "blocks",
	Needs:    Login,
	Pace:     Unpaced,
	Extra:    true,
	ReadOnly: true,
	Run: func(_ context.Context, c *Call) error {
		all := c.Me.Blocks()
		for _, b := range all {
			c.Say("blocks", b.Name, blockKind(b.Silent, b.Left))
		}
		if len(all) == 0 {
			c.Say("blocks nobody")
		}
		return nil
	},
}, {
	Name:     "unblock",
	Aliases:  []string{"unignore", "ungag"},
	Usage:    "unblock <user>",
	Needs:    Login,
	Pace:     Unpaced,
	Complete: usersBlocked,
	Run: func(ctx context.Context, c *Call) error {
		user, err := c.Chat.Unblock(ctx, c.Me, c.Arg("user"))
		if err != nil {
			return err
		}
		c.Say("unblocked", user)
		return nil
	},
}}

// silently are the words for a block that nobody notices.
var silently = map[string]bool{"silently": true, "silent": true, "quietly": true}

// blockTerms returns how somebody is to be blocked: for a time, silently, or both, in either order.
func (c *Call) blockTerms() (terms chat.BlockTerms, err error) {
	all := strings.FieldsFunc(c.Arg("terms"), chat.Blank)
	timed := false
	for i, word := range all {
		switch {
		case silently[strings.ToLower(word)] && !terms.Silent:
			terms.Silent = true
		case strings.EqualFold(word, "for") && !timed && i+1 < len(all) && isTime(all[i+1]):
		case isTime(word) && !timed:
			timed = true
			terms.Lasts, _ = parseDuration(word) // forever is zero
		case !timed && unclearTime(all[i:]) != "":
			return terms, chat.ErrBadDuration.With(strings.Join(all[i:], " "))
		default:
			return terms, misused("block <user> [for <time>] [silently]")
		}
	}
	return terms, nil
}

// blockKind says how somebody is blocked, for so long; zero is until that is ended.
func blockKind(silent bool, lasts time.Duration) *words.Phrase {
	switch {
	case lasts == 0 && !silent:
		return words.Say("block endless")
	case lasts == 0:
		return words.Say("block silent and endless")
	case !silent:
		return words.Say("block for", lasts)
	}
	return words.Say("block silently for", lasts)
}
