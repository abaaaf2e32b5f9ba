package session

import (
	"strings"
	"testing"
	"time"

	"parley/chat"
	"parley/chat/totp"
	"parley/gmcp"
)

// A mudTerminal is that of a client of a MUD that can log its user in. Its messages stand in what is shown.
type mudTerminal struct {
	*fake
	encrypted bool
	sent      gmcp.Credentials
}

func (m *mudTerminal) Encrypted() bool         { return m.encrypted }
func (m *mudTerminal) TakesMessages() bool     { return true }
func (m *mudTerminal) Packages() gmcp.Packages { return gmcp.Logins }
func (m *mudTerminal) Asks() gmcp.Asks         { return 0 }

func (m *mudTerminal) SendMessage(message []byte) {
	m.do(func() { m.out = append(append(m.out, message...), '\n') })
}

func (m *mudTerminal) Credentials() (sent gmcp.Credentials, ok bool) {
	m.do(func() { sent, m.sent = m.sent, gmcp.Credentials{} })
	return sent, sent != gmcp.Credentials{}
}

// TestLoginByClient tests that a client logs in by what would be typed, with one-time codes too, and that a terminal
// which is not encrypted is offered nothing and asked for nothing.
func TestLoginByClient(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		h.authenticated("Alice")
		const password, offer = "s3cret-word", `Char.Login.Default {"type":["password-credentials"]}`
		const yes, no = `Char.Login.Result {"success":true}`, `Char.Login.Result {"success":false,"message":"`
		comes := func(encrypted bool, account, password string) (*guest, string) {
			f := newFake()
			sent := gmcp.Credentials{Account: account, Password: password}
			m := &mudTerminal{fake: f, encrypted: encrypted, sent: sent}
			g := h.comes(m, f, nearby)
			return g, g.shown()
		}
		leaves := func(g *guest) {
			g.types("quit\n")
			h.ends(g, nil)
		}
		g, shown := comes(true, " alice ", password)
		if !strings.Contains(shown, offer) || !strings.Contains(shown, yes) || !strings.Contains(shown, "<Alice:0> ") {
			t.Errorf("shown: %q", shown)
		}
		g.types("totp on\n")
		_, rest, _ := strings.Cut(g.shown(), "codes:\r\n")
		grouped, _, _ := strings.Cut(rest, "\r\n")
		code := func() string {
			time.Sleep(2 * totp.Period)
			c, err := totp.Code(strings.ReplaceAll(grouped, " ", ""), totp.StepAt(time.Now()))
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		g.types(code() + "\n")
		h.sees(g, "One-time codes are on.")
		leaves(g)

		g, shown = comes(true, "Alice", password+" "+code())
		if !strings.Contains(shown, yes) || strings.Contains(shown, "one-time code") {
			t.Errorf("password and code: %q", shown)
		}
		leaves(g)
		last := code()
		g, shown = comes(true, "Alice", password)
		if strings.Contains(shown, "Char.Login.Result") || !strings.Contains(shown, "Enter a one-time code: ") {
			t.Errorf("password alone: %q", shown)
		}
		g.types(last + "\n")
		if shown = g.shown(); !strings.Contains(shown, yes) {
			t.Errorf("then the code: %q", shown)
		}
		leaves(g)
		for _, wrong := range []string{code(), "wrong", strings.Repeat("x", chat.MaxLine+1)} {
			g, shown = comes(true, "Alice", wrong)
			if !strings.Contains(shown, no) || strings.Contains(shown, yes) || strings.Contains(shown, ":0>") {
				t.Errorf("%.20s: %q", wrong, shown)
			}
			leaves(g)
		}
		g, shown = comes(false, "Alice", password)
		if strings.Contains(shown, "Char.Login") || strings.Contains(shown, ":0>") {
			t.Errorf("not encrypted: %q", shown)
		}
		leaves(g)
	})
}
