package commands

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"parley/settings"
	"parley/words"
)

func TestFind(t *testing.T) {
	r := New()
	tests := []struct {
		word string
		want string // a name, or the hint
	}{
		{"say", "say"}, {"SAY", "say"}, {"Sa", "say"}, {"sh", "shout"}, {"star", "start"}, {"stat", "status"},
		{"h", "help"}, {"w", "who"}, {"q", "quit"}, {"ex", "exit"}, {"j", "join"}, {"t", "tell"}, {"b", "block"},
		{"u", "unblock"}, {"i", "info"},
		{"room", "rooms"}, {"reg", "register"}, {"log", "login"}, {"le", "leave"},

		{"/say", "say"}, {"/sh", "shout"}, {".QUIT", "quit"}, {"/w", "who"}, {"?", "help"}, {"/?", "help"},
		{"msg", "tell"}, {"/MSG", "tell"},
		{"bye", "quit"}, {"logout", "quit"}, {"part", "leave"}, {"whois", "status"}, {"signup", "register"},
		{"ignore", "block"},

		{"nick", "A name stays as it is. To have another one, type: register <user>"},
		{"/nick", "A name stays as it is. To have another one, type: register <user>"},
		{"LS", `Type "rooms" for the rooms, or "who" for the users.`},
		{"hello", ""}, {"/", ""}, {".", "."}, {"...", ""}, {"//dance", ""}, {"/.dance", ""},
		{"s", "It could be say, shout, start or status."},
		{"sta", "It could be start or status."},
		{"r", "It could be register or rooms."},
		{"l", "It could be leave or login."},
		{"shuot", `Did you mean "shout"?`},
		{"sayy", `Did you mean "say"?`},
		{"jion", `Did you mean "join"?`},
		{"REGSITER", `Did you mean "register"?`},
		{"unblok", `Did you mean "unblock"?`},
		{"quits", `Did you mean "quit"?`},
		{"hi", ``},
		{"dance", ``},
		{"saysaysay", ``},
		{strings.Repeat("say", 341), ``},
		{"世界", ``},
	}
	for _, tt := range tests {
		t.Run(tt.word, func(t *testing.T) {
			c, hint := r.find(tt.word)
			switch {
			case c != nil && c.Name != tt.want:
				t.Errorf("found %s, want %s", c.Name, tt.want)
			case c == nil && told(hint) != tt.want:
				t.Errorf("got %q, want %s", told(hint), tt.want)
			}
		})
	}
}

func told(hint *words.Phrase) string {
	if hint == nil {
		return ""
	}
	return words.English.Say(hint.Code(), hint.Args()...)
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"say", "say", 0}, {"sya", "say", 1}, {"sy", "say", 1}, {"saay", "say", 1},
		{"sxy", "say", 1},
		{"yas", "say", 2}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {strings.Repeat("a", 100), "say", 100},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestSecretFrom(t *testing.T) {
	r := New()
	for _, tt := range []struct {
		line, secret string // what is secret of the line
	}{
		{"", ""},
		{"   ", ""},
		{"register", ""},
		{"register alice", ""},
		{"register alice ", ""},
		{"register alice s3cret", "s3cret"},
		{"  REGISTER   alice   s3cret  and more ", "s3cret  and more "},
		{"reg alice s3cret", "s3cret"},
		{"r alice s3cret", "s3cret"}, // could still become register
		{"login alice s3cret", "s3cret"},
		{"l alice s3cret", "s3cret"},
		{"regsiter alice s3cret", "s3cret"}, // a slip of the fingers
		{"lgin alice s3cret", "s3cret"},
		{"register\u00a0alice\u00a0s3cret", "s3cret"},
		{"register\u3000alice\u2003s3cret\u202fand more", "s3cret\u202fand more"},
		{"register\u1680alice\u205f\u2009s3cret", "s3cret"},
		{"\u00a0register\u3164alice\uffa0s3cret", "s3cret"},
		{"register\u2800alice\u2800s3cret", "s3cret"},
		{"register\u200balice\u200bs3cret", "s3cret"},
		{"\ufeffregister alice\u2060s3cret", "s3cret"},
		{"rooms alice s3cret", ""},
		{"say 0 hello", ""},
		{"tell bob register alice s3cret", ""},
		{"help register alice", ""},
		{"dance with me now", ""},
		{"/register alice s3cret", "s3cret"},
		{"signup alice s3cret", "s3cret"},
		{".signin alice s3cret", "s3cret"},
		{"passwd s3cret other", "s3cret other"},
		{"/identify s3cret", "s3cret"},
		{"connect alice s3cret", "alice s3cret"},
		{"create alice s3cret", "s3cret"},
		{"nick alice", ""},
		{"alias a register bob s3cret", "s3cret"},
		{"alias a alias b register bob s3cret", "s3cret"},
		{"alias a say 0 register bob", ""},
		{"alias", ""},
	} {
		if got := tt.line[r.SecretFrom(tt.line):]; got != tt.secret {
			t.Errorf("of %q %q is secret, want %q", tt.line, got, tt.secret)
		}
	}
}

func TestNew(t *testing.T) {
	// A name that nobody will want.
	r := New(Command{Name: "zzyzx", Usage: "zzyzx <road...>"})
	names := r.Names()
	for _, name := range []string{"help", "register", "login", "who", "status", "info", "start", "rooms", "join",
		"leave", "say", "shout", "tell", "block", "unblock", "quit", "exit", "zzyzx"} {
		if !slices.Contains(names, name) {
			t.Errorf("there is no %s", name)
		}
	}
	helped := make(map[string]bool)
	for _, c := range slices.Concat(r.commands[:len(names)-1], operators(r)) {
		help := c.Help(words.English)
		helped[c.help] = true
		if help.Does == "" || c.Run == nil || !strings.HasPrefix(c.Usage+" ", c.Name+" ") {
			t.Errorf("%s: usage %q, help %q", c.Name, c.Usage, help.Does)
		}
		// The example is one that works.
		word, rest := nextWord(help.Example)
		if _, ok := c.usage.match(rest); word != c.Name || !ok {
			t.Errorf("%s: the example %q does not fit %q", c.Name, help.Example, c.Usage)
		}
		switch c.usage.first() {
		case "user", "target", "room number", "room", "command":
			if c.Complete == nil {
				t.Errorf("%s: TAB does not complete <%s>", c.Name, c.usage.first())
			}
		}
		if c.Needs != Operator && len("  ")+usageColumns+len(" # "+help.Does) > 80 {
			t.Errorf("%s: %q is too long for one row of the list", c.Name, help.Does)
		}
		if c.Needs != Operator && len(c.usage.text) > usageColumns {
			t.Errorf("%s: the usage %q has more than %d characters, and does not fit its column", c.Name, c.usage.text,
				usageColumns)
		}
	}
	for name := range words.English.Help {
		if !helped[name] {
			t.Errorf("there is help for %q, which is no command", name)
		}
	}
	for name, extra := range map[string][]Command{
		"a name that is there":  {{Name: "SAY", Usage: "say"}},
		"two of one name":       {{Name: "zzyzx", Usage: "zzyzx"}, {Name: "Zzyzx", Usage: "zzyzx"}},
		"a usage that is wrong": {{Name: "zzyzx", Usage: "zzyzx action"}},
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
}

// operators returns the commands that operators alone know.
func operators(r *Registry) []*Command {
	return slices.DeleteFunc(slices.Clone(r.operators.commands), func(c *Command) bool { return c.Needs != Operator })
}

// TestSettingsAreExplained tests that users can read what each setting does, and of no other.
func TestSettingsAreExplained(t *testing.T) {
	told := words.English.Settings
	for _, s := range settings.Table {
		if !strings.HasSuffix(told[s.Name].Does, ".") {
			t.Errorf("%s: nothing is told of it but %q", s.Name, told[s.Name].Does)
		}
	}
	if len(told) != len(settings.Table) {
		t.Errorf("%d settings are explained, of %d", len(told), len(settings.Table))
	}
}

// TestCommandsAreSigned tests that every command that a sentence tells a user to type has {/} in front, in whose place
// stands what that user types before a command.
func TestCommandsAreSigned(t *testing.T) {
	var names []string
	for _, c := range New().operators.commands {
		if strings.ContainsFunc(c.Name, unicode.IsLetter) {
			names = append(names, c.Name)
		}
	}
	bare := regexp.MustCompile(`\btype: [a-z]|: [a-z-]+ <|"(` + strings.Join(names, "|") + `)[" ]`)
	sentences := maps.Clone(words.English.Sentences)
	for kind, event := range words.English.Events {
		sentences[kind+", the event"] = event.String()
	}
	for code, why := range words.English.Whys {
		sentences[code+", why"] = why
	}
	signed := 0
	for code, sentence := range sentences {
		switch code {
		case "enter", "enter or look", "enter, look or register", "enter or chat", "enter, chat or register",
			"screen reader?": // which nobody reads who talks already
		case "typed reader", "cannot hide": // which say what was typed, and no command
		default:
			if i := bare.FindString(sentence); i != "" {
				t.Errorf("%s: %q has %q, and no {/} before that command", code, sentence, i)
			}
		}
		signed += strings.Count(sentence, "{/}")
	}
	if signed < 80 {
		t.Errorf("only %d commands are signed", signed)
	}
}
