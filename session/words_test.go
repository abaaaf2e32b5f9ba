package session

import (
	"strings"
	"testing"

	"parley/words"
)

// foreignTable returns a table whose every sentence begins with a mark.
func foreignTable(mark string) *words.Table {
	t := *words.English
	t.Sentences = make(map[string]string)
	for code, sentence := range words.English.Sentences {
		t.Sentences[code] = mark + sentence
	}
	t.Events = make(map[string]words.Template)
	for kind := range words.English.Events {
		t.Events[kind] = words.Parse(mark + kind + " {from}")
	}
	return &t
}

// TestAnotherLanguage lets a session speak by another table: all that it says is from there, but for what explains a
// command.
func TestAnotherLanguage(t *testing.T) {
	inside(t, func(t *testing.T) {
		const mark = "§"
		h := newHouse(t)
		h.server.Words = foreignTable(mark)
		h.server.Texts = func() Texts { return Texts{Name: "Here"} }
		f := newFake()
		g := h.comes(f, f, nearby)
		for _, line := range strings.Split("nobody\nwho\nrooms\nstart tea\nrooms\nsay 0 hello\ninfo "+
			"I\nstatus\ntell bob x\njoin x\nleave 7\ndance\nsya\nblock bob\n"+
			"help\nban bob\nlogin alice\npassword\n"+strings.Repeat("x", 2000)+"\nquit", "\n") {
			g.types(line + "\n")
		}
		rows := strings.Split(strings.ReplaceAll(g.shown(), "\r\n", "\n"), "\n")
		said := 0
		for _, row := range rows {
			if _, answer, ok := strings.Cut(row, "> "); ok && strings.HasPrefix(row, "<") {
				row = answer // behind the prompt
			}
			switch {
			case row == "", strings.HasPrefix(row, "  "), row == "guest": // the help list, and a name in who
			case strings.HasPrefix(row, mark):
				said++
			default:
				t.Errorf("English: %q", row)
			}
		}
		if said < 25 {
			t.Errorf("only %d rows were said:\n%s", said, strings.Join(rows, "\n"))
		}
	})
}
