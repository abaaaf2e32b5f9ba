package commands

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"parley/chat"
	"parley/words"
)

// operator registers an operator.
func (s *stage) operator(name string) *person {
	p := s.user(name)
	if err := s.node.Promote(s.Context(), chat.AtConsole(), name); err != nil {
		s.Fatal(err)
	}
	p.reads()
	return p
}

func TestOperatorCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, chat.GuestsRegister)
		people := map[string]*person{"olga": s.operator("olga"), "bob": s.user("Bob"), "eve": s.user("eve")}
		s.play(people, []step{
			{"olga", "mute BOB for 2h too  loud", lines("User Bob is muted for 2h: too  loud.")},
			{"bob<", "", lines("!!system!!: You are muted for 2h: too  loud. You can still read.")},
			{"bob", "shout x", lines("You are muted for 2h: too  loud. You can still read.")},
			{"olga", "unm bob", lines("User Bob is no longer muted.")},
			{"olga", "unmute bob", lines("User Bob is not muted.")},
			{"bob<", "", lines("!!system!!: You are no longer muted.")},
			{"olga", "mute bob FOR 1d", lines("User Bob is muted for 1d.")},
			{"olga", "mute bob forever!", lines("User Bob is muted until further notice: forever!",
				"The mute never ends by itself. To end it: unmute Bob")},
			{"olga", "mute bob for ever", lines(`"ever" cannot be used as a time. Write it like 30m, 2h, 2d, 1w or ` +
				`1d12h, at most 520w.`)},
			{"olga", "mute olga", lines("You cannot mute yourself.")},
			{"olga", "mute bob for", lines("Incorrect command format. Usage: mute <user> [for <time>] [reason]")},
			{"olga", "bans", lines("No bans.")},
			{"olga", "ban eve for 2d", lines("Banned eve for 2d.", "Sessions ended: 1.")},
			{"olga", "ban 192.0.2.7", lines("Banned 192.0.2.7 until further notice.", "Sessions ended: 0.",
				"The ban never ends by itself. To end it: unban 192.0.2.7")},
			{"", "1h", nil},
			{"olga", "bans", lines("2 bans:", "192.0.2.7 until further notice. By olga on 2000-01-01 00:00 UTC.",
				"eve for 1d23h. By olga on 2000-01-01 00:00 UTC.",
				`"Until further notice" means that a ban never ends by itself. To end one: unban <target>`)},
			{"olga", "who", lines("2 users online:", "Bob olga")},
			{"olga", "who -A", lines("2 users online:", "Bob               ::1              idle 1h",
				"olga              ::1              idle 0s, operator")},
			{"olga", "who 1", lines("2 users online:", "Bob olga")},
			{"olga", "who -a 2", lines("There is no page 2. The last is 1.")},
			{"olga", "who 1 -a", lines("2 users online:", "Bob               ::1              idle 1h",
				"olga              ::1              idle 0s, operator")},
			{"olga", "who bob now", lines("Incorrect command format. Usage: who [-a]")},
			{"olga", "unban eve", lines("Ended the ban of eve.")},
			{"olga", "unban eve", lines(`There is no ban on eve. Type "bans" to see all bans.`)},
			{"olga", "ban ::1", lines("You cannot ban yourself.")},
			{"olga", "kick bob", lines("User Bob has been disconnected.", "Sessions ended: 1.")},
			{"olga", "kick bob", lines(`User Bob is not online. Type "who" to see who is.`)},
			{"olga", "announce hello  there", lines("!!system!!: hello  there")},
			{"olga", "shutdown in 5m", lines("No server is running, so there is nothing to shut down.")},
			{"olga", "shutdown in", lines("Incorrect command format. Usage: shutdown in <time>, shutdown all <time>, " +
				"or shutdown cancel")},
			{"olga", "shutdown cancel 5m", lines("Incorrect command format. Usage: shutdown in <time>, shutdown all " +
				"<time>, or shutdown cancel")},
			{"olga", "shutdown 5m", lines("Incorrect command format. Usage: shutdown <in|all|cancel> [time]")},
			{"olga", "shutdown in 5x", lines(`"5x" cannot be used as a time. Write it like 30m, 2h, 2d, 1w or ` +
				`1d12h, at most 520w.`)},
			{"olga", "shutdown CANCEL", lines("There is no shutdown to cancel.")},
			{"olga", "audit 2", lines("2000-01-01 01:00:00 UTC  olga: kick Bob",
				"2000-01-01 01:00:00 UTC  olga: announce: hello  there")},
			{"olga", "audit -1", lines("Incorrect command format. Usage: audit [n], where n is a number such as 50")},
		})
	})
}

// For everybody else there are no such commands, not even as prefixes.
func TestOperatorCommandsAreHidden(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	olga, bob := s.operator("olga"), s.user("bob")
	for _, c := range operators(s.registry) {
		if s.registry.names[c.Name] != nil {
			continue // others have something of that name
		}
		example := c.Help(words.English).Example
		for _, line := range []string{c.Name, example, "help " + c.Name} {
			if got := bob.does(line); len(got) != 1 || !strings.HasPrefix(got[0], `Unsupported command: "`+c.Name+
				`".`) {
				t.Errorf("bob's %q: %q", line, got)
			}
		}
		if got := olga.does("help " + c.Name); !strings.HasPrefix(got[0], "Usage: "+c.Name) ||
			got[len(got)-1] != "Example: "+example {
			t.Errorf("olga's help %s: %q", c.Name, got)
		}
		if err := s.node.MayRegister(t.Context(), chat.By(bob.me), c.Name); err == nil {
			t.Errorf("somebody can be called %s", c.Name)
		}
	}
	for _, prefix := range []string{"u", "b", "sh", "k"} {
		before, hintBefore := New().find(prefix)
		after, hintAfter := s.registry.knownTo(chat.By(bob.me)).find(prefix)
		if (before == nil) != (after == nil) || fmt.Sprint(hintBefore) != fmt.Sprint(hintAfter) ||
			before != nil && before.Name != after.Name {
			t.Errorf("%s is %v, %v", prefix, after, hintAfter)
		}
	}
	if got, want := olga.does("b x"), lines(`Unsupported command: "b". It could be ban, bans or block.`); !slices.Equal(
		got, want) {
		t.Errorf("olga's b: %q", got)
	}
	if got := bob.does("help"); slices.Contains(got, "For operators:") {
		t.Errorf("bob's help: %q", got)
	}
	list := olga.does("help")
	count := len(operatorCommands) + len(standingCommands) + len(clusterCommands) +
		1 + 5 // reset, and what has two forms
	if i := slices.Index(list, "For operators:"); i < 0 || len(list)-i-1 != count {
		t.Errorf("olga's help:\n%s", strings.Join(list, "\n"))
	}
	for _, line := range list {
		if len(line) > 79 {
			t.Errorf("the line %q is longer than a terminal is wide", line)
		}
	}
	if who := slices.DeleteFunc(list, func(line string) bool {
		return !strings.HasPrefix(line, "  who")
	}); len(who) != 1 {
		t.Errorf("who is in the help list as %q", who)
	}
	if err := s.node.Promote(t.Context(), chat.AtConsole(), "bob"); err != nil {
		t.Fatal(err)
	}
	bob.reads()
	if got := bob.does("bans"); !slices.Equal(got, lines("No bans.")) {
		t.Errorf("bob, promoted: %q", got)
	}
}

func TestOperatorComplete(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	olga, bob := s.operator("olga"), s.user("bob")
	olga.does("mute bob")
	olga.does("ban 192.0.2.7")
	tests := []struct {
		who  *person
		line string
		want []string
	}{
		{olga, "", slices.Sorted(slices.Values(withoutExtra(s.registry.operators)))},
		{olga, "repl", lines("reply")},
		{olga, "ba", lines("ban", "bans")},
		{bob, "ba", lines("back")},
		{bob, "help k", lines("keys", "kick")},
		{olga, "help k", lines("keep", "keys", "kick")},
		{olga, "mute ", lines("bob", "olga")},
		{olga, "mute bob ", lines("for")},
		{olga, "mute bob F", lines("for")},
		{olga, "mute bob for ", nil},
		{olga, "mute bob for 2h ", nil},
		{olga, "unmute ", lines("bob")},
		{olga, "unban ", lines("192.0.2.7")},
		{olga, "ban o", lines("olga")},
		{olga, "shutdown ", lines("all", "cancel", "in")},
		{olga, "shutdown i", lines("in")},
		{olga, "shutdown now ", nil},
		{olga, "who ", lines("-a")},
		{olga, "who -a ", nil},
		{bob, "who ", nil},
		{bob, "block ", lines("bob", "guests", "olga")},
		{bob, "mute ", nil},
	}
	for _, tt := range tests {
		if _, got := s.registry.Complete(t.Context(), tt.who.call(), tt.line); !slices.Equal(got, tt.want) {
			t.Errorf("%s's %q: %q, want %q", tt.who.me.User.Name, tt.line, got, tt.want)
		}
	}
}

func withoutExtra(t table) []string {
	t.commands = slices.DeleteFunc(slices.Clone(t.commands), func(c *Command) bool { return c.Extra })
	return t.Names()
}

func TestUsageWithWords(t *testing.T) {
	type args = map[string]string
	tests := []struct {
		usage, line string
		want        args // nil: it does not fit
	}{
		{"x <a> [for <t>] [r...]", "1", args{"a": "1"}},
		{"x <a> [for <t>] [r...]", "1 for 2", args{"a": "1", "t": "2"}},
		{"x <a> [for <t>] [r...]", "1 FOR  2  3 4 ", args{"a": "1", "t": "2", "r": "3 4"}},
		{"x <a> [for <t>] [r...]", "1 fore 2", args{"a": "1", "r": "fore 2"}},
		{"x <a> [for <t>] [r...]", "1 3 for 2", args{"a": "1", "r": "3 for 2"}},
		{"x <a> [for <t>] [r...]", "1 for", nil},
		{"x <a> [for <t>] [r...]", "for", args{"a": "for"}},
		{"x <a> [for <t>]", "1 2", nil},
		{"x <a|b> [c]", "A", args{"a|b": "a"}},
		{"x <a|b> [c]", "b 1", args{"a|b": "b", "c": "1"}},
		{"x <a|b> [c]", "c", nil},
		{"x <a|b> [c]", "", nil},
		{"x [-a]", "", args{}},
		{"x [-a]", "-A", args{"-a": "-a"}},
		{"x [-a]", "-b", nil},
		{"x [-a] [b]", "1", args{"b": "1"}},
	}
	for _, tt := range tests {
		u, err := parseUsage(tt.usage)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := u.match(tt.line)
		if ok != (tt.want != nil) || ok && !maps.Equal(u.named(got), tt.want) {
			t.Errorf("%s: %q gives %v, %t, want %v", tt.usage, tt.line, got, ok, tt.want)
		}
	}
	for _, s := range []string{"x <for <t>>", "x [for <t]", "x [for <t>", "x [for <>]", "x [ <t>]", "x [for <t> <u>]"} {
		if u, err := parseUsage(s); err == nil {
			t.Errorf("parseUsage(%q) = %+v, want an error", s, u)
		}
	}
}
