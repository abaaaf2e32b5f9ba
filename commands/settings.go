package commands

import (
	"context"
	"strings"

	"parley/chat"
	"parley/settings"
	"parley/words"
)

var settingCommands = []Command{{
	Name:    "set",
	Aliases: []string{"settings", "preferences", "prefs", "config"},
	Usage:   "set [name] [value...]",
	Help:    "Show your settings, or change one.",
	More: `"set" shows what is in force, and why. "set <name>" shows one setting and what it may be, and "set <name> ` +
		`default" gives up what you have set. Your settings stay in your account; those of a guest last until the ` +
		`guest leaves.`,
	Example:  "set timestamps short",
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
			c.explain(s.Help)
			c.Say("setting may be", mayBe(s))
			return nil
		}
		value, ok := s.Read(word)
		if !ok {
			return chat.ErrBadSetting.With(s.Name, word, mayBe(s))
		}
		if err := c.Chat.Set(ctx, c.Me, s.Name, value); err != nil {
			return err
		}
		c.Session.Relook()
		c.saySetting(s)
		return nil
	},
}, {
	Name:  "checkup",
	Usage: "checkup",
	Help:  "Test your terminal: its keys, its characters, its width.",
	More: `It takes 20 seconds, and you may skip any of it. What it shows is kept in your account for terminals of ` +
		`that type: "set" says "from the checkup" where it counts. What you have set yourself comes first.`,
	Example: "checkup",
	Pace:    Unpaced,
	Extra:   true,
	Run:     func(ctx context.Context, c *Call) error { return c.Session.Checkup(ctx) },
}}

// readerCommands are for those who hear what others see. They are set by the setting of that name.
var readerCommands = []Command{{
	Name:  "reader",
	Usage: "reader [on|off]",
	Help:  "Have everything in the form for screen readers.",
	More: `It has one thing a line, the speaker first, nothing drawn, and no prompt. A line that needs attention ` +
		`begins with a word: Tell, Mention, Shout, Emote or Notice. "pause" lets what others say wait, and "resume" ` +
		`shows it. "review tells 5" reads again, "when 3" tells the time of a line, and "next" goes on with a long ` +
		`list. "reader off" ends the form.`,
	Example: "reader",
	Pace:    Unpaced,
	Extra:   true,
	Run: func(ctx context.Context, c *Call) error {
		s, _ := settings.Find(settings.Reader)
		value := settings.On
		if strings.EqualFold(c.Arg("on|off"), settings.Off) {
			value = settings.Off
		}
		if err := c.Chat.Set(ctx, c.Me, s.Name, value); err != nil {
			return err
		}
		c.Session.Relook()
		c.saySetting(s)
		return nil
	},
}}

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
func mayBe(s *settings.Setting) words.One {
	all := append(words.One{}, s.Values...)
	if s.Other != "" {
		all = append(all, s.Other)
	}
	return all
}
