package commands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"parley/chat"
)

// TestPaces tests that what others hear is paced, and nothing else.
func TestPaces(t *testing.T) {
	want := map[string]Pace{"say": Talk, "tell": Talk, "join": Talk, "leave": Talk, "shout": Shout, "start": Shout}
	for _, c := range New().operators.commands {
		if c.Pace != want[c.Name] {
			t.Errorf("%s: pace %d, want %d", c.Name, c.Pace, want[c.Name])
		}
	}
}

// TestWait tests that a paced command waits when it is sure to be run, and is not run if the waiting fails.
func TestWait(t *testing.T) {
	var log []string
	broken := errors.New("broken")
	var result error
	probe := func(name string, pace Pace, needs Need) Command {
		return Command{Name: name, Usage: name + " <x>", Pace: pace, Needs: needs, Run: func(context.Context, *Call) error {
			log = append(log, "run "+name)
			return nil
		}}
	}
	s := newStage(t, chat.GuestsRegister, probe("xtalk", Talk, Nothing), probe("xshout", Shout, Nothing), probe("xfree", Unpaced, Nothing), probe("xlogin", Talk, Login))
	p := s.guest()
	for _, tt := range []struct {
		line   string
		result error
		want   string
		err    error
	}{
		{"xtalk 1", nil, "wait 1,run xtalk", nil},
		{"xshout 1", nil, "wait 2,run xshout", nil},
		{"xfree 1", nil, "run xfree", nil},
		{"xtalk", nil, "", chat.ErrUsage},
		{"xlogin 1", nil, "", chat.ErrGuest},
		{"xtalk 1", broken, "wait 1", broken},
	} {
		log, result = nil, tt.result
		c := p.call()
		c.Wait = func(_ context.Context, pace Pace) error {
			log = append(log, "wait "+string('0'+rune(pace)))
			return result
		}
		if err := s.registry.Run(t.Context(), c, tt.line); !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, want %v", tt.line, err, tt.err)
		}
		if got := strings.Join(log, ","); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.line, got, tt.want)
		}
	}
}

func TestRegisterInvited(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	s.node.SetRegistration(chat.RegistrationInvite)
	invite := func() string {
		code, err := s.node.Invite(t.Context(), chat.Console)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	used := invite()
	const codePrompt, again = "Enter your invite code: ", "Enter your password again: "
	for _, tt := range []struct {
		name, line string
		answers    []string
		asked      []string
		want       string
	}{
		{"with a password", "register ann pw", []string{used}, []string{codePrompt}, "User ann registered"},
		{"without", "register ben", []string{strings.ToLower(invite()), "pw", "pw"}, []string{codePrompt, PasswordPrompt, again}, "User ben registered"},
		{"used", "register carol", []string{used}, []string{codePrompt}, chat.ErrNoInvite.Error()},
		{"called off", "register carol", nil, []string{codePrompt}, chat.ErrCancelled.Error()},
		{"bad name", "register help", nil, nil, "The name help is reserved. Please choose another."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := s.guest()
			p.answers = tt.answers
			got := p.does(tt.line)
			if len(got) != 1 || got[0] != tt.want || !slices.Equal(p.asked, tt.asked) {
				t.Errorf("reads %q, was asked %q; want %q, %q", got, p.asked, tt.want, tt.asked)
			}
		})
	}
}
