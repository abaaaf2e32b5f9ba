package chat

import (
	"slices"
	"strings"
	"testing"
)

// TestAliasesRead tests what is made of the aliases in a record, which somebody may have written by hand.
func TestAliasesRead(t *testing.T) {
	p, _ := guest(t, newTestNode(t, Options{}))
	p.read(&account{Aliases: []Alias{{"Hi", "say 0 hello"}, {"bell", "shout \a\x1b[2J"}, {"", "who"}, {".", "who"},
		{"a.b", "who"}, {"a b", "who"}, {"long", strings.Repeat("x", MaxLine+1)}}})
	want := []Alias{{"bell", Clean("shout \a\x1b[2J").String()}, {"hi", "say 0 hello"}}
	if got := p.Aliases(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if line, ok := p.Alias("HI"); !ok || line != "say 0 hello" {
		t.Errorf("HI is %q, %v", line, ok)
	}
	many := make([]Alias, 0, 30)
	for i := range 30 {
		many = append(many, Alias{"a" + strings.Repeat("x", i%15) + string(rune('a'+i)), "who"})
	}
	if p.read(&account{Aliases: many}); len(p.Aliases()) != MaxAliases {
		t.Errorf("there are %d aliases", len(p.Aliases()))
	}
	if p.read(new(account)); len(p.Aliases()) != 0 {
		t.Errorf("there are still %q", p.Aliases())
	}
}
