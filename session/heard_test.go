package session

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"parley/chat"
	"parley/commands"
	"parley/words"
)

var formOfReaders = words.Form{Reader: true, Speaker: true}

// stumble returns what a screen reader would spell in a row in which no user has written a sign, "" if nothing.
func stumble(row string) string {
	row = strings.NewReplacer("\a", "", "+2 or -03:30", "", "-a", "", "192.0.2.0/24", "", "$1", "", "$*",
		"").Replace(row)
	before := 'x'
	for _, r := range row {
		mark := unicode.IsPunct(r) || unicode.IsSymbol(r)
		switch {
		case r == '\t', r >= 0x2500 && r < 0x2600, strings.ContainsRune("<>[]\"*|~^{}%=#", r), r < ' ':
			return fmt.Sprintf("%q", r)
		case mark && (unicode.IsPunct(before) || unicode.IsSymbol(before)):
			return string(before) + string(r)
		}
		before = r
	}
	return ""
}

// TestNothingStumbles goes through every screen in the form for screen readers: every command, the help of each, and
// what is refused.
func TestNothingStumbles(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		h.server.Texts = func() Texts {
			texts := DefaultTexts("Here")
			texts.MOTD += "\n\t╔══════╗\n\t║ News ║\n\t╚══════╝\n***** Tea at five *****\n----"
			return texts
		}
		other := h.guest()
		other.types("start tea\n")
		f := newFake()
		g := h.comes(f, f, nearby)
		g.shown()
		lines := []string{"reader", "help", "nobody", "alice", "guest", "help more", "who", "join 0", "pause", "resume",
			"start cake", "rooms", "tell guest hello", "tell guest2 hello", "say hello", "say 0 hello",
			"info tea and cake",
			"status", "status guest", "block guest", "unblock guest", "sya", "dance", "leave 7", "join tea",
			"set bell all",
			"set width 7", "talk 0", "hello", "/talk", "alias hi say 0 hello", "alias", "hi"}
		for _, name := range commands.New().Names() {
			lines = append(lines, "help "+name)
			if name != "quit" && name != "exit" && name != "register" && name != "login" {
				lines = append(lines, name, name+" x y z", "talk")
			}
		}
		rows := 0
		for _, line := range append(lines, "login alice", "pass", "set reader on", "quit") {
			g.types(line + "\n")
			other.types("say 0 one more\n")
			for row := range strings.SplitSeq(g.shown(), "\r\n") {
				rows++
				if bad := stumble(row); bad != "" {
					t.Errorf("%s: %q has %s", line, row, bad)
				}
				if row != strings.TrimSpace(row) && !strings.HasPrefix(row, "Enter ") &&
					!strings.HasSuffix(row, ", then Enter: ") {
					t.Errorf("%s: %q has blanks around it", line, row)
				}
			}
		}
		if rows < 400 {
			t.Errorf("only %d rows were looked at", rows)
		}
	})
}

func TestSpoken(t *testing.T) {
	for text, want := range map[string]string{
		DefaultTexts("Here").MOTD: "Welcome to\nHere", "": "", "----\n\n  \n====": "", "  a\tb  ": "a b",
		"║ News ║": "News", "*** now *** 5%": "now 5", "C++ and C#": "C and C", "---\nTea - at five": "Tea at five",
	} {
		if got := spoken(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestPauseEnds tests that a pause ends by itself before something is lost, and that nothing is.
func TestPauseEnds(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		one, two := h.guest(), h.guest()
		one.types("pause\n")
		one.shown()
		text := strings.Repeat("x", 900)
		sent := 0
		for ; sent < 200; sent++ {
			two.types(fmt.Sprintf("tell guest %d %s\n", sent, text))
			if strings.Contains(one.shown(), "The pause has ended") {
				break
			}
		}
		if sent < 50 || sent == 200 {
			t.Fatalf("the pause ended after %d lines", sent)
		}
		two.types("tell guest last\n")
		h.sees(one, "last")
	})
}

// TestNothingLost tests that a pause loses no line, in whatever way it ends.
func TestNothingLost(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		one, two := h.guest(), h.guest()
		one.types("pause\n")
		one.shown()
		for i := range 10 {
			two.types(fmt.Sprintf("tell guest line %d\n", i))
		}
		if text := one.shown(); text != "" {
			t.Fatalf("while it waits: %q", text)
		}
		one.types("resume\n")
		want := []string{"10 lines waited."}
		for i := range 10 {
			want = append(want, fmt.Sprintf("line %d\r\n", i))
		}
		h.sees(one, want...)
	})
}

// TestMoves tests that comings and goings are counted, told ahead of what comes next, and bounded.
func TestMoves(t *testing.T) {
	node := chat.New(chat.Options{Guests: chat.GuestsChat})
	defer node.Close()
	s := newSession(&Server{Chat: node, Commands: commands.New()}, newFake(), Visitor{})
	s.me, _ = node.Guest(t.Context(), s)
	s.look.reader = true
	s.look.Words = s.server.words().As(formOfReaders)
	event := func(kind chat.Kind, room int) *chat.Event {
		return &chat.Event{Kind: kind, Room: room, At: time.Now(), From: chat.User{Name: "bob"}}
	}
	shown := func() string {
		out, _ := s.screen.AppendTo(nil)
		return string(out)
	}
	s.screen.SetMode(true, 0, 0)
	s.printEvents([]*chat.Event{event(chat.Joined, 3)}, new(scratch))
	if got := shown(); got != "bob joined room 3.\r\n" {
		t.Errorf("one alone: %q", got)
	}
	s.printEvents([]*chat.Event{event(chat.Joined, 3), event(chat.Left, 3), event(chat.Joined, 4),
		event(chat.Left, 5)}, new(scratch))
	if got := shown(); got != "" {
		t.Errorf("soon after that: %q", got)
	}
	s.printEvents([]*chat.Event{event(chat.Joined, 3), event(chat.StopOff, 0)}, new(scratch))
	want := "2 joined and 1 left room 3.\r\n1 joined room 4.\r\n1 left room 5.\r\n" +
		"Notice: The server does not shut down after all.\r\n"
	if got := shown(); got != want {
		t.Errorf("ahead of the next: %q", got)
	}
	s.look.coming = comingLater
	s.printEvents([]*chat.Event{event(chat.Left, 3)}, new(scratch))
	if got := shown(); got != "" {
		t.Errorf("one alone, to be told later: %q", got)
	}
	s.look.coming = comingShown
	s.rarely.moves.last = time.Time{} // long ago
	s.printEvents([]*chat.Event{event(chat.Joined, 3)}, new(scratch))
	if got := shown(); got != "bob left room 3.\r\nbob joined room 3.\r\n" {
		t.Errorf("who is told at once of one alone: %q", got)
	}
	for room := range 10 * maxMoves {
		s.printEvents([]*chat.Event{event(chat.Joined, room)}, new(scratch))
		if len(s.rarely.moves.rooms) > maxMoves {
			t.Fatalf("%d rooms are counted", len(s.rarely.moves.rooms))
		}
	}
}
