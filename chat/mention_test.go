package chat

import (
	"strings"
	"testing"
)

func TestMentions(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"alice", true}, {"hello alice", true}, {"ALICE!", true}, {"@alice: hi", true}, {"alice's tea", true},
		{"tea for alice.", true}, {"alice...", true}, {"_alice_", true}, {"-alice-", true}, {"(alice)", true},
		{"bob,alice,carol", true}, {"«alice»", true}, {"你好，alice", true}, {"...alice", true},
		{"malice", false}, {"alices", false}, {"alice2", false}, {"alice-bob", false}, {"bob.alice", false},
		{"aliceé", false}, {"éalice", false}, {"你好alice", false}, {"alice\u0301", false}, {"", false}, {".", false},
		{"a lice", false}, {strings.Repeat("x", 1000) + "alice", false}, {"ałice", false},
		{"al\u0131ce", false},
	}
	for _, tt := range tests {
		text := Clean(tt.text)
		if got := text.Mentions("Alice"); got != tt.want {
			t.Errorf("%q: got %t", tt.text, got)
		}
		if names := text.Names(); tt.want && !names.May("aLiCe") {
			t.Errorf("%q: not among its names", tt.text)
		}
	}
	if !Clean("so bob. was here").Mentions("bob.") || !Clean("so bob-. was").Mentions("bob-") {
		t.Error("a name that ends in a sign is not found")
	}
	names := Clean("The lecture starts in five minutes.").Names()
	wrong := 0
	for i := range 1000 {
		if names.May("User" + strings.Repeat("x", i%10) + string(rune('a'+i%26)) + string(rune('a'+i/26%26))) {
			wrong++
		}
	}
	if wrong > 100 {
		t.Errorf("%d of 1000 names seem to be there", wrong)
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("hello, alice.", "alice")
	f.Add("_bob-._", "bob-")
	f.Fuzz(func(t *testing.T, s, name string) {
		text := Clean(s)
		names := text.Names()
		if text.Mentions(name) && !names.May(name) && wellFormed(name) == nil {
			t.Errorf("%q: %q is mentioned and not among the names", s, name)
		}
	})
}

func BenchmarkNames(b *testing.B) {
	text := Clean("The lecture starts in five minutes, alice.")
	for b.Loop() {
		text.Names()
	}
}
