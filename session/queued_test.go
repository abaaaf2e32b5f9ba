package session

import (
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/chat/passwd"
)

// TestQueued tests that who waits for a password to be checked is told, that Ctrl-C and hanging up end that, and that
// what was typed ahead is done after it.
func TestQueued(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		var slow atomic.Bool
		begun, freed := make(chan struct{}), make(chan struct{})
		free := sync.OnceFunc(func() { close(freed) })
		t.Cleanup(free)
		h.server.Chat = chat.New(chat.Options{
			Guests: chat.GuestsChat, Hash: chat.HashParams{Memory: 8, Time: 1, AtATime: 1},
			Hashing: func(uint32) {
				if slow.CompareAndSwap(true, false) {
					close(begun)
					<-freed
				}
			},
		})
		t.Cleanup(h.server.Chat.Close)
		h.account("alice", "s3cret-word")
		h.account("bob", "s3cret-word")
		knocks := func(name string) *guest {
			f := newFake()
			f.keys = true
			g := h.comes(f, f, faraway)
			g.types(name + "\ns3cret-word\n")
			return g
		}
		slow.Store(true)
		first := knocks("alice")
		<-begun
		first.types("shout hi\n")

		for _, tt := range []struct {
			name string
			ends func(g *guest)
		}{
			{"Ctrl-C", func(g *guest) {
				g.types("\x03")
				h.sees(g, "Enter your username: ")
				g.types("guest\n")
				h.sees(g, ":0> ")
				g.types("quit\n")
				h.ends(g, nil)
			}},
			{"hanging up", func(g *guest) {
				g.do(func() { g.hungUp = true })
				h.ends(g, io.EOF)
			}},
			{"an end from outside", func(g *guest) {
				h.end(g, chat.ErrMadeRoom)
				h.ends(g, chat.ErrMadeRoom)
			}},
		} {
			g := knocks("bob")
			time.Sleep(passwd.TellAfter)
			h.sees(g, "Many passwords wait to be checked. Yours is number 1")
			time.Sleep(passwd.TellAgain)
			h.sees(g, "Many passwords wait to be checked.")
			if tt.ends(g); h.server.Chat.Stats(t.Context()).Hashing != 1 {
				t.Errorf("after %s the turn is kept", tt.name)
			}
		}

		last := knocks("bob")
		last.types("shout hello\n")
		time.Sleep(h.server.loginTimeout()) // which the wait does not count for
		if text := last.shown(); strings.Contains(text, "<bob") {
			t.Fatalf("it did not wait: %q", text)
		}
		free()
		synctest.Wait()
		h.sees(first, "<alice:0> ", "!!alice!!: hi")
		h.sees(last, "<bob:0> ", "!!bob!!: hello")
	})
}
