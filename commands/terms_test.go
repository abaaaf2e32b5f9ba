package commands

import (
	"context"
	"testing"

	"parley/chat"
	"parley/words"
)

func TestTermsOfPunishment(t *testing.T) {
	usage, err := parseUsage("mute <user> [for <time>] [reason...]")
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{ // how long and why; "" if it is refused
		"2d spam": "2d spam", "for 2d spam": "2d spam", "2D": "2d ", "FOR 1d12h x y": "1d12h x y",
		"spam": "0s spam", "": "0s ", "forever": "0s ", "for forever spam": "0s spam",
		"forever 3rd warning": "0s 3rd warning", "forever spam 2d": "0s spam 2d",
		"2d because of 3 days of spam": "2d because of 3 days of spam", "a troll": "0s a troll",
		"forever!": "0s forever!", "mean to two people": "0s mean to two people",
		"2days": "", "2 days": "", "2 d": "", "two days": "", "a day": "", "an hour": "", "half hour": "", "5min": "",
		"1y": "", "1mo spam": "", "0d": "", "0": "", "5": "",
		"1.5h": "", "-2d": "", "+2d": "", "(2d)": "", "2d, spam": "", "2d: spam": "", "for2d": "", "PT5M": "",
		"P2D": "", "½h": "", "２d": "", "9999w": "", "d": "", "days": "",
		"until monday": "", "till friday": "", "tomorrow": "", "fo 2d spam": "", "spam 2d": "", "spam for 2d": "",
		"spam (5m)": "", "spam for two weeks": "", "1d 12h": "",
		"for a while": "", "for ever": "", "for 2 days": "", "for spam": "",
	} {
		args, ok := usage.match("bob " + line)
		if !ok {
			t.Errorf("%q does not fit the usage", line)
			continue
		}
		lasts, reason, err := terms(&Call{command: &Command{usage: usage}, args: args})
		got := ""
		if err == nil {
			got = words.English.Duration(lasts) + " " + reason.String()
		}
		if got != want {
			t.Errorf("%q is %q, %v, want %q", line, got, err, want)
		}
	}
}

// Two commands have no name in common, whoever may use them.
func TestNamesAreUnique(t *testing.T) {
	run := func(context.Context, *Call) error { return nil }
	row := func(name string, needs Need, instead *Command) Command {
		return Command{Name: name, Usage: name, Needs: needs, Run: run, ForOperators: instead}
	}
	op := row("who", Operator, nil)
	for name, extra := range map[string][]Command{
		"a user's and a user's":             {row("say", Nothing, nil)},
		"an operator's and a user's":        {row("say", Operator, nil)},
		"in another letter case":            {row("SAY", Operator, nil)},
		"a user's and an operator's":        {row("kick", Nothing, nil)},
		"an operator's and an operator's":   {row("kick", Operator, nil)},
		"one that is its own for operators": {row("who", Nothing, &op)},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			New(extra...)
		}()
	}
	New(row("fine", Operator, nil))
}

// A shell's words become neither more arguments nor fewer.
func TestRunWords(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	s.user("bob")
	run := func(by chat.Actor, name string, words ...string) (lines []string, err error) {
		c := &Call{Chat: s.node, By: by, Print: func(line string) { lines = append(lines, line) }}
		return lines, s.registry.RunWords(t.Context(), c, name, words)
	}
	for _, words := range [][]string{{}, {""}, {"", "spam"}, {" ", "bob"}, {"bob spam"}, {" bob"}, {"bob", "2d spam"},
		{"bob", "for 2d"}, {"bob", ""}} {
		if lines, err := run(chat.AtConsole(), "mute", words...); err == nil {
			t.Errorf("mute %q: %q", words, lines)
		}
	}
	if lines, err := run(chat.AtConsole(), "mute", "bob", "5m", "too loud"); err != nil ||
		lines[0] != "User bob is muted for 5m: too loud." {
		t.Errorf("mute: %q, %v", lines, err)
	}
	for _, name := range []string{"say", "quit", "mut", "help", "nosuch"} {
		if _, err := run(chat.AtConsole(), name); err == nil {
			t.Errorf("the console has %s", name)
		}
	}
	if _, err := run(chat.Actor{}, "bans"); err == nil {
		t.Error("nobody is an operator")
	}
}
