package session

import (
	"errors"
	"io"

	"parley/chat"
)

// Ask asks for a line that is not shown while it is typed. It returns what AskShown does.
func (s *Session) Ask(prompt string) (string, error) {
	s.spoken() // the terminal may take its time to answer
	show := hideInput(s.term, s.server.answerTimeout())
	if show == nil && !s.warned {
		s.warned = true
		s.say("cannot hide")
	}
	before, secret := s.editor, newSecretEditor()
	s.editor = secret
	line, err := s.AskShown(prompt)
	s.editor = before
	s.skipPasted(&secret.keys)
	if show != nil {
		show()
		if s.term.EditsLines() && (err == nil || errors.Is(err, chat.ErrLineTooLong)) {
			s.out, s.atPrompt = append(s.out, '\n'), false // the Enter was hidden with the rest
		}
	}
	return line, err
}

// AskShown reads the answer to a question, with the present editor. It returns ErrLineTooLong, ErrCancelled for an
// interrupt and where the terminal has sent credentials instead, and what ended the input.
func (s *Session) AskShown(prompt string) (string, error) {
	s.setPrompt(prompt)
	defer s.dropPrompt()
	s.pager = pager{}
	for {
		action, err := s.nextAnswer()
		if err != nil {
			s.screen.Leave()
			return "", err
		}
		switch action {
		case Submit:
			s.compose()
			s.screen.Enter()
			s.speaking.Store(true)
			return s.editor.Take()
		case Interrupt:
			s.screen.Leave()
			return "", chat.ErrCancelled
		case EOF:
			s.compose() // the keys before it may have emptied the line
			s.screen.Leave()
			if s.me != nil && s.inputEnd == nil { // it ends the question of a command, not the session
				return "", chat.ErrCancelled
			}
			return "", io.EOF
		case Presented:
			s.screen.Leave()
			_, _ = s.editor.Take()
			return "", chat.ErrCancelled
		case Pasted:
			s.pasteOne()
		default:
			s.signal(action)
		}
	}
}

// nextAnswer is nextAction while others are heard, for a session that goes on.
func (s *Session) nextAnswer() (Action, error) {
	s.deliver()
	s.compose()
	if err := s.ended(); err != nil {
		return None, err
	}
	return s.nextAction()
}
