package commands

import (
	"context"

	"parley/chat"
	"parley/words"
)

var peopleCommands = []Command{{
	Name:         "who",
	Aliases:      []string{"users", "online"},
	Usage:        "who {-l} (page) {prefix}",
	Pace:         Unpaced,
	Amend:        pageFirst,
	Run:          who,
	ForOperators: &operatorWho,
}, {
	Name:     "status",
	Aliases:  []string{"whois", "whoami", "finger", "profile"},
	Usage:    "status [user]",
	Pace:     Unpaced,
	Complete: usersOnline,
	Run:      status,
}, {
	Name:  "info",
	Usage: "info [text...]",
	Needs: Login,
	Pace:  Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		if c.Arg("text") != "" {
			if err := c.Chat.SetInfo(ctx, c.Me, c.Text("text")); err != nil {
				return err
			}
			c.Say("info set")
			return nil
		}
		s, err := c.Chat.Status(ctx, c.Me, c.Me.User.Name)
		if err != nil {
			return err
		}
		c.sayInfo(s)
		return nil
	},
}}

func status(ctx context.Context, c *Call) error {
	name := c.Arg("user")
	if name == "" {
		name = c.Me.User.Name
	}
	s, err := c.Chat.Status(ctx, c.Me, name)
	if err != nil {
		return err
	}
	c.Say("status user", s.User.Name)
	c.sayInfo(s)
	if s.User.ID == c.Me.User.ID {
		c.sayAll("status blocked", "status blocked heard", s.Blocked)
	}
	if !s.Online {
		c.Say("status offline")
		c.Say("status seen", s.Since)
		return nil
	}
	c.Say("status online")
	if s.Held != nil {
		c.Say("status held", words.Idle(s.Held.Ago()))
	}
	if s.Absence.Away {
		c.Say("status away", words.Reason(s.Absence.Why.String()))
	}
	c.sayAll("status rooms", "status rooms heard", s.Rooms)
	c.Say("status idle", words.Idle(s.Idle))
	c.Say("status since", s.Since)
	return nil
}

// sayAll says the sentence seen with all in it; to users with a screen reader the sentence heard, with their number
// first.
func (c *Call) sayAll(seen, heard string, all []string) {
	if c.Reader && len(all) > 0 {
		c.Say(heard, len(all), words.List(all))
		return
	}
	c.Say(seen, words.List(all))
}

// sayInfo tells what a user says about oneself. What shows nothing is nothing.
func (c *Call) sayInfo(s chat.Status) {
	info := c.Table().None
	if !s.Info.Empty() {
		info = s.Info.String()
	}
	c.Say("status info", info)
}
