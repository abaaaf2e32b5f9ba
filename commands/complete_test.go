package commands

import (
	"slices"
	"testing"

	"parley/chat"
)

func TestComplete(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	alice, bob, g := s.user("alice"), s.user("Bob"), s.guest()
	s.user("Albert")
	alice.does("start tea")
	bob.does("start coffee")
	alice.does("block bob")
	tests := []struct {
		who  *person
		line string
		from int
		want []string
	}{
		{alice, "", 0, s.sortedNames()},
		{alice, "se", 0, lines("set")}, // one can do without it, and nothing else begins so
		{alice, "set w", 4, lines("width")},
		{alice, "s", 0, lines("say", "shout", "start", "status")},
		{alice, "ST", 0, lines("start", "status")},
		{alice, "/st", 1, lines("start", "status")},
		{alice, "/", 0, nil},
		{alice, "/tell al", 6, lines("Albert", "alice")},
		{alice, "msg al", 4, lines("Albert", "alice")},
		{alice, "x", 0, nil},
		{alice, "日", 0, nil},
		{g, "s", 0, lines("status")},
		{g, "", 0, lines("exit", "help", "login", "quit", "register", "rooms", "status", "who")},
		{alice, "tell ", 5, lines("Albert", "alice", "Bob", "guest")},
		{alice, "tell al", 5, lines("Albert", "alice")},
		{alice, "te  AL", 4, lines("Albert", "alice")},
		{alice, "tell bob a", 9, nil},
		{alice, "tell bob and then b", 18, nil},
		{alice, "unblock ", 8, lines("Bob")},
		{bob, "unblock ", 8, nil},
		{alice, "keys ", 5, lines("add", "remove")},
		{alice, "keys add ", 9, nil},
		{alice, "join ", 5, lines("1")},
		{bob, "join ", 5, lines("0")},
		{alice, "say ", 4, lines("0")},
		{alice, "leave ", 6, lines("0")},
		{alice, "leave 1", 6, nil},
		{alice, "help st", 5, lines("start", "status")},
		{alice, "help st st", 8, nil},
		{alice, "who ", 4, nil},
		{alice, "dance ", 6, nil},
		{alice, "s ", 2, nil}, // which one?
		{g, "tell ", 5, nil},
		{g, "status b", 7, lines("Bob")},
		{g, "login ", 6, lines("Albert", "alice", "Bob", "guest")},
		{g, "register alice a", 16, nil}, // a password
		{g, "r alice a", 9, nil},
		{alice, "register alice ", 15, nil},
	}
	for _, tt := range tests {
		t.Run(tt.who.me.User.Name+"/"+tt.line, func(t *testing.T) {
			from, words := s.registry.Complete(t.Context(), tt.who.call(), tt.line)
			if from != tt.from || !slices.Equal(words, tt.want) {
				t.Errorf("got %d, %q, want %d, %q", from, words, tt.from, tt.want)
			}
		})
	}
}

func (s *stage) sortedNames() []string {
	return slices.Sorted(slices.Values(withoutExtra(s.registry.table)))
}
