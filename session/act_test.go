package session

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/commands"
	"parley/gmcp"
)

// naming is a command that asks for what is shown, and says it.
var naming = commands.Command{
	Name: "naming", Usage: "naming", Pace: commands.Unpaced, Needs: commands.Nothing,
	Run: func(_ context.Context, c *commands.Call) error {
		name, err := c.Session.AskShown("Which name? ")
		if err != nil {
			return err
		}
		return c.Chat.SpeakToAll(context.Background(), c.Me, chat.Shouted, chat.Clean(name))
	},
}

// TestKeys tests what keys do that the editor leaves to the session, at a terminal that sends each.
func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		shows       []string // in this order
	}{
		{"Ctrl-L clears the screen and keeps the line", "shout hel\x0c", []string{"\x1b[H\x1b[J", "shout hel"}},
		{"Ctrl-L at a question", "naming\nab\x0c", []string{"\x1b[H\x1b[J", "Which name? ab"}},
		{"a full line rings", strings.Repeat("x", chat.MaxLine+1), []string{"\a"}},
		{"TAB goes on", "sho\t", []string{"shout "}},
		{"TAB goes on as far as all agree, and lists", "tell gu\t\t",
			[]string{"tell guest", "guest guest2", "tell guest"}},
		{"TAB has nothing", "tell zz\t\n", []string{"Incorrect command format."}},
		{"Ctrl-C drops the line", "shout hel\x03who\n", []string{"> who", "2 users online"}},
		{"Ctrl-C calls a question off", "naming\nab\x03who\n", []string{"Cancelled.", "2 users online"}},
		{"Ctrl-D calls a question off", "naming\n\x04who\n", []string{"Cancelled.", "2 users online"}},
		{"what is pasted at a question is one line", "naming\n\x1b[200~one\ntwo\x1b[201~\n",
			[]string{"Which name? ", "!!guest2!!: one two"}},
		{"what is pasted at a question and is too long", "naming\n\x1b[200~" + strings.Repeat("x", maxPaste+1) +
			"\x1b[201~\n", []string{"That is too much to paste", "Which name? "}},
		{"a line that is pasted waits for Enter", "\x1b[200~who\x1b[201~\n", []string{"who", "2 users online"}},
		{"lines that are pasted are asked about", "\x1b[200~who\nwho\x1b[201~y", []string{"y/n", "2 users", "2 users"}},
		{"lines that are pasted are left out", "\x1b[200~who\nwho\x1b[201~n", []string{"y/n", "Nothing was"}},
		{"lines that are pasted are called off", "\x1b[200~who\nwho\x1b[201~\x03", []string{"y/n", "Nothing was"}},
		{"Up calls back", "who\n\x1b[A\n", []string{"2 users", "who", "2 users"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inside(t, func(t *testing.T) {
				h := newHouse(t, naming)
				h.guest()
				f := newFake()
				f.keys = true
				g := h.comes(&resting{fake: f, h: h}, f, nearby)
				g.types("guest\n")
				h.sees(g, ":0> ")
				for part := range strings.SplitAfterSeq(tt.typed, "\t") { // a TAB counts if nothing came with it
					g.types(part)
				}
				h.sees(g, tt.shows...)
				g.types("\x03\x15quit\n")
				h.ends(g, nil)
			})
		})
	}
}

// TestLinkCode tests that a code typed where a name is asked for moves the session, once, and that wrong ones are
// counted as wrong passwords are.
func TestLinkCode(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		h.account("bob", "s3cret-word")
		f := newFake()
		first := h.comes(f, f, nearby)
		first.types("bob\ns3cret-word\nlink\n")
		said := first.shown()
		_, code, _ := strings.Cut(said, "in place of")
		_, code, _ = strings.Cut(code, ": ")
		code, _, _ = strings.Cut(code, ".")
		if code == "" {
			t.Fatalf("no code in %q", said)
		}
		second := newFake()
		moved := h.comes(second, second, nearby)
		moved.types(code + "\nshout here\n")
		h.sees(moved, "!!bob!!: here")
		h.sees(first, "You logged in from another place.")
		h.ends(first, chat.ErrMoved)

		third := newFake()
		late := h.comes(third, third, nearby)
		for range MaxFailures {
			late.types(code + "\n")
		}
		h.ends(late, chat.ErrLogin)
	})
}

// TestTalkLost tests that who talks to somebody who has left, or to a room that is closed, is told so, and that nothing
// which was meant for them becomes a command or is said elsewhere.
func TestTalkLost(t *testing.T) {
	for _, tt := range []struct{ name, talk, typed, ends, shows string }{
		{"a room", "talk 0\n", "who", "leave 0\n", "You no longer talk to Room 0."},
		{"a user", "talk guest\n", "who", "quit\n", "You no longer talk to guest, who has left."},
		{"in what is pasted", "talk 0\n", "\x1b[200~" + strings.Repeat("who\n", 20) + "\x1b[201~y", "leave 0\n",
			"Not sent of what you pasted: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inside(t, func(t *testing.T) {
				h := newHouse(t)
				other := h.guest()
				other.types("start tea\n")
				f := newFake()
				f.keys = true
				g := h.comes(&resting{fake: f, h: h}, f, faraway)
				g.types("guest\njoin 0\n" + tt.talk)
				h.sees(g, "> ")
				g.types(tt.typed)
				other.types(tt.ends)
				h.sees(g, tt.shows)
				time.Sleep(time.Minute) // if a line waits for its pace
				g.types("\n")
				if text := g.shown(); strings.Contains(text, "online") {
					t.Errorf("what was typed is a command: %q", text)
				}
				g.types("who\n")
				h.sees(g, "online")
			})
		})
	}
}

// A tabbed terminal is that of a client of a MUD which fills its tabs. Its messages stand in what is shown.
type tabbed struct {
	*resting
	asks gmcp.Asks
}

func (m *tabbed) TakesMessages() bool                       { return true }
func (m *tabbed) Packages() gmcp.Packages                   { return gmcp.Channels }
func (m *tabbed) Credentials() (_ gmcp.Credentials, _ bool) { return }

func (m *tabbed) Asks() (asks gmcp.Asks) {
	m.do(func() { asks, m.asks = m.asks, 0 })
	return asks
}

func (m *tabbed) SendMessage(message []byte) {
	m.do(func() { m.out = append(append(m.out, message...), '\n') })
}

// TestHeeds tests that a client is told what it asks for while nobody types, and of its rooms as they change.
func TestHeeds(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		f := newFake()
		m := &tabbed{resting: &resting{fake: f, h: h}}
		g := h.comes(m, f, nearby)
		g.types("guest\n")
		h.sees(g, "Comm.Channel.List", `"shouts"`, `"tells"`)
		g.types("start tea\n")
		h.sees(g, "Comm.Channel.List", `"room 0"`)
		other := h.guest()
		other.types("join 0\nsay 0 hello\n")
		h.sees(g, "Comm.Channel.Text", `"room 0"`, "hello")

		m.calls()
		if text := g.shown(); text != "" {
			t.Errorf("told without news: %q", text)
		}
		m.do(func() { m.asks = gmcp.AsksPlayers })
		m.calls()
		h.sees(g, "Comm.Channel.Players", `"guest"`, `"room 0"`, `"guest2"`, `"room 0"`)
		m.do(func() { m.asks = gmcp.AsksChannels })
		m.calls()
		h.sees(g, "Comm.Channel.List", `"room 0"`)
		g.types("leave 0\n")
		if text := g.shown(); !strings.Contains(text, "Comm.Channel.List") || strings.Contains(text, `"room 0"`) {
			t.Errorf("after it has left: %q", text)
		}
	})
}

// TestBeforeLogin tests what commands do that are entered where a name is asked for.
func TestBeforeLogin(t *testing.T) {
	for _, tt := range []struct {
		typed string
		shows []string
		ends  bool
	}{
		{"quit\n", []string{"See you next time."}, true},
		{"EXIT\n", []string{"See you next time."}, true},
		{"login\n", []string{"type your name", "Enter your username: "}, false},
		{"login guest\n", []string{"<guest:0> "}, false},
		{"login bob\ns3cret-word\n", []string{"Enter your password: ", "<bob:0> "}, false},
		{"login bob s3cret-word\n", []string{"Usage: login <user>", "Enter your username: "}, false},
		{"register carol\ns3cret-word\ns3cret-word\n", []string{"User carol registered", "<guest:0> "}, false},
		{"register bob\n", []string{"User bob already exists.", "<guest:0> "}, false},
		{"help\n", []string{"type your name", "Enter your username: "}, false},
		{"who\n", []string{"You are not logged in yet.", "type your name", "Enter your username: "}, false},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			inside(t, func(t *testing.T) {
				h := newHouse(t)
				h.account("bob", "s3cret-word")
				f := newFake()
				g := h.comes(&resting{fake: f, h: h}, f, nearby)
				h.sees(g, "Enter your username: ")
				g.types(tt.typed)
				h.sees(g, tt.shows...)
				if synctest.Wait(); g.ended != tt.ends || g.why != nil {
					t.Errorf("ended: %t, why: %v", g.ended, g.why)
				}
			})
		})
	}
}
