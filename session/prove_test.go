package session

import (
	"strings"
	"testing"
	"time"

	"parley/chat"
	"parley/chat/totp"
)

// A sealed terminal stands behind a door that encrypts.
type sealed struct{ *fake }

func (sealed) Encrypted() bool { return true }

// TestEncryptedDoor tests that it takes password and code where nobody can read along: at once, or the code when it is
// asked for; and that a code alone is not enough there.
func TestEncryptedDoor(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		h.authenticated("Alice")
		const password = "s3cret-word"
		comes := func() *guest {
			f := newFake()
			return h.comes(sealed{f}, f, nearby)
		}
		sees := func(g *guest, wants ...string) string {
			t.Helper()
			shown := g.shown()
			for rest := shown; len(wants) > 0; wants = wants[1:] {
				_, after, found := strings.Cut(rest, wants[0])
				if !found {
					t.Errorf("%q is not in %q", wants[0], rest)
				}
				rest = after
			}
			return shown
		}
		g := comes()
		g.types("Alice\n" + password + "\ntotp on\n")
		shown := sees(g, "Put this secret", "Enter the code that the app shows: ")
		if strings.Contains(shown, "not encrypted") {
			t.Errorf("%q on a door that encrypts", shown)
		}
		_, rest, _ := strings.Cut(shown, "codes:\r\n")
		grouped, _, _ := strings.Cut(rest, "\r\n")
		secret := strings.ReplaceAll(grouped, " ", "")
		code := func() string {
			time.Sleep(2 * totp.Period)
			c, err := totp.Code(secret, totp.StepAt(time.Now()))
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		g.types(code() + "\n")
		sees(g, "One-time codes are on.")
		g.types("login Alice\n" + password + "\n")
		sees(g, "Enter your password: ", "Enter a one-time code: ")
		g.types(code() + "\n")
		sees(g, "Last login: ")
		g.types("shout it is " + password + "\n")
		sees(g, "That looks like your password.")
		g.types("login Alice\n" + password + " " + code() + "\n")
		sees(g, "Last login: ")
		g.types("shout it is " + password + "\n")
		sees(g, "That looks like your password.")
		g.types("passwd\n" + password + "\n")
		sees(g, "Enter your present password: ", "Enter a one-time code: ")
		g.types(code() + "\ncorrect horse\ncorrect horse\n")
		sees(g, "Your password has been changed.")
		g.types("login Alice\ncorrect horse\nnot a code\n")
		sees(g, "Enter a one-time code: ", "Login error")
		g.types("login Alice\n" + code() + "\n")
		sees(g, "Login error")
		g.types("quit\n")
		h.ends(g, nil)

		last := code()
		g = comes()
		g.types("Alice\ncorrect horse " + last + "\n")
		sees(g, "Last login: ")
		g.types("quit\n")
		h.ends(g, nil)
	})
}

// TestNewPasswordTakesItsTime tests how long somebody may think who came by an operator's code.
func TestNewPasswordTakesItsTime(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		h.authenticated("Alice")
		made, err := h.server.Chat.Reset(t.Context(), chat.AtConsole(), "Alice")
		if err != nil {
			t.Fatal(err)
		}
		f := newFake()
		g := h.comes(f, f, nearby)
		g.types("Alice\n" + made.Code + "\n")
		time.Sleep(newPasswordTime - time.Second)
		g.types("correct horse\ncorrect horse\n")
		if shown := g.shown(); !strings.Contains(shown, "Last login: ") {
			t.Errorf("shown: %q", shown)
		}
		g.types("quit\n")
		h.ends(g, nil)

		made, err = h.server.Chat.Reset(t.Context(), chat.AtConsole(), "Alice")
		if err != nil {
			t.Fatal(err)
		}
		f = newFake()
		g = h.comes(f, f, nearby)
		g.types("Alice\n" + made.Code + "\n")
		time.Sleep(newPasswordTime)
		if shown := g.shown(); !strings.Contains(shown, "You took too long") {
			t.Errorf("shown: %q", shown)
		}
	})
}
