package commands

import (
	"slices"
	"testing"

	"parley/chat"
)

func TestRegister(t *testing.T) {
	const again = "Enter your password again: "
	tests := []struct {
		name    string
		line    string
		answers []string
		asked   []string
		want    string
	}{
		{"on the line", "register dora s3cret", nil, nil, "User dora registered"},
		{"asked twice", "register Eve", []string{"s3cret", "s3cret"}, lines(PasswordPrompt, again), "User Eve registered"},
		{"asked twice, blanks", "register fay", []string{" a b ", " a b "}, lines(PasswordPrompt, again), "User fay registered"},
		{"they differ", "register gus", []string{"s3cret", "s3crte"}, lines(PasswordPrompt, again), "The two passwords are not the same. Nothing was registered."},
		{"empty", "register gus", []string{""}, lines(PasswordPrompt), "A password must have at least one character."},
		{"called off at once", "register gus", nil, lines(PasswordPrompt), "Cancelled. Nothing was done."},
		{"called off then", "register gus", []string{"s3cret"}, lines(PasswordPrompt, again), "Cancelled. Nothing was done."},
		{"taken: not even asked", "register ALICE", nil, nil, "User alice already exists."},
		{"a bad name: not even asked", "register a!", nil, nil, "That name cannot be registered: it may have letters, digits, '_', '-' and '.' only."},
	}
	s := newStage(t, chat.GuestsRegister)
	s.user("alice")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := s.guest()
			defer s.node.Quit(t.Context(), p.me, p)
			p.answers = tt.answers
			if got := p.does(tt.line); !slices.Equal(got, lines(tt.want)) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !slices.Equal(p.asked, tt.asked) {
				t.Errorf("asked %q, want %q", p.asked, tt.asked)
			}
		})
	}
	if ok, err := s.node.HasAccount(t.Context(), "gus"); ok || err != nil {
		t.Errorf("gus has an account (%v)", err)
	}
}

func TestLoginCommand(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	s.user("alice")
	p := s.guest()
	p.answers = []string{"wrong"}
	if got, want := p.does("login alice"), lines("Login error (username/password do not match)"); !slices.Equal(got, want) {
		t.Errorf("wrong password: %q, want %q", got, want)
	}
	if got, want := p.does("login alice"), lines("Cancelled. Nothing was done."); !slices.Equal(got, want) {
		t.Errorf("called off: %q, want %q", got, want)
	}
	p.answers = []string{"alice"}
	if got := p.does("login Alice"); len(got) != 0 || p.me.User.Name != "alice" {
		t.Errorf("login: %q, now %s", got, p.me.User.Name)
	}
	if want := lines(PasswordPrompt, PasswordPrompt, PasswordPrompt); !slices.Equal(p.asked, want) {
		t.Errorf("asked %q", p.asked)
	}
	if who := p.does("who"); !slices.Equal(who, lines("1 user online:", "alice")) {
		t.Errorf("who: %q", who)
	}
}

func TestQuitAndExit(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	for _, word := range []string{"quit", "EXIT", "q", "ex"} {
		if p := s.guest(); len(p.does(word)) != 0 || !p.quit {
			t.Errorf("%s: quitting %v", word, p.quit)
		}
	}
}
