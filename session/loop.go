package session

import (
	"context"
	"errors"
	"io"
	"time"

	"parley/chat"
	"parley/commands"
	"parley/internal/crash"
)

// do is what a worker does for the session when it begins, and whenever there is input: then it rests again, or ends.
func (s *Session) do() {
	s.turn.Take()
	err := s.safely(s.step)
	if err == nil && s.phase < leaving {
		s.yield()
		// It may be at work again before this returns: nothing of it may be touched then.
		if err = s.safely(s.await); err == nil {
			return
		}
		s.turn.Take()
	}
	s.finish(err)
}

// safely calls f, and returns its error, or one that ends the session after a panic.
func (s *Session) safely(f func() error) (err error) {
	err = crash.ErrPanic
	defer s.recovered("session")
	return f()
}

// step does what the session is at.
func (s *Session) step() error {
	ctx := working{s.ctx, s}
	switch s.phase {
	case arriving:
		return s.arrive(ctx)
	case commanding:
		return s.attend(ctx)
	}
	return nil
}

// await makes the session rest until there is input.
func (s *Session) await() error {
	s.input().AwaitInput(s.ready)
	return nil
}

// finish ends the session, once: it may be called for again where resting itself has failed.
func (s *Session) finish(err error) {
	if s.phase == gone {
		s.turn.Give()
		return
	}
	ctx, reason := context.WithoutCancel(s.ctx), s.why(err)
	_ = s.safely(func() error { // it is over in any case
		left := s.keeps(reason) || s.me != nil && errors.Is(reason, chat.ErrMoved) && s.me.Linked()
		if s.loseHeld(ctx, reason, left); left {
			s.putDown(ctx)
		}
		return nil
	})
	s.noteSlow()
	if s.phase != over {
		_ = s.safely(func() error { // it is over in any case
			s.sayGoodbye(err)
			return nil
		})
	}
	defer s.done(reason)
	defer s.recovered("end")
	s.close(ctx, reason)
}

// arrive finds out who is there, and shows the first prompt for commands.
func (s *Session) arrive(ctx context.Context) error {
	s.pass.OnExpel(s.End)
	s.limitLogin()
	s.borrow()
	if err := s.greet(ctx); err != nil {
		return err
	}
	who := s.askWho
	if s.known() {
		who = s.enterKnown
	}
	if err := who(ctx); err != nil || s.phase == leaving {
		return err
	}
	s.setDeadline(time.Time{})
	s.phase, s.visitor = commanding, nil
	s.screen.Paste = true
	s.offer()
	return s.obey(ctx, false)
}

// attend reads what has come at the command line, and does what it says.
func (s *Session) attend(ctx context.Context) error {
	more := false
	if len(s.in) == 0 {
		more = s.receive()
	}
	if len(s.in) == 0 && s.inputEnd == nil && !s.heldDue() { // what came was no text
		err := s.heed()
		s.rest()
		return err
	}
	return s.obey(ctx, more)
}

// obey does what the input says that was read, and reads on while there may be more. It returns when more is to be
// waited for.
func (s *Session) obey(ctx context.Context, more bool) error {
	for {
		action, err := s.feed(), s.ended()
		if err == nil && action == None {
			switch {
			case s.inputEnd != nil:
				action, err = s.lastAction()
			case s.heldDue():
				s.sendHeld(ctx)
				s.offer()
				continue
			default:
				if err = s.catchUp(); err != nil {
					return err
				}
				if !more {
					s.rest()
					return nil
				}
				more = s.receive()
				continue
			}
		}
		if err != nil {
			s.screen.Leave()
			return err
		}
		if err := s.act(ctx, action); err != nil || s.phase == leaving {
			return err
		}
		if len(s.in) == 0 {
			s.spoken() // before the answer: what others say meanwhile is part of it
		}
		s.offer()
	}
}

// act does what a key at the command line asks for.
func (s *Session) act(ctx context.Context, action Action) error {
	switch action {
	case Submit:
		s.compose()
		s.screen.Enter()
		s.dropPrompt()
		line, err := s.editor.Take()
		return s.command(ctx, line, err)
	case EOF:
		s.compose() // the keys before it may have emptied the line
		s.screen.Leave()
		s.sendHeld(ctx)
		s.phase = leaving
		return io.EOF
	case Interrupt:
		s.screen.Leave()
		s.dropHeld()
	case TakeBack:
		s.takeBack()
	case Complete:
		s.complete(ctx)
	case Pasted:
		s.sendHeld(ctx) // the answer may take its time
		return s.askPasted()
	default:
		s.signal(action)
	}
	return nil
}

// offer shows the command line, and what came meanwhile above it.
func (s *Session) offer() {
	s.flushMoves()
	if !s.prompted {
		s.adopt()
		s.setPrompt(s.commandPrompt())
	}
	s.takeUp()
	s.deliver()
	s.tellChannels()
	s.compose()
}

// catchUp writes what there is, before more is read.
func (s *Session) catchUp() error {
	s.compose()
	return s.flush()
}

// command does what a line says that was entered; unread is why it could not be taken, if so.
func (s *Session) command(ctx context.Context, line string, unread error) error {
	s.sendHeld(ctx)
	s.me.Entered()
	if unread != nil {
		s.sayWhy(unread)
		return nil
	}
	s.lines.Remember(line)
	s.flushMoves()
	s.speaking.Store(true)
	before := s.talking
	s.openPager()
	err := s.keepPace(ctx, commands.Unpaced)
	if err == nil {
		err = s.server.Commands.Run(ctx, s.call(), line)
	}
	s.pager = pager{}
	if h := s.held(); h != nil {
		h.line = line
	}
	switch {
	// it waited, or asked something, when that came
	case err != nil && (s.ended() != nil || errors.Is(err, s.inputEnd)):
		return err
	case err != nil:
		s.refuse(err)
	}
	if errors.Is(err, chat.ErrLooksLikePassword) {
		s.lines.Disown()
	}
	s.afterTalk(before)
	if s.failures >= MaxFailures {
		s.phase = leaving
	}
	return nil
}
