package telnet

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
)

// A slit is a connection that takes so many bytes at the first try, and everything later.
type slit struct {
	net.Conn
	first int
	tries int
	taken []byte
}

func (s *slit) TryRead([]byte) (int, error) { return 0, nil }
func (s *slit) AwaitInput(ready func())     { ready() }

func (s *slit) TryWrite(p []byte) (int, error) {
	if s.tries++; s.tries == 1 {
		p = p[:min(s.first, len(p))]
	}
	s.taken = append(s.taken, p...)
	return len(p), nil
}

// TestTryWriteCut tests that the same arrives wherever the system cuts a write: in a command that was queued, a doubled
// byte, the end of a line, or the mark of a prompt.
func TestTryWriteCut(t *testing.T) {
	const text = "a\xffb\n\xff\xff\r\n\n> "
	whole := "\xff\xfb\x01\xff\xfb\x03" + strings.NewReplacer("\xff", "\xff\xff", "\r\n", "\r\n", "\n",
		"\r\n").Replace(text) + "\xff\xf9"
	for first := range len(whole) + 1 {
		s := &slit{first: first}
		c := newConn(s, nil)
		c.kind, c.opened = kindMUD, true
		c.queue = []byte("\xff\xfb\x01\xff\xfb\x03")
		n, err := c.TryWrite([]byte(text), true)
		if short := first < len(whole); short != errors.Is(err, io.ErrShortWrite) || err != nil && !short {
			t.Fatalf("cut at %d: %v", first, err)
		}
		if err != nil {
			if _, err := c.WritePrompt([]byte(text[n:])); err != nil {
				t.Fatalf("cut at %d: %v", first, err)
			}
		}
		if string(s.taken) != whole {
			t.Errorf("cut at %d of %q: got %q", first, whole, s.taken)
		}
		if !c.turn.Try() || len(c.queue) > 0 {
			t.Errorf("cut at %d: left %q", first, c.queue)
		}
	}
}
