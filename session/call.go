package session

import (
	"context"
	"errors"
	"io"
	"strings"

	"parley/chat"
	"parley/chat/passwd"
	"parley/commands"
	"parley/words"
)

// What follows is what a session does for the command that it runs, beside what other files have of that.

// refuse tells the user why not; what is no refusal is logged.
func (s *Session) refuse(err error) {
	if !chat.IsRefusal(err) {
		s.server.log().Error("command", "user", s.name(), "remote", s.term.RemoteAddr(), "err", err)
	}
	if !errors.Is(err, chat.ErrNoWhy) {
		s.rare().refused = err
	}
	s.sayWhy(err)
}

// Refused returns what was refused last, or nil.
func (s *Session) Refused() error {
	if s.rarely == nil {
		return nil
	}
	return s.rarely.refused
}

func (s *Session) call() *commands.Call {
	return &commands.Call{Chat: s.server.Chat, By: chat.By(s.me), Me: s.me, Session: s, Print: s.printPaged,
		Words: s.look.Words, Reader: s.look.reader, Width: s.screen.lineWidth(), Wait: s.wait,
		Talking: s.talking, Mark: s.mark}
}

// Quit ends the session after the command that is running.
func (s *Session) Quit() { s.phase = leaving }

// Guard keeps password from being said.
func (s *Session) Guard(password string) { s.mark = passwd.NewMark(password) }

// secretFrom returns where in the line that is being typed a password begins, or the line's length.
func (s *Session) secretFrom(line string) int {
	if s.me != nil && (s.talking != nil || strings.HasPrefix(line, ".") || strings.HasPrefix(line, ",")) {
		return s.server.Commands.Secret(s.call(), line)
	}
	return s.server.Commands.SecretFrom(line)
}

// Ask asks for a secret.
func (s *Session) Ask(ctx context.Context, prompt string) (string, error) {
	return s.readSecret(prompt)
}

// AskShown asks for what may be seen while it is typed.
func (s *Session) AskShown(ctx context.Context, prompt string) (string, error) {
	line, err := s.readLine(prompt)
	return line, s.calledOff(err)
}

// calledOff returns err, or ErrCancelled for a Ctrl-D at a question of a command: it ends the question, not the
// session.
func (s *Session) calledOff(err error) error {
	if s.me != nil && errors.Is(err, io.EOF) && s.inputEnd == nil {
		return chat.ErrCancelled
	}
	return err
}

// print puts text above the prompt.
func (s *Session) print(text string) { s.screen.Print(s.look.charset.fit(text)) }

// words has the sentences that the user reads.
func (s *Session) words() *words.Table {
	if s.look.Words == nil {
		return s.server.words()
	}
	return s.look.Words
}

// say puts the sentence of that code above the prompt.
func (s *Session) say(code string, args ...any) { s.print(s.words().Say(code, args...)) }

// sayWhy puts the sentence for err above the prompt.
func (s *Session) sayWhy(err error) { s.print(s.words().Sentence(err)) }
