package commands

import (
	"slices"
	"testing"

	"parley/chat"
	"parley/chat/passwd"
)

// TestGuard tests what is not said because it looks like a password, and that what only comes near is.
func TestGuard(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	alice := s.user("alice")
	s.user("bob")
	alice.does("start tea")
	refused := lines("That looks like your password. Nothing was sent.")
	for _, tt := range []struct {
		text string
		want bool
	}{
		// With the own password.
		{"s3cret", true},
		{"it is s3cret.", true},
		{"s3crets", false},
		// A command that was not meant to be said.
		{"login alice swordfish", true},
		{"lgoin alice swordfish", true},
		{"/login bob x", true},
		{"login nobody s5kjx", true},
		{"LOGIN alice swordfish", true},
		{"register dave swordfish", true},
		{"regsiter dave swordfish", true},
		{"rgeister dave swordfish", true},
		{"register dave swordfish swordfish", true},
		{".register dave swordfish", true},
		{"passwd swordfish", true},
		{"pawsswd old new", true},
		{"password old new new", true},
		{"signup dave swordfish", true},
		// Sentences.
		{"login is broken", false},
		{"login works again", false},
		{"login", false},
		{"login alice", false},
		{"logic teaches patience", false},
		{"register first, please", false},
		{"register at the desk", false},
		{"registered users only", false},
		{"the password is wrong", false},
		{"password please", false},
		{"passed the exam", false},
		{"please register dave tomorrow", false},
		{"hello", false},
	} {
		call := alice.call()
		call.Mark = passwd.NewMark("s3cret")
		err := s.registry.Run(t.Context(), call, "say 0 "+tt.text)
		if got := err != nil; got != tt.want {
			t.Errorf("%q: %v", tt.text, err)
		}
		alice.reads()
	}
	// Whatever others read is looked at, and what is a command is none of it.
	for _, line := range []string{"shout login alice x", "tell bob login alice x", "start login alice x",
		"info login alice x", "emote 0 login alice x", ",login alice x", ".login alice x", "reply login alice x"} {
		alice.does("tell bob hello")
		if got := alice.does(line); !slices.Equal(got, refused) {
			t.Errorf("%q: %q", line, got)
		}
	}
	if got := alice.does("login bob x"); slices.Equal(got, refused) {
		t.Errorf("login: %q", got)
	}
}
