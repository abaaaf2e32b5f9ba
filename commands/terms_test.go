package commands

import (
	"context"
	"errors"
	"strings"
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

// TestConsoleAmends tests that what an operator may leave out in the chat, or write another way, may be left out in the
// shell too.
func TestConsoleAmends(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	s.user("bob").does("start tea")
	for _, tt := range []struct {
		line, want string // want is empty for a line that is refused as misused
	}{
		{"calm all for 5m", "The server is calm for 5m."}, {"calm SERVER 5m", "The server is calm for 5m."},
		{"calm all off", "The server is no longer calm."}, {"calm 0", ""},
		{"keep 0 tea", "Room 0 is now the standing room tea."},
		{"keep", ""}, {"keep 0", ""}, {"keep 0 as", ""},
		{"unkeep tea", "Room tea is no longer a standing room."},
		{"keep room 0 as cups", "Room 0 is now the standing room cups."},
		{"unkeep cups", "Room cups is no longer a standing room."},
		{"keep #0 pot", "Room 0 is now the standing room pot."},
		{"who b 1", "1 user online:"}, {"who -l bob", "1 user online:"}, {"who bob bob", ""},
	} {
		name, rest := nextWord(tt.line)
		words := strings.Fields(rest)
		cmd, _ := s.registry.operators.named(name)
		var lines []string
		c := &Call{Chat: s.node, By: chat.AtConsole(), Print: func(line string) { lines = append(lines, line) }}
		err := s.registry.RunWords(t.Context(), c, name, words)
		switch {
		case tt.want == "" && !errors.Is(err, chat.ErrUsage):
			t.Errorf("%s: %q, %v, want it refused", tt.line, lines, err)
		case tt.want != "" && (err != nil || lines[0] != tt.want):
			t.Errorf("%s: %q, %v, want %q", tt.line, lines, err, tt.want)
		case tt.want != "" && cmd.Check(words) != nil:
			t.Errorf("%s is refused before it is run", tt.line)
		}
	}
	for _, words := range [][]string{{"0 tea"}, {"0", "as tea"}, {"0", ""}, {"0", "tea", ""}, {" 0", "tea"}} {
		if cmd, _ := s.registry.operators.named("keep"); cmd.Check(words) == nil {
			t.Errorf("keep %q is taken", words)
		}
	}
}
