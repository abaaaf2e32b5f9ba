package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"parley/chat"
	"parley/chat/passwd"
)

// awaitHash waits until it is the session's turn to have a password hashed, and tells the user how long that takes. The
// door does not count the visitor among those who keep a place from others meanwhile, and what is typed is read ahead:
// an interrupt gives the turn up, and so does a connection that is lost.
func (s *Session) awaitHash(ctx context.Context, t *passwd.Turn) error {
	s.pass.Waits(true)
	defer s.pass.Waits(false)
	t.OnOver(s.stopReading)
	defer func() {
		if t.OnOver(nil); s.me == nil {
			s.limitLogin() // the wait does not count
		} else {
			s.setDeadline(time.Time{})
		}
	}()
	for next := time.Now().Add(passwd.TellAfter); !t.IsOver(); {
		if !time.Now().Before(next) {
			number, about := t.Place()
			s.say("queued", number, about)
			next = time.Now().Add(passwd.TellAgain)
		}
		if i := bytes.LastIndexByte(s.in, interrupt); i >= 0 {
			s.in, s.pasted = s.in[i+1:], 0
			return chat.ErrCancelled
		}
		var err error
		switch {
		case s.inputEnd == nil && len(s.in) < maxAhead:
			err = s.readAhead(next, t)
		case s.inputEnd == nil, s.term.EditsLines() && errors.Is(s.inputEnd, io.EOF): // a script has said all
			err = s.waiting(func() error { return s.sleep(ctx, time.Until(next), t.Over()) })
		default:
			err = s.inputEnd
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stopReading makes a read return at once, without having read. It may be called from any goroutine.
func (s *Session) stopReading() { _ = s.term.SetReadDeadline(time.Unix(1, 0)) }
