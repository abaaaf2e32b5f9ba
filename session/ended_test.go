package session

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/commands"
)

const askedPassword = "Enter your new password: "

// asking is a command that asks.
var asking = commands.Command{
	Name: "ask", Usage: "ask", Pace: commands.Unpaced, Needs: commands.Nothing,
	Run: func(ctx context.Context, c *commands.Call) error {
		_, err := c.Session.Ask(askedPassword)
		return err
	},
}

// A stage is what a session can be at: after which input, and by what it is recognised.
type stage struct {
	name, typed, shows string
	keys               bool // only a terminal that sends every key can be there
}

// stagesBefore are those before the login, stages those after it.
var (
	stagesBefore = []stage{
		{name: "at the name", shows: "Enter your username: "},
		{name: "in the name", typed: "gue", shows: "Enter your username: "},
		{name: "at the password", typed: "bob\n", shows: "Enter your password: "},
	}
	stages = []stage{
		{name: "at the command line", shows: ":0> "},
		{name: "in a command", typed: "shout hel", shows: ":0> "},
		{name: "at a question", typed: "ask\n", shows: askedPassword},
		{name: "in the answer", typed: "ask\nabc", shows: askedPassword},
		{name: "waiting for the pace", typed: "shout 1\nshout 2\nshout 3\nshout 4\n", shows: "!!: 2"},
		{name: "paused", typed: "pause\nshout 1\n", shows: "What others say waits now."},
		{name: "in the checkup", typed: "checkup\n", shows: "A test of your terminal."},
		{name: "talking", typed: "start tea\ntalk 0\nhel", shows: "0>"},
		{name: "in a list that is cut", typed: "help more\n", shows: "--more--", keys: true},
		{name: "at a paste", typed: "\x1b[200~one\ntwo\x1b[201~", shows: "y/n", keys: true},
		{name: "in a paste", typed: "\x1b[200~one\ntwo", shows: ":0> ", keys: true},
		{name: "before a line that can be taken back", typed: "hold on\nshout hello\n", shows: "waits three seconds",
			keys: true},
		{name: "in a key", typed: "shout hel\x1b[", shows: "hel", keys: true},
	}
)

// atStages runs f for a guest who is at each of the stages, at each kind of terminal. before are what the guest types
// first.
func atStages(t *testing.T, all []stage, before string, f func(h *house, g *guest)) {
	for _, at := range all {
		for _, kind := range []struct{ keys, rests bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
			if at.keys && !kind.keys {
				continue
			}
			t.Run(fmt.Sprintf("%s, keys %t, rests %t", at.name, kind.keys, kind.rests), func(t *testing.T) {
				inside(t, func(t *testing.T) {
					h := newHouse(t, asking)
					h.account("bob", "s3cret-word")
					sat := newFake()
					sat.keys = kind.keys
					var term Terminal = sat
					if kind.rests {
						term = &resting{fake: sat, h: h}
					}
					g := h.comes(term, sat, faraway)
					g.types(before + at.typed)
					h.sees(g, at.shows)
					f(h, g)
				})
			})
		}
	}
}

// account makes an account.
func (h *house) account(name, password string) {
	h.Helper()
	if err := h.server.Chat.AddUser(context.Background(), chat.AtConsole(), name, password); err != nil {
		h.Fatal(err)
	}
}

// TestEndedFromOutside tests that a session ends at once, with the reason on the screen, whatever it is at.
func TestEndedFromOutside(t *testing.T) {
	stop := func(h *house, g *guest) {
		h.server.Stop(chat.ErrStopped)
		h.sees(g, "The server is shutting down. Goodbye.")
		h.ends(g, chat.ErrStopped)
		if text := g.shown(); text != "" {
			h.Errorf("then %q", text)
		}
	}
	atStages(t, stagesBefore, "", stop)
	atStages(t, stages, "guest\n", stop)
	t.Run("while leaving", func(t *testing.T) {
		inside(t, func(t *testing.T) {
			h := newHouse(t)
			g := h.guest()
			g.do(func() { g.stalled = true })
			g.types("quit\n")
			h.server.Stop(chat.ErrStopped)
			time.Sleep(11 * time.Second)
			synctest.Wait()
			if !g.ended {
				t.Error("goes on")
			}
		})
	})
}

// TestHungUp tests that a session ends when its peer goes, whatever it is at, and that its user is offline then.
func TestHungUp(t *testing.T) {
	hangUp := func(h *house, g *guest) {
		g.do(func() { g.hungUp = true })
		time.Sleep(time.Minute) // what it waits for comes first
		h.ends(g, io.EOF)
		if names := h.server.Chat.Who(); len(names) > 0 {
			h.Errorf("online: %q", names)
		}
	}
	atStages(t, stagesBefore, "", hangUp)
	atStages(t, stages, "guest\n", hangUp)
}

// TestTakenOver tests that whoever logs in elsewhere has the seat at once, whatever the session before is at, and that
// nothing is said that was not entered.
func TestTakenOver(t *testing.T) {
	atStages(t, stages, "bob\ns3cret-word\n", func(h *house, g *guest) {
		other := h.guest()
		second := newFake()
		again := h.comes(second, second, nearby)
		again.types("bob\ns3cret-word\n")
		h.sees(g, "You logged in from another place.")
		h.ends(g, chat.ErrMoved)
		again.types("shout here\n")
		time.Sleep(time.Minute)
		text := other.shown()
		if !strings.Contains(text, "!!bob!!: here") || strings.Contains(text, "!!: hel") {
			h.Errorf("others read %q", text)
		}
	})
}

// TestPanics tests that a panic ends the session that it is in, and no other: wherever it comes from.
func TestPanics(t *testing.T) {
	crash := commands.Command{
		Name: "crash", Usage: "crash [x]", Pace: commands.Unpaced, Needs: commands.Nothing,
		Run: func(ctx context.Context, c *commands.Call) error {
			_ = c.Chat.SpeakToAll(ctx, c.Me, chat.Shouted, chat.Clean("before"))
			if c.Arg("x") != "" {
				_, _ = c.Session.Ask(askedPassword)
			}
			panic("crash")
		},
		Complete: func(context.Context, *commands.Call) []string { panic("crash") },
	}
	amend := crash
	amend.Name, amend.Usage = "amend", "amend"
	amend.Amend = func(context.Context, *commands.Call, string) (string, error) { panic("crash") }
	for _, tt := range []struct{ name, typed string }{
		{"in a command", "crash\n"},
		{"after a question", "crash x\nabc\n"},
		{"in a command typed ahead of others", "crash\nshout never\n"},
		{"in what fills in a line", "amend\n"},
		{"at a TAB", "crash \t"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inside(t, func(t *testing.T) {
				h := newHouse(t, crash, amend)
				alice := h.guest()
				alice.types("start tea\n")
				term := newFake()
				term.keys = true
				mallory := h.comes(term, term, nearby)
				mallory.types("guest\njoin 0\n")
				h.sees(alice, "joined")
				mallory.types(tt.typed)
				if synctest.Wait(); !mallory.ended || mallory.why == nil {
					t.Fatalf("ended: %t, why: %v", mallory.ended, mallory.why)
				}
				if text := alice.shown(); !strings.Contains(text, "left") || strings.Contains(text, "never") {
					t.Errorf("alice reads %q", text)
				}
				alice.types("say 0 still here\n")
				h.sees(alice, "still here")
			})
		})
	}
}
