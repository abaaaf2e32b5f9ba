package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"parley/chat"
	"parley/chat/passwd"
)

// maxAhead is how many bytes are read ahead while a line waits for its pace. The rest is held by the peer's system.
const maxAhead = 16 << 10

const interrupt = 0x03

// sleepReading waits for d, or until the turn t, which may be nil, is over, in the middle of a command, and reads ahead
// meanwhile: so an interrupt calls off that command and all that was typed before the interrupt, and what the peer asks
// is answered at once. It returns ErrCancelled then, errEnded, and to who waits for a turn that the connection is lost.
func (s *Session) sleepReading(ctx context.Context, d time.Duration, t *passwd.Turn) error {
	end := time.Now().Add(d)
	for time.Now().Before(end) && !t.IsOver() {
		if i := bytes.LastIndexByte(s.in, interrupt); i >= 0 {
			s.in, s.pasted = s.in[i+1:], 0
			return chat.ErrCancelled
		}
		said := errors.Is(s.inputEnd, io.EOF) && s.term.EditsLines() // a script has said all
		switch {
		case s.inputEnd != nil && t != nil && !said:
			return s.inputEnd
		case s.inputEnd != nil, len(s.in) >= maxAhead:
			return s.waiting(func() error { return s.sleep(ctx, time.Until(end), t) })
		}
		if err := s.readAhead(end, t); err != nil {
			return err
		}
	}
	return nil
}

// readAhead reads once, until end at most, or until the turn t is over: what is called then makes the terminal give up
// reading.
func (s *Session) readAhead(end time.Time, t *passwd.Turn) error {
	buffer := pooled.Get().(*buffers)
	defer pooled.Put(buffer)
	var n int
	var unread error
	err := s.waiting(func() error {
		s.setDeadline(end)
		if t.IsOver() { // before the deadline was set
			s.stopReading()
		}
		n, unread = s.term.Read(buffer.in[:])
		s.setDeadline(time.Time{})
		return s.ended()
	})
	s.in = append(s.in, buffer.in[:n]...) // within s.buffers, if there is room
	s.typed()
	switch {
	case err != nil:
		return errEnded
	case chat.IsRefusal(unread): // the door's, of what was sent
		s.End(unread)
		return errEnded
	case unread != nil && !errors.Is(unread, os.ErrDeadlineExceeded):
		s.inputEnd = unread
	}
	return nil
}
