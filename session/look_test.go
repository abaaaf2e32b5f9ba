package session

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parley/chat"
	"parley/commands"
	"parley/words"
)

// TestMentioned tests that a user's name is highlighted, and rings, where others write it, and only there.
func TestMentioned(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		one, two := h.guest(), h.guest() // guest and guest2
		one.types("start tea\nset bell mentions\n")
		two.types("join 0\n")
		one.shown()
		two.types("say 0 hello Guest, not guest2 or guests\n")
		h.sees(one, "\a", "[Room 0] *guest2*: hello \x1b[7mGuest\x1b[0m, not guest2 or guests\r\n")
		if text := two.shown(); strings.ContainsAny(text, "\x1b\a") {
			t.Errorf("the speaker reads %q", text)
		}
		one.types("set colour off\n")
		one.shown()
		two.types("shout guest\ntell guest guest\n")
		if text := one.shown(); strings.Contains(text, "\x1b") || strings.Count(text, "\a") != 1 {
			t.Errorf("without colours, and for one mention: %q", text)
		}
		one.types("set bell tells\nset colour on\n")
		one.shown()
		two.types("shout guest\n")
		h.sees(one, "!!guest2!!: \x1b[7mguest\x1b[0m\r\n")
		two.types("tell guest " + strings.Repeat("guest ", 20) + "\n")
		if text := one.shown(); strings.Count(text, "\a") != 1 || strings.Count(text, "\x1b[35m") != 2 ||
			strings.Count(text, "\x1b[0m") != 2 || strings.Contains(text, "\x1b[7m") {
			t.Errorf("two rows that are told: %q", text)
		}
	})
}

func TestHasColours(t *testing.T) {
	for _, name := range []string{"XTERM", "xterm-256color", "screen", "tmux-256color", "putty", "LINUX", "ANSI", "vte",
		"Mudlet", "TINTIN++", "rxvt-unicode", "SYNCTERM"} {
		if !hasColours(name) {
			t.Errorf("%s has none", name)
		}
	}
	for _, name := range []string{"", "dumb", "unknown", "VT100", "vt220", "DEC-VT320", "vt52", "xterm-mono", "ansi-m",
		"sun", "network", "VT", "linux-nocolor"} {
		if hasColours(name) {
			t.Errorf("%s has some", name)
		}
	}
}

// TestRowsClosed tests that no row of a painted event leaves a colour behind, whatever is in it.
func TestRowsClosed(t *testing.T) {
	for kind := range paints {
		for _, text := range []string{"", "hello alice", strings.Repeat("alice ", 30),
			strings.Repeat("alicealice", 30)} {
			e := &chat.Event{Kind: kind, From: chat.User{Name: "bob"}, Text: chat.Clean(text)}
			rows := string(View{Words: words.English, Width: 40, Colour: true, Paint: true}.appendRows(nil, e, "alice"))
			for row := range strings.SplitSeq(strings.TrimSuffix(rows, "\r\n"), "\r\n") {
				if !strings.HasPrefix(row, "\x1b[") || !strings.HasSuffix(row, "\x1b[0m") {
					t.Errorf("%v: the row %q", kind, row)
				}
			}
		}
	}
}

// A sink is a terminal that takes everything at once.
type sink struct{ *fake }

func (sink) TryWrite(p []byte, _ bool) (int, error) { return len(p), nil }

// BenchmarkLooks is a line said to a thousand who see it in so many looks.
func BenchmarkLooks(b *testing.B) {
	for _, looks := range []int{1, 8} {
		b.Run(fmt.Sprint(looks), func(b *testing.B) {
			node := chat.New(chat.Options{Guests: chat.GuestsChat})
			defer node.Close()
			srv := &Server{Chat: node, Commands: commands.New()}
			sessions := make([]*Session, 1000)
			for i := range sessions {
				s := newSession(srv, sink{newFake()}, Visitor{})
				sessions[i] = s
				me, err := node.Guest(b.Context(), s)
				if err != nil {
					b.Fatal(err)
				}
				s.me, s.phase = me, commanding
				s.relook()
				if n := i % looks; n > 0 {
					s.look.Words = words.English.As(words.Form{Speaker: n%2 == 0, Reader: n%4 > 1})
					s.look.Stamps, s.look.Colour = stamps(n%3), n > 4
				}
			}
			text := chat.Clean("The lecture starts in five minutes.")
			for b.Loop() {
				if err := node.SpeakToAll(context.Background(), sessions[0].me, chat.Shouted, text); err != nil {
					b.Fatal(err)
				}
				srv.deliverer.run()
				srv.deliverer.running.Wait()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(sessions)), "ns/delivery")
		})
	}
}
