package session

import (
	"context"
	"errors"
	"io"
	"net"

	"parley/chat"
)

// lost reports whether the connection has failed, and nobody has closed it: reason is why the session ends. A peer that
// has said that it sends no more has left.
func (s *Session) lost(reason error) bool {
	switch {
	case errors.Is(s.inputEnd, io.EOF), errors.Is(reason, net.ErrClosed):
		return false
	case errors.Is(reason, chat.ErrTooSlow): // nothing arrives there any more
		return true
	}
	_, failed := errors.AsType[net.Error](reason) // also of the system
	return failed
}

// keeps reports whether the user's seat outlasts a session that ends with that reason.
func (s *Session) keeps(reason error) bool {
	return s.me != nil && (s.lost(reason) || errors.Is(reason, chat.ErrStopped) && s.server.Chat.Suspended())
}

// putDown leaves at the seat what the user was in the middle of.
func (s *Session) putDown(ctx context.Context) {
	var u chat.Unfinished
	if s.prompted && s.phase == commanding && s.lines != nil {
		u.Line, u.Cursor = s.lines.Line()
		if from := s.secretFrom(u.Line); from < len(u.Line) {
			u.Line, u.Cursor = u.Line[:from], min(u.Cursor, from)
		}
	}
	if t := s.talking; t != nil && !t.Over {
		u.Talk = &t.To
	}
	if u != (chat.Unfinished{}) {
		s.server.Chat.PutDown(ctx, s.me, s, u)
	}
}

// takeUp goes on with what the user was in the middle of at the connection before. What was typed there is put into the
// line if nothing stands in it, and said if it cannot be put there.
func (s *Session) takeUp() {
	if s.phase != commanding || !s.prompted || !s.me.HasUnfinished() || s.prompt != s.commandPrompt() {
		return
	}
	u := s.me.TakeUnfinished()
	if u == nil {
		return
	}
	if u.Talk != nil && s.talking == nil {
		if s.server.Chat.Reaches(s.me, *u.Talk) {
			s.Talk(u.Talk)
			s.setPrompt(s.commandPrompt())
		}
	}
	switch {
	case u.Line == "":
	case s.term.EditsLines(), s.lines == nil, !s.lines.Empty(), len(s.in) > 0:
		s.say("half-typed", visible(u.Line))
	default:
		s.lines.SetLine(u.Line, u.Cursor)
	}
}
