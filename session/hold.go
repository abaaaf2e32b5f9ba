package session

import (
	"context"
	"errors"
	"os"
	"time"

	"parley/chat"
	"parley/commands"
)

// A user who wants it has a moment to take back what was said last. The session keeps whom it is for and what it says,
// and sends it when its time is over or the next line is entered. So there is one at most, and the order is kept.

// holdTime is how long it waits, and holdTimeHeard how long for those who hear what they have typed.
const (
	holdTime      = 3 * time.Second
	holdTimeHeard = 9 * time.Second
)

// A held is what waits.
type held struct {
	commands.Speech
	line string // as it was typed
	due  bool   // its time is over
}

// Delays reports whether what the user says is to wait: not where no key would take it back.
func (s *Session) Delays() bool { return s.look.hold && !s.term.EditsLines() }

// Delay makes what the user says wait. Nothing else waits then.
func (s *Session) Delay(what commands.Speech) {
	s.rare().held = &held{Speech: what}
	lasts := holdTime
	if s.look.reader {
		lasts = holdTimeHeard
	}
	s.setDeadline(time.Now().Add(lasts))
}

// held returns what waits, nil for nothing.
func (s *Session) held() *held {
	if s.rarely == nil {
		return nil
	}
	return s.rarely.held
}

// heldDue reports whether what waits is to be sent.
func (s *Session) heldDue() bool { h := s.held(); return h != nil && h.due }

// heldOver notes that the time is over, if that is what err, of reading, says.
func (s *Session) heldOver(err error) bool {
	h := s.held()
	if h == nil || s.ended() != nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	h.due = true
	return true
}

// takeHeld returns what waits, nil for nothing, and has it wait no longer.
func (s *Session) takeHeld() *held {
	h := s.held()
	if h != nil {
		s.rarely.held = nil
		s.setDeadline(time.Time{})
	}
	return h
}

// sendHeld sends what waits.
func (s *Session) sendHeld(ctx context.Context) {
	h := s.takeHeld()
	if h == nil {
		return
	}
	s.speaking.Store(true)
	err := s.admit(len(h.Text.String()))
	if err == nil {
		err = s.call().Send(ctx, h.Speech)
	}
	switch {
	case errors.Is(err, errEnded):
		s.rarely.held = h // to be told at the end
	case err != nil:
		s.refuse(err)
	}
}

// takeBack puts what waits into the line again, if nothing else was typed there.
func (s *Session) takeBack() {
	switch h := s.takeHeld(); {
	case h != nil && s.lines.Empty():
		s.lines.SetLine(h.line, len(h.line))
		s.say("taken back")
	case h != nil:
		s.say("taken back, typing")
	case s.Delays():
		s.say("nothing to take back")
	}
}

// dropHeld throws away what waits: the user has called it off.
func (s *Session) dropHeld() {
	if s.takeHeld() != nil {
		s.say("taken back")
	}
}

// loseHeld throws away what waits when the session ends for that reason. Where a line that was begun is left for the
// next connection, it is as if it had not been entered; if that cannot be, and where the user has moved to another
// place, the user is told.
func (s *Session) loseHeld(ctx context.Context, reason error, left bool) {
	h := s.held()
	if h == nil {
		return
	}
	s.rarely.held = nil
	s.say("held lost")
	switch {
	case left && s.prompted && s.lines != nil && s.lines.Empty():
		s.lines.SetLine(h.line, len(h.line))
	case left, errors.Is(reason, chat.ErrMoved):
		if err := s.server.Chat.TellUnsent(ctx, s.me, chat.Clean(h.line)); err != nil {
			s.server.log().Warn("nobody told what was not sent", "user", s.name(), "err", err)
		}
	}
}
