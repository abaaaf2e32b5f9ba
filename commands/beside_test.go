package commands

import (
	"slices"
	"testing"

	"parley/chat"
)

// TestBeside tests that what is run beside a session asks nothing of one: there is none.
func TestBeside(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	bob := s.user("bob")
	bob.does("start tea")
	var run []string
	for _, line := range []string{"who", "who -l", "who b", "rooms", "status", "status bob", "say 0 hello",
		"tell bob hi", "mail", "mail bob hi", "mail read", "unread", "help", "help 2", "help more", "help say"} {
		word, _ := nextWord(line)
		run = append(run, word)
		read := false
		c := &Call{Chat: s.node, By: chat.By(bob.me), Me: bob.me, Reader: true, Print: func(string) { read = true }}
		if err := s.registry.RunBeside(t.Context(), c, line); err != nil && !chat.IsRefusal(err) {
			t.Errorf("%s: %v", line, err)
		} else if err == nil && !read && word != "say" && word != "tell" {
			t.Errorf("%s: nothing was said", line)
		}
	}
	for _, name := range besides {
		if !slices.Contains(run, name) {
			t.Errorf("%s was not run", name)
		}
	}
}
