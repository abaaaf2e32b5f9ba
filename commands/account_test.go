package commands

import (
	"slices"
	"testing"

	"parley/chat"
	"parley/words"
)

var passwordPrompt = words.English.Say("ask password")

func TestRegister(t *testing.T) {
	const again, differ = "Enter your password again: ", "The two passwords are not the same. Please type them again."
	registered := func(name string) []string {
		return lines("User "+name+" registered", "You are still a guest. To become "+name+", type: login "+name)
	}
	tests := []struct {
		name    string
		line    string
		answers []string
		asked   []string
		want    []string
	}{
		{"on the line", "register dora quicksand", nil, nil, registered("dora")},
		{"asked twice", "register Eve", []string{"quicksand", "quicksand"}, lines(passwordPrompt, again),
			registered("Eve")},
		{"asked twice, blanks", "register fay", []string{" open it ", " open it "}, lines(passwordPrompt, again),
			registered("fay")},
		{"they differ at first", "register gil", []string{"quicksand", "quicksnad", "quicksand", "quicksand"},
			lines(passwordPrompt, again, passwordPrompt, again),
			append(lines(differ), registered("gil")...)},
		{"they differ", "register gus", []string{"s3cret", "s3crte", "abcd", "bcde", "cdef", "defg", "efgh", "efgh"},
			lines(passwordPrompt, again, passwordPrompt, again, passwordPrompt, again),
			lines(differ, differ, "The two passwords are not the same. Nothing was done.")},
		{"short on the line", "register gus x", nil, nil, lines("A password must have at least 4 characters.")},
		{"refused at first", "register hal", []string{"abc", "HAL1", "quicksand", "quicksand"},
			lines(passwordPrompt, passwordPrompt, passwordPrompt, again),
			append(lines("A password must have at least 4 characters.",
				"A password cannot be the user name, or nearly the same."), registered("hal")...)},
		{"refused too often", "register gus", []string{"abc", "abc", "abc", "quicksand"},
			lines(passwordPrompt, passwordPrompt, passwordPrompt),
			lines("A password must have at least 4 characters.", "A password must have at least 4 characters.",
				"A password must have at least 4 characters.")},
		{"empty", "register gus", []string{""}, lines(passwordPrompt),
			lines("A password must have at least one character.")},
		{"called off at once", "register gus", nil, lines(passwordPrompt), lines("Cancelled. Nothing was done.")},
		{"called off then", "register gus", []string{"s3cret"}, lines(passwordPrompt, again),
			lines("Cancelled. Nothing was done.")},
		{"taken: not even asked", "register ALICE", nil, nil, lines("User alice already exists.")},
		{"a bad name: not even asked", "register a!", nil, nil,
			lines("That name cannot be registered: it may have letters, digits, '_', '-' and '.' only.")},
	}
	s := newStage(t, chat.GuestsRegister)
	s.user("alice")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := s.guest()
			defer s.node.Quit(t.Context(), p.me, p)
			p.answers = tt.answers
			if got := p.does(tt.line); !slices.Equal(got, tt.want) {
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

func TestRegisterAdvice(t *testing.T) {
	const (
		short  = "That password is short. One of 8 characters or more is harder to guess."
		common = "That password is one of the most common ones. It is easy to guess."
	)
	s := newStage(t, chat.GuestsRegister)
	p := s.guest()
	for line, want := range map[string][]string{
		"register hal s3cret":    lines("User hal registered", short),
		"register ian LetMeIn":   lines("User ian registered", common),
		"register jan password1": lines("User jan registered", common),
		"register kim quicksand": lines("User kim registered"),
	} {
		// the last says how to go on
		if got := p.does(line); len(got) != len(want)+1 || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestLoginCommand(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	s.user("alice")
	p := s.guest()
	p.answers = []string{"wrong"}
	if got, want := p.does("login alice"), lines("Login error (username/password do not match)"); !slices.Equal(got,
		want) {
		t.Errorf("wrong password: %q, want %q", got, want)
	}
	if got, want := p.does("login alice"), lines("Cancelled. Nothing was done."); !slices.Equal(got, want) {
		t.Errorf("called off: %q, want %q", got, want)
	}
	p.answers = []string{secretOf("alice")}
	if got := p.does("login Alice"); len(got) != 0 || p.me.User.Name != "alice" {
		t.Errorf("login: %q, now %s", got, p.me.User.Name)
	}
	if want := lines(passwordPrompt, passwordPrompt, passwordPrompt); !slices.Equal(p.asked, want) {
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
