package words

import (
	"maps"
	"slices"
	"strconv"
	"testing"
)

// gaps returns the names of the gaps, in order.
func gaps(t Template) (names []string) {
	for _, p := range t.parts {
		if p.gap != "" {
			names = append(names, p.gap)
		}
	}
	return names
}

func TestTemplate(t *testing.T) {
	tests := []struct {
		sentence, want string
		gaps           []string
	}{
		{"", "", nil},
		{"plain", "plain", nil},
		{"[Room {room}] *{from}*: {text}", "[Room <room>] *<from>*: <text>", []string{"room", "from", "text"}},
		{"{from}", "<from>", []string{"from"}},
		{"{a}{b}", "<a><b>", []string{"a", "b"}},
		{"open {brace", "open {brace", nil},
		{"closed brace}", "closed brace}", nil},
		{"{a} and {brace", "<a> and {brace", []string{"a"}},
	}
	for _, tt := range tests {
		template := Parse(tt.sentence)
		got := template.Append([]byte("> "), func(b []byte, gap string) []byte { return append(b, "<"+gap+">"...) })
		if string(got) != "> "+tt.want || !slices.Equal(gaps(template), tt.gaps) {
			t.Errorf("Parse(%q): %q with gaps %q, want %q with %q", tt.sentence, got, gaps(template), tt.want, tt.gaps)
		}
	}
}

// TestGaps tests that English has no gap that nobody fills.
func TestGaps(t *testing.T) {
	known := []string{"from", "room", "text", "terms", "time", "lines", "second", "third", "others", "users",
		"clock", "who", "why", "every", "number", "hooks", "/"}
	sentences := maps.Clone(English.Events)
	for i, sentence := range English.Joins {
		sentences["joins "+strconv.Itoa(i)] = sentence
	}
	for kind, sentence := range sentences {
		for _, gap := range gaps(sentence) {
			if !slices.Contains(known, gap) {
				t.Errorf("%s: nobody fills {%s}", kind, gap)
			}
		}
	}
	if got := string(English.AppendEvent(nil, "no such kind", nil)); got == "" {
		t.Error("a kind without words says nothing")
	}
}
