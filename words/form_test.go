package words

import (
	"cmp"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
)

// Unheard reports what of a line, which nobody but the server wrote, a screen reader would spell or stumble over.
func unheard(line string) string {
	before := 'x'
	for _, r := range line {
		mark := unicode.IsPunct(r) || unicode.IsSymbol(r)
		switch {
		case r == '\t':
			return "a tab"
		case r >= 0x2500 && r < 0x2580:
			return "a box"
		case mark && (unicode.IsPunct(before) || unicode.IsSymbol(before)):
			return string(before) + string(r)
		case strings.ContainsRune(`<>[]"*|~^{}`, r):
			return string(r)
		}
		before = r
	}
	return ""
}

// inShell are what operators read in a shell, where options begin with two hyphens.
var inShell = regexp.MustCompile(`--help|parley`)

// TestReaderForm tests that no sentence of the reader form has what a screen reader would spell, and that each takes
// what the sentence in its place takes.
func TestReaderForm(t *testing.T) {
	for _, form := range []Form{{Reader: true}, {Reader: true, Speaker: true}} {
		table := English.As(form)
		for code, sentence := range table.Sentences {
			if _, ok := English.Sentences[code]; !ok {
				t.Errorf("%q is the code of no sentence", code)
			}
			if got, want := verbs(sentence), verbs(English.Sentences[code]); got != want {
				t.Errorf("%q takes %d arguments, not %d", sentence, want, got)
			}
			if _, byHTTP := webAnswers[code]; byHTTP {
				continue // which have no form
			}
			sentence = table.signed(sentence)
			if bad := unheard(verb.ReplaceAllString(sentence, "x")); bad != "" && !inShell.MatchString(sentence) {
				t.Errorf("%q: %q has %s", code, sentence, bad)
			}
		}
		for code := range table.Whys {
			why, _ := table.Why(code)
			if bad := unheard(why); bad != "" || strings.Contains(why, "  ") { // where a sign alone was left out
				t.Errorf("%s: %q has %s", code, why, cmp.Or(bad, "a gap"))
			}
			if _, ok := English.Whys[code]; !ok {
				t.Errorf("%q explains nothing", code)
			}
		}
		for kind, sentence := range table.Events {
			filled := sentence.Append(nil, func(b []byte, _ string) []byte { return append(b, 'x') })
			if bad := unheard(string(filled)); bad != "" {
				t.Errorf("%s: %q has %s", kind, filled, bad)
			}
		}
	}
}

// TestForms tests that every form tells all that is told of an event.
func TestForms(t *testing.T) {
	for form, table := range English.Forms {
		for kind, sentence := range English.Events {
			want, got := gaps(sentence), gaps(table.Events[kind])
			for _, gap := range want {
				if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+gap+" ") &&
					!(kind == "closed" && gap == "from") {
					t.Errorf("%+v: %s does not tell {%s}", form, kind, gap)
				}
			}
		}
		if len(table.Forms) > 0 {
			t.Errorf("%+v has forms of its own", form)
		}
	}
}

func TestAs(t *testing.T) {
	zone := time.FixedZone("X", 3600)
	if English.As(Form{}) != English || English.As(Form{Zone: time.UTC}) != English {
		t.Error("the plain form is another table")
	}
	in := English.As(Form{Reader: true, Zone: zone})
	if in != English.As(Form{Reader: true, Zone: zone}) || in == English.As(Form{Reader: true}) {
		t.Error("a form is not the same each time")
	}
	at := time.Date(2000, 1, 1, 23, 30, 5, 0, time.UTC)
	for got, want := range map[string]string{
		in.Date(at):                          "2 January 2000, 00:30 X",
		English.Date(at):                     "2000-01-01 23:30 UTC",
		string(in.Stamp(nil, at, false)):     "00:30 ",
		string(English.Stamp(nil, at, true)): "2000-01-01 23:30:05 ",
		string(English.As(Form{Reader: true}).Stamp(nil, at, true)): "1 January 2000, 23:30:05 UTC: ",
		in.Duration(26*time.Hour + time.Minute):                     "1 day 2 hours 1 minute",
		in.Duration(0):                                              "0 seconds",
		in.Say("told idle", "bob", 2*time.Minute):                   "Told bob, who has been idle 2 minutes.",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
