package session

import (
	"errors"
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
		s.server.broke("command", err, "user", s.name(), "remote", s.term.RemoteAddr())
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

// print puts text above the prompt.
func (s *Session) print(text string) { s.screen.Print(s.look.charset.fit(text)) }

// words has the sentences that the user reads.
func (s *Session) words() *words.Table { return s.look.Words }

// say puts the sentence of that code above the prompt.
func (s *Session) say(code string, args ...any) { s.print(s.words().Say(code, args...)) }

// sayWhy puts the sentence for err above the prompt.
func (s *Session) sayWhy(err error) { s.print(s.words().Sentence(err)) }
