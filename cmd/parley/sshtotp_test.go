package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/chat/totp"
)

var (
	groupsLine = regexp.MustCompile(`into the app that makes your codes:\r\n([A-Z2-7 ]+)\r\n`)
	codeLine   = regexp.MustCompile(`\r\n([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\r\n`)
)

// A phone makes one-time codes, each once.
type phone struct {
	t      *testing.T
	secret string
	last   int64 // the step of the last code
}

// code returns one that is good: of the step before, of now, or of the one after. There are three at once at most.
func (p *phone) code() string {
	p.t.Helper()
	now := totp.StepAt(time.Now())
	if p.last = max(p.last+1, now-1); p.last > now+1 {
		p.t.Fatal("no code is left")
	}
	code, err := totp.Code(p.secret, p.last)
	if err != nil {
		p.t.Fatal(err)
	}
	return code
}

// TestSSHCodes tests one-time codes by SSH: asked for by a question of its own, if the password was right, or behind
// the password where that alone is sent. Each is good once, a recovery code in its place too; and unknown names are
// asked what others are asked.
func TestSSHCodes(t *testing.T) {
	t.Parallel()
	server, address := startSSH(t)
	other := bob(t, server.address)
	other.send("totp on")
	other.expect("Enter the code that the app shows: ")
	p := &phone{t: t, secret: strings.ReplaceAll(groupsLine.FindStringSubmatch(other.all.String())[1], " ", "")}
	other.send(p.code())
	other.expect("not shown again.")
	other.expect("<bob:")
	recovery := codeLine.FindStringSubmatch(other.all.String())[1]

	// questions returns what was asked of who answers so, and the exit status of a command.
	questions := func(name string, answers ...string) (asked []string, status int) {
		t.Helper()
		user := newSSHUser(address, name, gossh.KeyboardInteractive(func(_, _ string, questions []string,
			echos []bool) ([]string, error) {
			if slices.Contains(echos, true) || len(questions) > 1 || len(asked) == len(answers) {
				return nil, fmt.Errorf("asked %q, %v", questions, echos)
			}
			asked = append(asked, questions...)
			return answers[len(asked)-len(questions) : len(asked)], nil
		}))
		_, _, status = user.run(t, "who")
		return asked, status
	}
	const password, code = "Enter your password: ", "Enter a one-time code: "
	byPassword := func(typed string) (status int) {
		t.Helper()
		_, _, status = newSSHUser(address, "bob", gossh.Password(typed)).run(t, "who")
		return status
	}
	used := p.code()
	for _, tt := range []struct {
		name    string
		answers []string
		status  int
	}{
		{"bob", []string{"quicksand", used}, 0},
		{"bob", []string{"quicksand", used}, -1}, // again
		{"bob", []string{"quicksand", "000 000"}, -1},
		{"bob", []string{"quicksand", "quicksand"}, -1},
		{"bob", []string{"quicksand", ""}, -1},
		{"bob", []string{"wrong"}, -1},
		{"nobody-so", []string{"quicksand"}, -1},
		{"bob", []string{used}, -1}, // without the password
		{"bob", []string{"quicksand", recovery}, 0},
		{"bob", []string{"quicksand", recovery}, -1}, // again
	} {
		asked, status := questions(tt.name, tt.answers...)
		if want := []string{password, code}[:len(tt.answers)]; status != tt.status || !slices.Equal(asked, want) {
			t.Errorf("%s, %q: asked %q, status %d", tt.name, tt.answers, asked, status)
		}
	}
	for _, typed := range []string{"quicksand", "quicksand " + used, "quicksand 000000", used, "wrong " + used} {
		if status := byPassword(typed); status != -1 {
			t.Errorf("the password %q opens the account", typed)
		}
	}
	if next := p.code(); byPassword("quicksand "+next) != 0 || byPassword("quicksand "+next) != -1 {
		t.Error("a code behind the password is not good once")
	}
}
