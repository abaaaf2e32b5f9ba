package session

import (
	"bytes"
	"context"
	"errors"
	"os"
	"time"

	"parley/chat"
	"parley/chat/passwd"
)

// maxAhead is how many bytes are read ahead while a line waits for its pace. The rest is held by the peer's system.
const maxAhead = 16 << 10

const interrupt = 0x03

// sleepReading waits for d, in the middle of a command, and reads ahead meanwhile: so an interrupt calls off that
// command and all that was typed before the interrupt, and what the peer asks is answered at once. It returns
// ErrCancelled then, and errEnded.
func (s *Session) sleepReading(ctx context.Context, d time.Duration) error {
	end := time.Now().Add(d)
	for time.Now().Before(end) {
		if i := bytes.LastIndexByte(s.in, interrupt); i >= 0 {
			s.in, s.pasted = s.in[i+1:], 0
			return chat.ErrCancelled
		}
		if len(s.in) >= maxAhead || s.inputEnd != nil {
			return s.waiting(func() error { return s.sleep(ctx, time.Until(end), nil) })
		}
		if err := s.readAhead(end, nil); err != nil {
			return err
		}
	}
	return nil
}

// readAhead reads once, until end at most, or until the turn t is over, if t is not nil: what is called then makes the
// terminal give up reading.
func (s *Session) readAhead(end time.Time, t *passwd.Turn) error {
	buffer := pooled.Get().(*buffers)
	defer pooled.Put(buffer)
	var n int
	var unread error
	err := s.waiting(func() error {
		s.setDeadline(end)
		if t != nil && t.IsOver() { // before the deadline was set
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
