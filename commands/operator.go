package commands

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/chat"
)

// What is told of a time that a command takes.
const durationHelp = "A time is written like 30m, 2h, 2d or 1w; without one it lasts until an operator ends it."

var operatorCommands = []Command{{
	Name:    "kick",
	Usage:   "kick <user> [reason...]",
	Help:    "End a user's session.",
	More:    "The user reads the reason, and may come again at once.",
	Example: "kick mallory Please let the others talk, too.",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		name, err := c.Chat.Kick(ctx, c.Me.User.Name, c.Arg("user"), c.Text("reason"))
		if err == nil {
			c.Printf("User %s has been disconnected.", name)
		}
		return err
	},
}, {
	Name:    "mute",
	Usage:   "mute <user> [for <time>] [reason...]",
	Help:    "Keep a user from talking.",
	More:    "The user is told, and can neither say, shout, tell nor start anything. " + durationHelp,
	Example: "mute mallory for 2h Shouting at everyone.",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		lasts, err := lasting(c)
		if err != nil {
			return err
		}
		mute, err := c.Chat.Mute(ctx, c.Me.User.Name, c.Arg("user"), lasts, c.Text("reason"))
		if err == nil {
			c.Print("User " + mute.Target + " is muted" + mute.Terms())
		}
		return err
	},
}, {
	Name:    "unmute",
	Usage:   "unmute <user>",
	Help:    "Let a user talk again.",
	Example: "unmute mallory",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		name, err := c.Chat.Unmute(ctx, c.Me.User.Name, c.Arg("user"))
		if err == nil {
			c.Printf("User %s is no longer muted.", name)
		}
		return err
	},
}, {
	Name:    "ban",
	Usage:   "ban <target> [for <time>] [reason...]",
	Help:    "Keep a user, address or network out.",
	More:    "A target is a user, an address such as 192.0.2.7, or a network such as 2001:db8::/64; whoever of them is online is sent away. " + durationHelp,
	Example: "ban mallory for 2d Advertising.",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		lasts, err := lasting(c)
		if err != nil {
			return err
		}
		ban, err := c.Chat.Ban(ctx, c.Me.User.Name, c.Arg("target"), lasts, c.Text("reason"))
		if err == nil {
			c.Print("Banned " + ban.Target + ban.Terms())
		}
		return err
	},
}, {
	Name:    "unban",
	Usage:   "unban <target>",
	Help:    "End a ban.",
	Example: "unban mallory",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		ban, err := c.Chat.Unban(ctx, c.Me.User.Name, c.Arg("target"))
		if err == nil {
			c.Printf("Ended the ban of %s.", ban.Target)
		}
		return err
	},
}, {
	Name:    "bans",
	Usage:   "bans",
	Help:    "List all bans.",
	Example: "bans",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		bans, err := c.Chat.Bans(ctx)
		if err != nil {
			return err
		}
		if len(bans) == 0 {
			c.Print("No bans.")
			return nil
		}
		c.Print(count(len(bans), "ban") + ":")
		for _, b := range bans {
			c.Printf("%s%s By %s on %s.", b.Target, b.Terms(), b.By, date(b.Made))
		}
		return nil
	},
}, {
	Name:    "announce",
	Usage:   "announce <msg...>",
	Help:    "Tell everyone, as the system.",
	Example: "announce New rules: be kind.",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		return c.Chat.Announce(ctx, c.Me.User.Name, c.Text("msg"))
	},
}, {
	Name:    "shutdown",
	Usage:   "shutdown <in|cancel> [time]",
	Help:    "Stop the server, or not after all.",
	More:    "Everyone is told at once, a minute before and ten seconds before. A time is written like 30s or 5m.",
	Example: "shutdown in 5m",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		in, time := strings.EqualFold(c.Arg("in|cancel"), "in"), c.Arg("time")
		if in != (time != "") {
			return chat.ErrUsage.With("shutdown in <time>, or shutdown cancel")
		}
		if !in {
			return c.Chat.CancelShutdown(ctx, c.Me.User.Name)
		}
		d, err := chat.ParseDuration(time)
		if err != nil {
			return err
		}
		return c.Chat.ShutdownIn(ctx, c.Me.User.Name, d)
	},
}, {
	Name:    "who",
	Usage:   "who [-a] (page)",
	Help:    "List who is online, -a: from where.",
	More:    `With -a there is a line for each: the address, how long idle, and whether an operator. A long list has pages: "who 2" or "who -a 2" shows the second.`,
	Example: "who -a",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		if c.Arg("-a") == "" {
			return who(ctx, c)
		}
		entries, err := c.Chat.Online(ctx)
		if err != nil {
			return err
		}
		return inPages(c, "who -a", slices.Collect(slices.Chunk(entries, entriesPerPage)), func(page []*chat.Entry) {
			c.Printf("%s online:", count(len(entries), "user"))
			for _, e := range page {
				role := ""
				if e.Operator() {
					role = ", operator"
				}
				c.Printf("%-16s  %-15s  idle %s%s", e.User.Name, address(e.Source()), duration(e.Idle()), role)
			}
		})
	},
}, {
	Name:    "invite",
	Usage:   "invite",
	Help:    "Make a code for one registration.",
	More:    "It can be used once, within 7 days, and is only of use where registration takes one.",
	Example: "invite",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		code, err := c.Chat.Invite(ctx, c.Me.User.Name)
		if err != nil {
			return err
		}
		c.Printf("Invite code: %s. It is good for one account, for 7 days.", code)
		return nil
	},
}, {
	Name:    "audit",
	Usage:   "audit [n]",
	Help:    "Show what operators did last.",
	More:    "Without n it is the last 20 lines.",
	Example: "audit 50",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		limit := 20
		if word := c.Arg("n"); word != "" {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 {
				return chat.ErrUsage.With("audit [n], where n is a number such as 50")
			}
			limit = n
		}
		deeds, err := c.Chat.Audit(ctx, limit)
		if err != nil {
			return err
		}
		if len(deeds) == 0 {
			c.Print("No operator has done anything yet.")
		}
		for _, d := range deeds {
			c.Printf("%s  %s: %s", d.Time.Format("2006-01-02 15:04:05 MST"), d.By, d)
		}
		return nil
	},
}}

// lasting returns the time that a command was given, zero for none.
func lasting(c *Call) (time.Duration, error) {
	if word := c.Arg("time"); word != "" {
		return chat.ParseDuration(word)
	}
	return 0, nil
}

func address(source netip.Addr) string {
	if !source.IsValid() {
		return "-"
	}
	return source.String()
}
