package session

import (
	"context"
	"errors"
	"strings"
	"testing"

	"parley/chat"
)

// A record is a pass that writes down what became of its visitor.
type record struct {
	noPass
	loggedIn, failed bool
}

func (r *record) LoggedIn() { r.loggedIn = true }
func (r *record) Failed()   { r.failed = true }

// authenticated makes an account and returns its user as a door gets to know it.
func (h *house) authenticated(name string) chat.User {
	h.Helper()
	const secret = "s3cret-word"
	if err := h.server.Chat.AddUser(h.Context(), chat.AtConsole(), name, secret); err != nil {
		h.Fatal(err)
	}
	proof, err := h.server.Chat.Authenticate(h.Context(), chat.Try{Name: name, Typed: secret, Source: faraway})
	if err != nil {
		h.Fatal(err)
	}
	return proof.User
}

// knocks lets u come, whom the door knows. Whatever happens nobody is asked for anything.
func (h *house) knocks(u chat.User, keys bool) (*guest, *record, string) {
	h.Helper()
	f, r := newFake(), new(record)
	f.keys = keys
	g := h.visits(f, f, Visitor{Source: nearby, Pass: r, User: u})
	shown := g.shown()
	for _, question := range []string{"Enter your", "type your name", "client cannot hide"} {
		if strings.Contains(shown, question) {
			h.Errorf("%q in %q", question, shown)
		}
	}
	if r.failed {
		h.Error("counted as a wrong password")
	}
	return g, r, shown
}

// TestKnown tests that a user whom the door knows is greeted as after a login, on either kind of terminal.
func TestKnown(t *testing.T) {
	for _, keys := range []bool{false, true} {
		inside(t, func(t *testing.T) {
			h := newHouse(t)
			h.server.Texts = func() Texts { return Texts{Banner: "The banner.", MOTD: "The MOTD."} }
			u := h.authenticated("Alice")
			g, r, shown := h.knocks(u, keys)
			rest, found := shown, true
			for _, part := range []string{"The banner.", "The MOTD.", "Last login: never.", "<Alice:0> "} {
				if _, rest, found = strings.Cut(rest, part); !found {
					t.Errorf("%q is not, in order, in %q", part, shown)
				}
			}
			if !r.loggedIn {
				t.Error("the door does not know that she is in")
			}
			hearer := h.guest()
			g.types("shout hello\n")
			h.sees(hearer, "!!Alice!!: hello")
			g.types("quit\n")
			h.ends(g, nil)

			_, _, shown = h.knocks(u, keys)
			if !strings.Contains(shown, "Last login: 2000-01-01") {
				t.Errorf("the second time: %q", shown)
			}
		})
	}
}

// TestKnownGuest tests that a door may let somebody in as a guest, who gets a name of the node's.
func TestKnownGuest(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		for _, name := range []string{"guest", "guest2"} {
			g, r, shown := h.knocks(chat.User{Name: "Alice", Guest: true}, true)
			if !strings.Contains(shown, "logged in as a guest") || !strings.Contains(shown, "<"+name+":0> ") ||
				!r.loggedIn {
				t.Errorf("%s: %q, logged in: %t", name, shown, r.loggedIn)
			}
			g.types("status " + name + "\n")
			h.sees(g, name)
		}
	})
}

// TestKnownRefused tests that a user who may not enter by now reads why, and that the session ends and leaves nothing
// behind.
func TestKnownRefused(t *testing.T) {
	guest := chat.User{Guest: true}
	for _, tt := range []struct {
		name   string
		change func(ctx context.Context, n *chat.Node, u *chat.User) error
		want   error
		says   string
	}{
		{"banned", func(ctx context.Context, n *chat.Node, u *chat.User) error {
			_, err := n.Ban(ctx, chat.AtConsole(), chat.BanTarget{Name: u.Name}, 0, chat.Clean("Rude."))
			return err
		}, chat.ErrBanned, "banned"},
		{"disabled", func(ctx context.Context, n *chat.Node, u *chat.User) error {
			return n.Disable(ctx, chat.AtConsole(), u.Name)
		}, chat.ErrAccountGone, "This account cannot be used: it has been disabled or deleted."},
		{"deleted", func(ctx context.Context, n *chat.Node, u *chat.User) error {
			return n.DeleteAccount(ctx, chat.AtConsole(), u.Name)
		}, chat.ErrAccountGone, "This account cannot be used: it has been disabled or deleted."},
		{"nobody", func(_ context.Context, _ *chat.Node, u *chat.User) error {
			*u = chat.User{Name: "nobody"}
			return nil
		}, chat.ErrAccountGone, "This account cannot be used: it has been disabled or deleted."},
		{"no name", func(_ context.Context, _ *chat.Node, u *chat.User) error {
			*u = chat.User{ID: "alice"}
			return nil
		}, chat.ErrAccountGone, "This account cannot be used: it has been disabled or deleted."},
		{"guest", func(_ context.Context, n *chat.Node, u *chat.User) error {
			*u = guest
			n.SetGuests(chat.GuestsOff)
			return nil
		}, chat.ErrGuestsOff, "uests"},
		{"at a banned address", func(ctx context.Context, n *chat.Node, u *chat.User) error {
			_, err := n.Ban(ctx, chat.AtConsole(), chat.BanTarget{Addr: nearby}, 0, chat.Clean(""))
			return err
		}, chat.ErrAddressBanned, "banned"},
		{"while the server stops", func(context.Context, *chat.Node, *chat.User) error {
			return nil
		}, chat.ErrStopped, "shutting down"},
	} {
		for _, keys := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				inside(t, func(t *testing.T) {
					h := newHouse(t)
					u := h.authenticated("Alice")
					if err := tt.change(t.Context(), h.server.Chat, &u); err != nil {
						t.Fatal(err)
					}
					if errors.Is(tt.want, chat.ErrStopped) {
						h.server.Stop(chat.ErrStopped)
					}
					g, r, shown := h.knocks(u, keys)
					if strings.Count(shown, tt.says) != 1 || strings.Contains(shown, ":0>") || r.loggedIn {
						t.Errorf("logged in: %t, got %q", r.loggedIn, shown)
					}
					h.ends(g, tt.want)
					if s := h.server.Chat.Stats(t.Context()); s.Online != 0 {
						t.Errorf("%d online", s.Online)
					}
				})
			})
		}
	}
}

// TestKnownTakesOver tests that a known user who is online moves here with all rooms.
func TestKnownTakesOver(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		u := h.authenticated("Alice")
		first, _, _ := h.knocks(u, true)
		other := h.guest()
		first.types("start tea\nshout hel")
		h.sees(first, "hel")
		second, _, shown := h.knocks(u, false)
		if !strings.Contains(shown, "<Alice:1> ") {
			t.Errorf("got %q", shown)
		}
		h.sees(first, "You logged in from another place.")
		h.ends(first, chat.ErrMoved)
		second.types("say 0 still here\n")
		h.sees(second, "[Room 0]", "still here")
		if text := other.shown(); strings.Contains(text, "hel\r") || strings.Contains(text, "Alice left") {
			t.Errorf("the other reads %q", text)
		}
	})
}

// TestKnownTypesAhead tests that what a known user has typed already is done, and is no answer to a question.
func TestKnownTypesAhead(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		u := h.authenticated("Alice")
		hearer := h.guest()
		f := newFake()
		f.in = []byte("shout one\nquit\n")
		g := h.visits(f, f, Visitor{Source: nearby, User: u})
		h.sees(hearer, "!!Alice!!: one")
		h.ends(g, nil)
	})
}
