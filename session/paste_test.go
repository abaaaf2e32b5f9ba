package session

import (
	"strings"
	"testing"

	"parley/chat"
)

func TestMarks(t *testing.T) {
	for name, want := range map[string]bool{
		"XTERM-256COLOR": true, "xterm": true, "screen.xterm-256color": true, "tmux-256color": true, "st": true,
		"PUTTY": true, "rxvt-unicode": true, "vte-256color": true,
		"": false, "vt100": false, "vt52": false, "ansi": false, "linux": false, "dumb": false, "cons25": false,
		"stv52": false, "syncterm": false, "MUDLET": false,
	} {
		if marks(name) != want {
			t.Errorf("%q: %t, want %t", name, !want, want)
		}
	}
}

// TestMarksAreAsked tests who is told to mark what is pasted, and that nobody is left so.
func TestMarksAreAsked(t *testing.T) {
	const on, off = "\x1b[?2004h", "\x1b[?2004l"
	said := func(s *Screen) string {
		b, _ := s.AppendTo(nil)
		return string(b)
	}
	for _, tt := range []struct {
		name  string
		lines bool
		asked bool
	}{{"xterm", false, true}, {"xterm", true, false}, {"vt100", false, false}, {"dumb", false, false}} {
		s := new(Screen)
		s.SetName(tt.name)
		s.SetMode(tt.lines, 80, 24)
		s.Prompt("> ", "", 0)
		if got := said(s); got != "> " {
			t.Errorf("%+v: before the login: %q", tt, got)
		}
		s.Paste = true
		if got := said(s); (got == on) != tt.asked || !tt.asked && got != "" {
			t.Errorf("%+v: %q", tt, got)
		}
		if got := said(s); got != "" {
			t.Errorf("%+v: once more: %q", tt, got)
		}
		s.Paste = false
		if got := said(s); (got == off) != tt.asked || !tt.asked && got != "" {
			t.Errorf("%+v: at the end: %q", tt, got)
		}
		s.Paste = true
		said(s)
		s.SetMode(true, 80, 24)
		if got := said(s); strings.Contains(got, off) != tt.asked || strings.Contains(got, on) {
			t.Errorf("%+v: when the peer edits its lines: %q", tt, got)
		}
	}
}

// TestPasteIsBounded pastes for ever.
func TestPasteIsBounded(t *testing.T) {
	e := new(readlineEditor)
	feed(t, e, "\x1b[200~", 7)
	for range 1000 {
		feed(t, e, strings.Repeat("say 0 hello\r\n日\x1b[31m", 10), 64)
		if n := len(e.paste.text); n > maxPaste+4 || len(e.line) > 0 {
			t.Fatalf("%d bytes are held, and %q", n, e.line)
		}
	}
	if used, action := e.Feed([]byte("\x1b[201~x")); used != 6 || action != Pasted {
		t.Fatalf("at the end: %d, %v", used, action)
	}
	if p := e.takePasted(); p.why != chat.ErrPasteLong || p.text != nil {
		t.Errorf("it is taken: %+v", p)
	}
	if feed(t, e, "x\n", 1)[0] != "x" {
		t.Error("what is typed then is not read")
	}
}

// TestPasteElsewhere pastes where keys are asked for, and interrupts it: what comes after that is no line either.
func TestPasteElsewhere(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		f := newFake()
		f.keys = true
		g := h.comes(f, f, nearby)
		g.types("guest\n")
		h.sees(g, "\x1b[?2004h", ":0> ")
		g.types("register bob\n")
		h.sees(g, "Enter your password: ")
		g.types("\x1b[200~pass\nword\x03quit\nquit\n")
		h.sees(g, "Cancelled.", "<guest:1> ")
		g.types("quit\n\x1b[201~")
		if text := g.shown(); text != "" {
			t.Fatalf("of the rest there is %q", text)
		}
		g.types("\x1b[200~quit\nquit\n\x1b[201~")
		h.sees(g, "Enter 2 lines as commands? y/n ")
		g.types("\x1b[200~y\n\x03quit\n")
		h.sees(g, "Nothing was sent.")
		g.types("y\nquit\n\x1b[201~date\n")
		h.sees(g, "date", "It is ", "<guest:2> ")
		g.types("quit\n")
		h.sees(g, "Thank you", "\x1b[?2004l")
		h.ends(g, nil)
	})
}
