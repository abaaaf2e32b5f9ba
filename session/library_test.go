package session

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestLibrary tests what of the library is used.
func TestLibrary(t *testing.T) {
	l := newLibrary()
	l.Put("grüße", len("grü"))
	for i, step := range []struct {
		do     func(library)
		line   string
		cursor int
	}{
		{func(library) {}, "grüße", 4},
		{library.Backspace, "grße", 2},
		{func(l library) { l.WriteRune('u') }, "gruße", 3},
		{library.MoveForward, "gruße", 5},
		{func(l library) { l.Delete() }, "gruß", 5},
		{func(l library) { l.Delete() }, "gruß", 5},
		{library.MoveForward, "gruß", 5},
		{library.MoveToLineStart, "gruß", 0},
		{library.Backspace, "gruß", 0},
		{library.MoveBackward, "gruß", 0},
		{library.MoveForward, "gruß", 1},
		{library.KillFront, "ruß", 0},
		{library.MoveToLineEnd, "ruß", 4},
		{library.MoveBackward, "ruß", 2},
		{func(l library) { l.WriteString("n日") }, "run日ß", 6},
		{library.Kill, "run日", 6},
	} {
		step.do(l)
		if line, cursor := l.Line(); line != step.line || cursor != step.cursor {
			t.Errorf("step %d: %q, %d; want %q, %d", i, line, cursor, step.line, step.cursor)
		}
	}
}

// TestEditorsAtRest tests that no editor has a goroutine, and that the one of the library holds nothing but an empty
// line.
func TestEditorsAtRest(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, keys := range []string{"", "a\x7f", "abc\x03", "one\n", "日本\x15", "ab\x04\x02\x04\x02\x04", "ab\x17",
		"ab\x01\x0b", "\x04"} {
		for _, e := range []Editor{new(readlineEditor), newLineEditor(), newSecretEditor()} {
			feed(t, e, "half a line", 100)
			goleak.VerifyNone(t)
			if e.Empty() {
				t.Errorf("%T: empty with half a line", e)
			}
			feed(t, e, "\x15"+keys, 100)
			if r, ok := e.(*readlineEditor); ok && (r.library != library{} || !r.Empty()) {
				t.Errorf("after %q: %q", keys, draft(r))
			}
		}
	}
}

// TestLibraryPanics lets the library panic: that ends one session, and is written down.
func TestLibraryPanics(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		other := h.guest()
		f := newFake()
		f.keys = true
		g := h.comes(f, f, nearby)
		g.types("guest\nshout hel")
		for s := range h.server.sessions {
			if e, ok := s.editor.(*readlineEditor); ok {
				e.library.SetWithIdx(99, []rune("x"))
			}
		}
		g.types("l")
		if text := g.shown(); strings.Contains(text, "hell") || !g.ended || g.why.Error() != "panic in session" {
			t.Errorf("ended: %t, why: %v, shown %q", g.ended, g.why, text)
		}
		other.types("who\n")
		h.sees(other, "guest")
	})
}

// TestShown tests what is seen of a line: no password, and nothing that does not show.
func TestShown(t *testing.T) {
	for _, tt := range []struct{ keys, keysEditor, lineEditor string }{
		{"abc\x02", "ab_c", "abc_"},
		{"a\u200b\u202eb\x02", "a_b", "ab_"},
		{"login bob", "login bob_", "login bob_"},
		{"日本\x02", "日_本", "日本_"},
	} {
		for e, want := range map[Editor]string{new(readlineEditor): tt.keysEditor, newLineEditor(): tt.lineEditor,
			newSecretEditor(): "_"} {
			feed(t, e, tt.keys, 3)
			text, cursor := e.Shown()
			if got := text[:cursor] + "_" + text[cursor:]; got != want {
				t.Errorf("%T, %q: got %q, want %q", e, tt.keys, got, want)
			}
		}
	}
}
