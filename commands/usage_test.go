package commands

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestParseUsage(t *testing.T) {
	for s, want := range map[string]string{
		"who":                      "who",
		"help [command]":           "help [command]",
		"register <user> [pass]":   "register <user> [pass]",
		"say <room number> <m...>": "say <room number> <m>",
		"x  <a>   [b...]":          "x  <a>   [b]",
		"x <a><b>":                 "x <a><b>",
		"x (page)":                 "x",
		"x <a> (page) [b...]":      "x <a> [b]",
		"x <a> {-q} {for <b>}":     "x <a>",
	} {
		u, err := parseUsage(s)
		if err != nil || u.text != want {
			t.Errorf("parseUsage(%q) = %+v, %v", s, u, err)
		}
	}
	for _, s := range []string{
		"x y", "x <", "x <>", "x []", "x <a", "x <a]", "x [a>", "x a>", "x <a>b", "x <a<b>", "x <...>", "x [...]",
		"x <a...> <b>", "x [a...] [b]", "x [a] <b>", "x ...", "x <a> <a>", "x <a> [a...]",
		"x (", "x ()", "x (a", "x (a]", "x [a)", "x (a(b)", "x (a...)", "x (a) <b>", "x (for <a>)",
		"x {", "x {}", "x {a", "x {a]", "x {a} <b>", "x {a...} {b}", "x <->", "x <-q>", "x <-a|-b> [c]",
		"x [|...]", "x <a|b...>", "x [-q...]", "x <a|>", "x <|>",
	} {
		if u, err := parseUsage(s); err == nil {
			t.Errorf("parseUsage(%q) = %+v, want an error", s, u)
		}
	}
}

// named returns the arguments that there are by their names.
func (u usage) named(args []string) map[string]string {
	byName := make(map[string]string)
	for i, value := range args {
		if value != "" {
			byName[u.args[i].name] = value
		}
	}
	return byName
}

func TestMatch(t *testing.T) {
	type args = map[string]string
	tests := []struct {
		usage, line string
		want        args // nil: the number is wrong
	}{
		{"x", "", args{}},
		{"x", "   ", args{}},
		{"x", "a", nil},
		{"x <a>", "", nil},
		{"x <a>", "1", args{"a": "1"}},
		{"x <a>", "  1  ", args{"a": "1"}},
		{"x <a>", "1 2", nil},
		{"x [a]", "", args{}},
		{"x [a]", "1", args{"a": "1"}},
		{"x [a]", "1 2", nil},
		{"x <a> [b]", "1", args{"a": "1"}},
		{"x <a> [b]", "1   2", args{"a": "1", "b": "2"}},
		{"x <a> [b]", "", nil},
		{"x <a> [b]", "1 2 3", nil},
		{"x <a> <b...>", "1", nil},
		{"x <a> <b...>", "1  ", nil},
		{"x <a> <b...>", "1 2", args{"a": "1", "b": "2"}},
		{"x <a> <b...>", " 1   two  words   and more ", args{"a": "1", "b": "two  words   and more"}},
		{"x [a...]", "", args{}},
		{"x [a...]", " a  b ", args{"a": "a  b"}},
		{"x <on|off>", "ON", args{"on|off": "on"}},
		{"x [off|on]", "OFF", args{"off|on": "off"}},
		{"x <on|off>", "maybe", nil},
		{"x <a> [for <t>] [-q] [b...]", "1", args{"a": "1"}},
		{"x <a> [for <t>] [-q] [b...]", "1 for 3h  why  not", args{"a": "1", "t": "3h", "b": "why  not"}},
		{"x <a> [for <t>] [-q] [b...]", "1 -q forty", args{"a": "1", "-q": "-q", "b": "forty"}},
		{"x <a> [for <t>] [-q] [b...]", "1 for", nil},
		{"x {-q} {a}", "", args{}},
		{"x {-q} {a}", "b -q", args{"-q": "-q", "a": "b"}},
		{"x {a}", "b c", nil},
		{"x (n)", "", args{}},
		{"x (n)", " 700 ", args{"n": "700"}},
		{"x (n)", "0", nil},
		{"x (n)", "07", nil},
		{"x (n)", "a", nil},
		{"x (n)", "-1", nil},
		{"x (n)", "1.5", nil},
		{"x (n)", "1 2", nil},
		{"x (n)", "١", nil}, // a digit, but none that anybody types here
		{"x [-q] (n)", "-q 2", args{"-q": "-q", "n": "2"}},
		{"x [-q] (n)", "2", args{"n": "2"}},
		{"x [-q] (n)", "2 -q", args{"-q": "-q", "n": "2"}},
		{"x [-q] (n)", "-q -q", nil},
		{"x <a> [-q] [b...]", "-q 1 2", args{"-q": "-q", "a": "1", "b": "2"}},
		{"x <a> [-q] [b...]", "-q", nil},
		{"x <a> [-q] [b...]", "1 2 -q", args{"a": "1", "b": "2 -q"}},
		{"x <a> [for <time>] [-q] [b...]", "1 2d -q 3", args{"a": "1", "time": "2d", "-q": "-q", "b": "3"}},
		{"x <a> [for <time>] [b...]", "1 2days", args{"a": "1", "b": "2days"}},
		{"x <a> [for <time>] [b...]", "1 FOREVER 2d", args{"a": "1", "time": "FOREVER", "b": "2d"}},
		{"x (n) [a]", "b", args{"a": "b"}},
		{"x <a>", "\tä\u00a0", args{"a": "ä"}},
		{"x <a> <b> <c...>", "1\u00a02\u3000\u2003three\u202ffour\u205f",
			args{"a": "1", "b": "2", "c": "three\u202ffour"}},
		{"x <a>", "a\u200cb\u2800c", args{"a": "a\u200cb\u2800c"}},
	}
	for _, tt := range tests {
		t.Run(tt.usage+"/"+tt.line, func(t *testing.T) {
			u, err := parseUsage(tt.usage)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := u.match(tt.line)
			if ok != (tt.want != nil) || ok && !maps.Equal(u.named(got), tt.want) {
				t.Errorf("got %q, %v, want %q", got, ok, tt.want)
			}
		})
	}
}

func FuzzUsage(f *testing.F) {
	for _, usage := range []string{"x", "say <room number> <msg...>", "register <user> [passwd]", "info [text...]",
		"x <a><b>", "x <", "x <...>", "x []", "x [a] <b>", "x [|...]",
		"mute <user> [for <time>] [-q] [why...]", "guests <on|off>", "who [-a] (page)"} {
		for _, line := range []string{"", " ", "on", "bob FOR 3h noise", "bob for", "bob -q  no reason", "0",
			"0  hello   world ", "-a 2", "\x00\xff", "a b c", "0\f0"} {
			f.Add(usage, line)
		}
	}
	f.Fuzz(func(t *testing.T, s, line string) {
		u, err := parseUsage(s)
		if err != nil {
			return
		}
		matched, ok := u.match(line)
		if !ok {
			return
		}
		args := u.named(matched)
		rest := line
		for _, a := range u.args {
			word, given := args[a.name]
			switch {
			case a.name == "":
				t.Fatalf("%q has an argument without a name", s)
			case !given && !a.optional:
				t.Fatalf("%q matches %q without %s", s, line, a.name)
			case given && (word == "" || strings.TrimSpace(word) != word ||
				!a.rest && strings.ContainsFunc(word, unicode.IsSpace)):
				t.Fatalf("%q matches %q with %s = %q", s, line, a.name, word)
			case given && a.number && (word[0] == '0' || strings.Trim(word, "0123456789") != ""):
				t.Fatalf("%q matches %q with %s = %q, which is no number", s, line, a.name, word)
			case given && a.words != nil && !slices.Contains(a.words, word):
				t.Fatalf("%q matches %q with %s = %q, which is not in the usage", s, line, a.name, word)
			case given && a.words == nil && !strings.Contains(line, word):
				t.Fatalf("%q matches %q with %s = %q, which is not in it", s, line, a.name, word)
			}
		}
		// Put together, with the words before them, the arguments are the line.
		for _, a := range u.args {
			word, given := args[a.name]
			if !given {
				continue
			}
			rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
			if a.keyword != "" {
				_, rest = nextWord(rest)
			}
			if a.words != nil {
				word, _ = nextWord(rest) // in the letter case in which it was typed
			}
			rest = strings.TrimPrefix(rest, word)
		}
		if strings.TrimSpace(rest) != "" {
			t.Fatalf("%q matches %q as %q: %q is left", s, line, args, rest)
		}
	})
}
