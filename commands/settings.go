package commands

import (
	"cmp"
	"context"

	"parley/chat"
	"parley/settings"
	"parley/words"
)

var settingCommands = []Command{{
	Name:     "set",
	Aliases:  []string{"settings", "preferences", "prefs", "config"},
	Usage:    "set [name] [value...]",
	Pace:     Unpaced,
	Extra:    true,
	Complete: func(context.Context, *Call) []string { return settings.Names() },
	Run: func(ctx context.Context, c *Call) error {
		name, word := c.Arg("name"), c.Arg("value")
		if name == "" {
			c.Say("settings")
			for i := range settings.Table {
				c.saySetting(&settings.Table[i])
			}
			c.Say("how to set")
			return nil
		}
		s, ok := settings.Find(name)
		if !ok {
			return chat.ErrNoSetting.With(name)
		}
		if word == "" {
			c.saySetting(s)
			c.explain(c.Table().Settings[s.Name].Does)
			c.Say("setting may be", c.mayBe(s))
			return nil
		}
		value, ok := s.Read(word)
		if !ok {
			return chat.ErrBadSetting.With(s.Name, word, c.mayBe(s))
		}
		return c.set(ctx, s, value)
	},
}, {
	Name:  "checkup",
	Usage: "checkup",
	Pace:  Unpaced,
	Extra: true,
	Run:   func(ctx context.Context, c *Call) error { return c.Session.Checkup(ctx) },
}, {
	Name:  "reader",
	Usage: "reader [on|off]",
	Pace:  Unpaced,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		s, _ := settings.Find(settings.Reader)
		return c.set(ctx, s, cmp.Or(c.Arg("on|off"), settings.On))
	},
}}

// set sets s, and says what is in force then.
func (c *Call) set(ctx context.Context, s *settings.Setting, value string) error {
	err := c.Chat.Set(ctx, c.Me, settings.Values{s.Name: value})
	if err == nil {
		c.Session.Relook()
		c.saySetting(s)
	}
	return err
}

// setSaying sets what has a command of its own, and says the sentence of that code.
func (c *Call) setSaying(ctx context.Context, changes settings.Values, code string, args ...any) error {
	err := c.Chat.Set(ctx, c.Me, changes)
	if err == nil {
		c.Session.Relook()
		c.Say(code, args...)
	}
	return err
}

// saySetting says what is in force of s, and why.
func (c *Call) saySetting(s *settings.Setting) {
	value, own := c.Me.Settings().Get(s.Name)
	if !own || value == settings.Auto {
		if means, why := c.Session.InForce(s.Name); why != nil {
			c.Say("setting auto", s.Name, means, why)
			return
		}
	}
	if own {
		c.Say("setting yours", s.Name, value)
	} else {
		c.Say("setting default", s.Name, value)
	}
}

// mayBe lists what s may be set to.
func (c *Call) mayBe(s *settings.Setting) words.One {
	all := append(words.One{}, s.Values...)
	if other := c.Table().Settings[s.Name].Other; other != "" {
		all = append(all, other)
	}
	return all
}
