package commands

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"parley/chat"
	"parley/words"
)

// What is told of a time that a command takes.
const durationHelp = "A time is written like 30m, 2h, 2d or 1w, with or without for; without one, or with forever, it lasts until an operator ends it."

var operatorCommands = []Command{{
	Name:     "kick",
	Live:     true,
	Usage:    "kick <user> [reason...]",
	Help:     "End a user's session.",
	More:     "The user reads the reason, and may come again at once.",
	Example:  "kick mallory Please let the others talk, too.",
	Needs:    Operator,
	Pace:     Unpaced,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		ended, err := c.Chat.Kick(ctx, c.By, c.Arg("user"), c.Text("reason"))
		if err != nil {
			return err
		}
		c.Printf("User %s has been disconnected.", ended.Users[0])
		c.printEnded(ended)
		return nil
	},
}, {
	Name:     "mute",
	Usage:    "mute <user> [for <time>] [reason...]",
	Help:     "Keep a user from talking.",
	More:     "The user is told, and can neither say, shout, tell nor start anything. " + durationHelp,
	Example:  "mute mallory for 2h Shouting at everyone.",
	Needs:    Operator,
	Pace:     Unpaced,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		lasts, reason, err := terms(c)
		if err != nil {
			return err
		}
		mute, err := c.Chat.Mute(ctx, c.By, c.Arg("user"), lasts, reason)
		if err != nil {
			return err
		}
		c.Print("User " + mute.Target + " is muted " + words.English.Terms(mute.Terms()))
		if mute.Left() == 0 {
			c.Printf("The mute never ends by itself. To end it: %s", c.typed("unmute "+mute.Target))
		}
		return nil
	},
}, {
	Name:     "unmute",
	Usage:    "unmute <user>",
	Help:     "Let a user talk again.",
	Example:  "unmute mallory",
	Needs:    Operator,
	Pace:     Unpaced,
	Complete: usersMuted,
	Run: func(ctx context.Context, c *Call) error {
		name, err := c.Chat.Unmute(ctx, c.By, c.Arg("user"))
		if err == nil {
			c.Printf("User %s is no longer muted.", name)
		}
		return err
	},
}, {
	Name:     "ban",
	Usage:    "ban <target> [-a] [for <time>] [reason...]",
	Help:     "Keep a user or an address out.",
	More:     "A target is a user, an address such as 192.0.2.7, or a network such as 192.0.2.0/24; whoever of them is online is sent away. An IPv6 address stands for its /64. With -a the user's address is banned too, so that the user does not come back as a guest. " + durationHelp,
	Example:  "ban mallory for 2d Advertising.",
	Needs:    Operator,
	Pace:     Unpaced,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		lasts, reason, err := terms(c)
		if err != nil {
			return err
		}
		ban := c.Chat.Ban
		if c.Arg("-a") != "" {
			ban = c.Chat.BanAddress
		} else if slices.Contains(strings.FieldsFunc(c.Arg("reason"), chat.Blank), "-a") {
			return chat.ErrUsage.With(c.command.usage.text + ". Write -a before the reason.")
		}
		b, err := ban(ctx, c.By, c.Arg("target"), lasts, reason)
		if err != nil {
			return err
		}
		c.printBanning(b)
		return nil
	},
}, {
	Name:     "unban",
	Usage:    "unban <target>",
	Help:     "End a ban.",
	More:     "The ban of an address that was banned with its user ends together with that of the user.",
	Example:  "unban mallory",
	Needs:    Operator,
	Pace:     Unpaced,
	Complete: targetsBanned,
	Run: func(ctx context.Context, c *Call) error {
		bans, err := c.Chat.Unban(ctx, c.By, c.Arg("target"))
		for _, b := range bans {
			c.Printf("Ended the ban of %s.", b.Target)
		}
		return err
	},
}, {
	Name:     "bans",
	ReadOnly: true,
	Usage:    "bans",
	Help:     "List all bans.",
	Example:  "bans",
	Needs:    Operator,
	Pace:     Unpaced,
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
		endless := 0
		for _, b := range bans {
			c.Printf("%s %s By %s on %s.", b.Target, words.English.Terms(b.Terms()), b.By, date(b.Made))
			if b.Left() == 0 {
				endless++
			}
		}
		if endless > 0 {
			c.Printf(`"Until further notice" means that a ban never ends by itself. To end one: %s`, c.typed("unban <target>"))
		}
		return nil
	},
}, {
	Name:    "announce",
	Live:    true,
	Usage:   "announce <msg...>",
	Help:    "Tell everyone, as the system.",
	Example: "announce New rules: be kind.",
	Needs:   Operator,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		if err := c.Chat.Announce(ctx, c.By, c.Text("msg")); err != nil {
			return err
		}
		online, err := c.Chat.Who(ctx)
		if err == nil {
			c.printUnheard("Announced to everyone online: %d.", len(online))
		}
		return err
	},
}, {
	Name:    "shutdown",
	Live:    true,
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
			err := c.Chat.CancelShutdown(ctx, c.By)
			if err == nil {
				c.printUnheard("The server does not shut down after all. Everyone online was told.")
			}
			return err
		}
		d, err := chat.ParseDuration(time)
		if err != nil {
			return err
		}
		if err := c.Chat.ShutdownIn(ctx, c.By, d); err != nil {
			return err
		}
		c.printUnheard("The server shuts down in %s. Everyone online was told.", words.English.Duration(d))
		return nil
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
		code, err := c.Chat.Invite(ctx, c.By)
		if err != nil {
			return err
		}
		c.Printf("Invite code: %s. It is good for one account, for 7 days.", code)
		return nil
	},
}, {
	Name:     "audit",
	ReadOnly: true,
	Usage:    "audit [n]",
	Help:     "Show what operators did last.",
	More:     "Without n it is the last 20 lines.",
	Example:  "audit 50",
	Needs:    Operator,
	Pace:     Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		limit := 20
		if word := c.Arg("n"); word != "" {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 && (n < 0 || c.By != chat.AtConsole()) { // 0 lists all, which a pipe can take
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

// operatorWho is what operators have instead of who.
var operatorWho = Command{
	Name:    "who",
	Live:    true,
	Aliases: []string{"users", "online"},
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
		return inPages(c, "who -a", slices.Collect(slices.Chunk(entries, entriesPerPage)), func(page []chat.Entry) {
			c.Printf("%s online:", count(len(entries), "user"))
			for _, e := range page {
				role := ""
				if e.Operator {
					role = ", operator"
				}
				c.Printf("%-16s  %-15s  idle %s%s", e.User.Name, address(e.Source), duration(e.Idle()), role)
			}
		})
	},
}

// printBanning says what came of a ban.
func (c *Call) printBanning(b chat.Banning) {
	for _, ban := range b.Bans {
		c.Print("Banned " + ban.Target + " " + words.English.Terms(ban.Terms()))
	}
	c.printEnded(b.Ended)
	first := b.Bans[0]
	if first.Left() == 0 {
		c.Printf("The ban never ends by itself. To end it: %s", c.typed("unban "+first.Target))
	}
	if b.Address != "" {
		c.Printf("%s came from %s, and may come back from there as a guest. To ban that address too: %s", first.Target, b.Address, c.typed("ban "+first.Target+" -a"))
	}
}

// printEnded says whose sessions an operator has ended.
func (c *Call) printEnded(e chat.Ended) {
	text := "Sessions ended: " + strconv.Itoa(len(e.Users)) + "."
	if len(e.Operators) > 0 {
		text += " Operators among them: " + strings.Join(e.Operators, ", ") + "."
	}
	c.Print(text)
}

func address(source netip.Addr) string {
	if !source.IsValid() {
		return "-"
	}
	return source.String()
}
