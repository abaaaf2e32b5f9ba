package words

import (
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A Form is a way to put the sentences of a language. The zero Form is that of a [Table] itself.
type Form struct {
	// Reader means the form for those who hear what others see.
	Reader bool
	// Speaker means that a line of talk begins with the speaker.
	Speaker bool
	// Zone is the clock that moments are told by; nil means UTC.
	Zone *time.Location
	// Sign is what stands before a command where the reader is to type it, such as "/" for who types other things too.
	Sign string
}

// As returns the table of t's language in form f, always the same one for the same form. Safe for concurrent use.
func (t *Table) As(f Form) *Table {
	zone, sign := f.Zone, f.Sign
	if zone == time.UTC {
		zone = nil
	}
	if in, ok := t.Forms[Form{Reader: f.Reader, Speaker: f.Speaker}]; ok {
		t = in
	}
	if zone == nil && sign == "" {
		return t
	}
	key := derived{t, zone, sign}
	if there, ok := derivedTables.Load(key); ok {
		return there.(*Table)
	}
	there := *t
	there.Zone, there.Sign = zone, sign
	kept, _ := derivedTables.LoadOrStore(key, &there)
	return kept.(*Table)
}

// derivedTables are those that were asked for: no more than there are forms, zones and signs.
var derivedTables sync.Map // of *Table by derived

type derived struct {
	table *Table
	zone  *time.Location
	sign  string
}

// with returns a copy of t in which the events and sentences of change stand instead.
func (t *Table) with(events map[string]string, joins []string, sentences map[string]string) *Table {
	in := *t
	in.Events = merge(t.Events, parseAll(events))
	for i, sentence := range joins {
		in.Joins[i] = Parse(sentence)
	}
	in.Sentences = merge(t.Sentences, sentences)
	in.Forms = nil
	return &in
}

func merge[V any](base, change map[string]V) map[string]V {
	all := maps.Clone(base)
	maps.Copy(all, change)
	return all
}

// A Usage is how a command is used: "say <room number> <msg>". In a sentence for those who hear it, it has no brackets.
type Usage string

// usage returns u as it stands in a sentence.
func (t *Table) usage(u Usage) string {
	if !t.Heard {
		return string(u)
	}
	if name, ok := usageSigns[u[:min(1, len(u))]]; ok {
		return name + usageMarks.Replace(string(u[1:]))
	}
	return usageMarks.Replace(string(u))
}

// signed puts the table's Sign where sentence has {/}, which is before each command that the reader is to type.
func (t *Table) signed(sentence string) string { return strings.ReplaceAll(sentence, "{/}", t.Sign) }

var usageSigns = map[Usage]string{".": "full stop", ",": "comma", "/": "slash"}

var usageMarks = strings.NewReplacer(" <", ", ", ">", "", " [", ", optional ", "]", "", "|", " or ")

// Unsung leaves out of a sentence the marks around words that a screen reader would spell: "who", <user> and [page].
// Signs that are meant themselves are named.
func Unsung(sentence string) string { return marks.ReplaceAllString(signs.Replace(sentence), "$1") }

var signs = strings.NewReplacer(`"/"`, "slash", "'/'", "slash", "'_'", "low line", "'-'", "hyphen", "'.'", "full stop",
	`"."`, "full stop", `","`, "comma")

var marks = regexp.MustCompile(`(%\[\d\])|["<>\[\]]`)
