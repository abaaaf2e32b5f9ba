package session

import (
	"strconv"

	"parley/chat"
	"parley/commands"
)

// Talk makes lines that are no commands go to t.
func (s *Session) Talk(t *chat.Target) {
	if t == nil {
		s.talkTo(nil)
	} else {
		s.talkTo(&commands.Talking{To: *t})
	}
	s.me.WatchTarget(t)
}

// talkTo is Talk for what commands read of it. Commands are shown as they are to be typed from now on.
func (s *Session) talkTo(t *commands.Talking) {
	s.talking = t
	s.relook()
}

// commandPrompt is the prompt for commands. It shows where plain lines go.
func (s *Session) commandPrompt() string {
	target := ""
	if t := s.talking; t != nil && !t.Over {
		target = t.To.User.Name
		if t.To.IsRoom() {
			target = s.words().Say("room in prompt", t.To.Called())
		}
	}
	switch s.look.prompt {
	case promptNone:
		return ""
	case promptShort:
		return target + "> "
	}
	if target != "" {
		target = " " + target
	}
	return "<" + s.me.User.Name + ":" + strconv.FormatInt(s.me.Lines(), 10) + target + "> "
}

// afterTalk follows a line, before which lines went to before: it ends the talk with a user or a room that is no longer
// there.
func (s *Session) afterTalk(before *commands.Talking) {
	t := s.talking
	switch {
	case t == nil:
		return
	case t.Over:
		if t == before { // that was the line that may have been meant for it
			s.talkTo(nil)
		}
		return
	}
	if !s.server.Chat.Reaches(s.me, t.To) {
		s.talkLost()
	}
}

// went ends the talk with u, who has left. It reports whether nothing more is to be said of that: u is not watched.
func (s *Session) went(u chat.User) bool {
	if t := s.talking; t != nil && t.To.User.ID == u.ID {
		s.talkLost()
		return true
	}
	return !s.me.Watches(u)
}

// closed ends to talk to the room of that number.
func (s *Session) closed(room int) {
	if t := s.talking; t != nil && t.To.IsRoom() && t.To.Room == room {
		s.talkLost()
	}
}

// talkLost ends the talk with a user or a room that is no longer there. What was typed for them already must not become
// a command.
func (s *Session) talkLost() {
	t := s.talking
	if t.Over {
		return
	}
	if t.To.IsRoom() {
		s.say("talk room lost", t.To.Called())
	} else {
		s.say("talk lost", t.To.User.Name)
	}
	s.dropPasted()
	s.me.WatchTarget(nil)
	atPrompt := s.prompt == s.commandPrompt()
	if s.term.EditsLines() || s.editor != s.lines || !s.editor.Empty() || len(s.in) > 0 {
		s.talkTo(&commands.Talking{To: t.To, Over: true})
	} else {
		s.talkTo(nil)
	}
	if atPrompt {
		s.prompt = s.commandPrompt()
	}
}
