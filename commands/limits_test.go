package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/chat"
	"parley/words"
)

// TestPaces tests that what others hear is paced. A command that is not paced has to be in the list of those that
// nobody hears, or an operator's.
func TestPaces(t *testing.T) {
	paced := map[string]Pace{"say": Talk, "tell": Talk, "join": Talk, "leave": Talk, "shout": Shout, "start": Shout}
	unheard := []string{"help", "register", "login", "who", "status", "info", "rooms", "block", "unblock", "quit",
		"exit", "talk", "alias", "unalias", "notify", "quiet", "set", "review", "when", "transcript",
		"next", "pause",
		"resume", "why", "date", "uptime"}
	unheard = append(unheard, "checkup", "find", "mentions", "unread", "privacy", "my-data", "blocks", "passwd",
		"totp", "forget-me", "link", "hold", "keys", "hooks", "reader")
	for _, c := range New().operators.commands {
		want, known := paced[c.Name]
		switch {
		case known && c.Pace != want:
			t.Errorf("%s: pace %d, want %d", c.Name, c.Pace, want)
		case !known && c.Pace == Unpaced && c.Needs != Operator && !slices.Contains(unheard, c.Name):
			t.Errorf("%s is not paced", c.Name)
		case !known && c.Pace != Unpaced && (c.Needs == Operator || slices.Contains(unheard, c.Name)):
			t.Errorf("%s: pace %d, want none", c.Name, c.Pace)
		}
	}
}

// TestNoPace tests that a command whose row says nothing about its pace is paced like talk, in a session that has a
// pace.
func TestNoPace(t *testing.T) {
	var waited []Pace
	s := newStage(t, chat.GuestsRegister, Command{Name: "xnone", Usage: "xnone",
		Run: func(context.Context, *Call) error { return nil }})
	c := s.guest().call()
	c.Wait = func(_ context.Context, p Pace, _ int) error {
		waited = append(waited, p)
		return nil
	}
	if err := s.registry.Run(t.Context(), c, "xnone"); err != nil || !slices.Equal(waited, []Pace{Talk}) {
		t.Errorf("waited for %v, %v; want the pace of talk", waited, err)
	}
}

// TestUnknownArgument tests that a command which asks for an argument that its usage lacks does not go on as if it were
// left out.
func TestUnknownArgument(t *testing.T) {
	for name, ask := range map[string]func(c *Call){
		"Arg":           func(c *Call) { c.Arg("usr") },
		"Text":          func(c *Call) { c.Text("msg") },
		"letter case":   func(c *Call) { c.Arg("User") },
		"with brackets": func(c *Call) { c.Arg("<user>") },
		"empty":         func(c *Call) { c.Arg("") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, chat.GuestsRegister, Command{Name: "xask", Usage: "xask <user> [why...]",
				Run: func(_ context.Context, c *Call) error {
					if c.Arg("user") != "bob" || c.Arg("why") != "" || c.Text("why").String() != "" {
						t.Error("the arguments of the usage are not as typed")
					}
					ask(c)
					return nil
				}})
			defer func() {
				if v := recover(); v == nil {
					t.Error("no panic")
				}
			}()
			s.guest().does("xask bob")
		})
	}
}

// TestExamplesRun runs the example of every command, as an operator: none asks for an argument that its usage lacks.
func TestExamplesRun(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	for i, c := range s.registry.operators.commands {
		p := s.operator("op" + strconv.Itoa(i+20))
		p.answers = []string{"opensesame", "opensesame"}
		example := c.Help(words.English).Example
		if answer := p.does(example); slices.Contains(answer,
			words.English.Sentence(chat.ErrUsage.With(c.usage.text))) {
			t.Errorf("%s: the example %q does not fit", c.Name, example)
		}
	}
}

// TestWait tests that a paced command waits when it is sure to be run, and is not run if the waiting fails.
func TestWait(t *testing.T) {
	var log []string
	broken := errors.New("broken")
	var result error
	probe := func(name string, pace Pace, needs Need) Command {
		return Command{Name: name, Usage: name + " <x>", Pace: pace, Needs: needs,
			Run: func(context.Context, *Call) error {
				log = append(log, "run "+name)
				return nil
			}}
	}
	s := newStage(t, chat.GuestsRegister, probe("xtalk", Talk, Nothing), probe("xshout", Shout, Nothing),
		probe("xfree", Unpaced, Nothing), probe("xlogin", Talk, Login))
	p := s.guest()
	for _, tt := range []struct {
		line   string
		result error
		want   string
		err    error
	}{
		{"xtalk 1", nil, "wait talk,run xtalk", nil},
		{"xshout 1", nil, "wait shout,run xshout", nil},
		{"xfree 1", nil, "run xfree", nil},
		{"xtalk", nil, "", chat.ErrUsage},
		{"xlogin 1", nil, "", chat.ErrGuest},
		{"xtalk 1", broken, "wait talk", broken},
	} {
		log, result = nil, tt.result
		c := p.call()
		c.Wait = func(_ context.Context, pace Pace, _ int) error {
			log = append(log, "wait "+map[Pace]string{Talk: "talk", Shout: "shout"}[pace])
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
		code, err := s.node.Invite(t.Context(), chat.AtConsole())
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
		{"with a password", "register ann quicksand", []string{used}, []string{codePrompt}, "User ann registered"},
		{"without", "register ben", []string{strings.ToLower(invite()), "quicksand", "quicksand"},
			[]string{codePrompt, passwordPrompt, again}, "User ben registered"},
		{"used", "register carol", []string{used}, []string{codePrompt}, words.English.Sentence(chat.ErrNoInvite)},
		{"called off", "register carol", nil, []string{codePrompt}, words.English.Sentence(chat.ErrCancelled)},
		{"bad name", "register help", nil, nil, "The name help is reserved. Please choose another."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := s.guest()
			p.answers = tt.answers
			got := p.does(tt.line)
			if len(got) == 0 || got[0] != tt.want || !slices.Equal(p.asked, tt.asked) {
				t.Errorf("reads %q, was asked %q; want %q, %q", got, p.asked, tt.want, tt.asked)
			}
		})
	}
}
