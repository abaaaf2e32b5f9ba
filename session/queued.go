package session

import (
	"context"
	"time"

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
	for wait := passwd.TellAfter; !t.IsOver(); wait = passwd.TellAgain {
		if err := s.sleepReading(ctx, wait, t); err != nil {
			return err
		}
		if !t.IsOver() {
			number, about := t.Place()
			s.say("queued", number, about)
		}
	}
	return nil
}

// stopReading makes a read return at once, without having read. It may be called from any goroutine.
func (s *Session) stopReading() { _ = s.term.SetReadDeadline(time.Unix(1, 0)) }
