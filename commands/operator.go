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

var operatorCommands = []Command{{
	Name:     "mute",
	Usage:    "mute <user> [for <time>] [reason...]",
	Needs:    Operator,
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
		c.Say("is muted", mute.Target, mute.Terms())
		if mute.Left() == 0 {
			c.Say("mute never ends", "unmute "+mute.Target)
		}
		return nil
	},
}, {
	Name:     "unmute",
	Usage:    "unmute <user>",
	Needs:    Operator,
	Complete: usersMuted,
	Run: func(ctx context.Context, c *Call) error {
		name, err := c.Chat.Unmute(ctx, c.By, c.Arg("user"))
		if err == nil {
			c.Say("no longer muted", name)
		}
		return err
	},
}, {
	Name:     "ban",
	Usage:    "ban <target> [-a] [for <time>] [reason...]",
	Needs:    Operator,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		lasts, reason, err := terms(c)
		if err != nil {
			return err
		}
		address := c.Arg("-a") != ""
		if !address && slices.Contains(strings.FieldsFunc(c.Arg("reason"), chat.Blank), "-a") {
			return chat.ErrUsage.With(words.Say("flag first", words.Usage(c.command.usage.text), "-a"))
		}
		target, err := banTarget(c.Arg("target"))
		if err != nil {
			return err
		}
		if target.Name == "" && address {
			return chat.ErrUsage.With(words.Say("flag for a user", words.Usage(c.command.usage.text), "-a"))
		}
		target.AndAddress = address
		b, err := c.Chat.Ban(ctx, c.By, target, lasts, reason)
		if err != nil {
			return err
		}
		c.printBanning(b)
		return nil
	},
}, {
	Name:     "unban",
	Usage:    "unban <target>",
	Needs:    Operator,
	Complete: targetsBanned,
	Run: func(ctx context.Context, c *Call) error {
		target, err := banTarget(c.Arg("target"))
		if err != nil {
			return err
		}
		bans, err := c.Chat.Unban(ctx, c.By, target)
		for _, b := range bans {
			c.Say("ban ended", b.Target)
		}
		return err
	},
}, {
	Name:     "bans",
	ReadOnly: true,
	Usage:    "bans",
	Needs:    Operator,
	Run: func(ctx context.Context, c *Call) error {
		bans, err := c.Chat.Bans(ctx)
		if err != nil {
			return err
		}
		if len(bans) == 0 {
			c.Say("no bans")
			return nil
		}
		c.Say("counted", words.Count(len(bans), "ban"))
		endless := 0
		for _, b := range bans {
			c.Say("banned by", b.Target, b.Terms(), b.By, b.Made)
			if b.Left() == 0 {
				endless++
			}
		}
		if endless > 0 {
			c.Say("bans never end", "unban <target>")
		}
		return nil
	},
}, {
	Name:  "announce",
	Live:  true,
	Usage: "announce <msg...>",
	Needs: Operator,
	Run: func(ctx context.Context, c *Call) error {
		if err := c.Chat.Announce(ctx, c.By, c.Text("msg")); err != nil {
			return err
		}
		c.sayUnheard("announced", len(c.Chat.Who()))
		return nil
	},
}, {
	Name:  "shutdown",
	Live:  true,
	Usage: "shutdown <in|all|cancel> [time...]",
	Needs: Operator,
	Run:   shutdown,
}, {
	Name:     "audit",
	ReadOnly: true,
	Usage:    "audit [n]",
	Needs:    Operator,
	Run: func(ctx context.Context, c *Call) error {
		limit := 20
		if word := c.Arg("n"); word != "" {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 && (n < 0 || c.By != chat.AtConsole()) { // 0 lists all, which a pipe can take
				return chat.ErrUsage.With(words.Say("where a number", words.Usage(c.command.usage.text), "n", 50))
			}
			limit = n
		}
		deeds, err := c.Chat.Audit(ctx, limit)
		if err != nil {
			return err
		}
		if len(deeds) == 0 {
			c.Say("no deeds")
		}
		for _, d := range deeds {
			c.Say("deed", words.Second(d.Time), d.By, deed(d))
		}
		return nil
	},
}}

// operatorWho is what operators have instead of who.
var operatorWho = Command{
	Live:  true,
	Usage: "who [-a] {-l} (page) {prefix}",
	Amend: pageFirst,
	Run: func(ctx context.Context, c *Call) error {
		if c.Arg("-a") == "" {
			return who(ctx, c)
		}
		entries, err := whoIs(ctx, c)
		if err != nil {
			return err
		}
		pages := slices.Collect(slices.Chunk(entries, c.perPage(entriesPerPage)))
		return inPages(c, whoTyped(c, " -a"), pages, func(page []chat.Entry) {
			c.sayOnline(len(entries))
			for _, e := range page {
				code := "user online"
				if e.Operator {
					code = "operator online"
				}
				c.Say(code, e.User.Name, address(e.Source), words.Idle(e.Idle()))
			}
		})
	},
}

func shutdown(ctx context.Context, c *Call) error {
	what, time := c.Arg("in|all|cancel"), c.Arg("time")
	if word, rest := nextWord(time); what == "all" && strings.EqualFold(word, "in") {
		time = rest
	}
	if what == "cancel" && time == "" {
		elsewhere, err := c.Chat.CancelShutdown(ctx, c.By)
		switch {
		case err != nil:
			return err
		case len(elsewhere) > 0:
			c.Say("cancelled there", words.List(elsewhere))
		default:
			c.sayUnheard("shutdown cancelled")
		}
		return nil
	}
	if what == "cancel" || time == "" {
		return chat.ErrUsage.With(words.Say("either", words.Usage("shutdown in <time>, shutdown all <time>"),
			words.Usage("shutdown cancel")))
	}
	d, err := parseDuration(time)
	if err != nil {
		return err
	}
	begin, said := c.Chat.ShutdownIn, "shutdown begun"
	switch {
	case what == "all":
		begin = c.Chat.ShutdownAll
	case c.Chat.SharesDesk():
		said = "shutdown of a node begun"
	}
	if err := begin(ctx, c.By, d); err != nil {
		return err
	}
	c.sayUnheard(said, d)
	return nil
}

// printBanning says what came of a ban.
func (c *Call) printBanning(b chat.Banning) {
	for _, ban := range b.Bans {
		c.Say("banned them", ban.Target, ban.Terms())
	}
	c.printEnded(b.Ended)
	first := b.Bans[0]
	if first.Left() == 0 {
		c.Say("ban never ends", "unban "+first.Target)
	}
	if b.Address != "" {
		c.Say("may come back", first.Target, b.Address, "ban "+first.Target+" -a")
	}
}

// printEnded says whose sessions an operator has ended.
func (c *Call) printEnded(e chat.Ended) {
	if len(e.Operators) > 0 {
		c.Say("ended operators too", len(e.Users), words.List(e.Operators))
		return
	}
	c.Say("ended", len(e.Users))
}

// deed returns what was done, as in "ban bob for 2d: spam".
func deed(d chat.Deed) any {
	var what any = strings.TrimSpace(d.Action + " " + d.Target)
	if d.For > 0 && d.Action == "shutdown" {
		what = words.Say("deed in", what, d.For)
	} else if d.For > 0 {
		what = words.Say("deed for", what, d.For)
	}
	if !d.Reason.Empty() {
		what = words.Say("deed because", what, d.Reason)
	}
	return what
}

func address(source netip.Addr) string {
	if !source.IsValid() {
		return "-"
	}
	return source.String()
}
