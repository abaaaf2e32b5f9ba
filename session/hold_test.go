package session

import (
	"io"
	"strings"
	"testing"
	"time"
)

// TestHold tests what becomes of a line that can be taken back: it is heard once or never, and its speaker knows.
func TestHold(t *testing.T) {
	const waits = 2900 * time.Millisecond
	for _, tt := range []struct {
		name, keys string
		lasts      time.Duration
		heard      bool
		shown      string // to the speaker
	}{
		{"before its time", "", waits, false, ""},
		{"when its time is over", "", holdTime, true, "!!guest2!!: hello"},
		{"at the next line", "help say\n", 0, true, "!!guest2!!: hello"},
		{"at an empty line", "\n", 0, true, "!!guest2!!: hello"},
		{"while something is typed", "help", holdTime, true, "!!guest2!!: hello"},
		{"at the end", "\x04", 0, true, "See you next time."},
		{"taken back", "\x18", holdTime, false, "Taken back."},
		{"taken back into the line", "\x18\n", waits, false, "shout hello"},
		{"taken back and sent again", "\x18\n", 2 * holdTime, true, "!!guest2!!: hello"},
		{"taken back while something is typed", "he\x18", holdTime, false, "That was not sent."},
		{"too late", "\n\x18", 0, true, "There is nothing to take back"},
		{"called off", "\x03", holdTime, false, "Taken back."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inside(t, func(t *testing.T) {
				h := newHouse(t)
				hearer, speaker := h.guest(), h.holds("shout hello")
				h.sees(speaker, "three seconds")
				speaker.types(tt.keys)
				time.Sleep(tt.lasts)
				n := strings.Count(hearer.shown(), "!!guest2!!: hello")
				if n > 1 || n == 1 != tt.heard {
					t.Errorf("heard %d times", n)
				}
				h.sees(speaker, tt.shown)
			})
		})
	}
}

// holds returns a guest from afar who sends each key, and has said line, which is held.
func (h *house) holds(line string) *guest {
	h.Helper()
	f := newFake()
	f.keys = true
	g := h.comes(f, f, faraway)
	g.types("guest\nhold on\n" + line + "\n")
	return g
}

// TestHoldHungUp tests that a line that waits is not sent when its speaker has hung up, and that this is said.
func TestHoldHungUp(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		hearer, speaker := h.guest(), h.holds("shout hello")
		speaker.do(func() { speaker.hungUp = true })
		h.ends(speaker, io.EOF)
		if strings.Contains(hearer.shown(), "hello") {
			t.Error("heard")
		}
		h.sees(speaker, "What you said last was not sent.")
	})
}
