package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"parley/chat"
	"parley/commands"
)

// maxFailures is how many logins may be refused on one connection.
const maxFailures = 3

// greet shows the banner and finds out what sits at the other end. Who is banned reads only that.
func (s *Session) greet(ctx context.Context) error {
	switch err := s.server.Chat.MayConnect(ctx, s.Source()); {
	case chat.IsRefusal(err):
		s.End(err)
		return err
	case err != nil:
		s.server.log().Error("bans not looked at", "remote", s.term.RemoteAddr(), "err", err)
	}
	s.printText(s.server.texts().Banner)
	s.compose()
	if err := s.flush(); err != nil {
		return err
	}
	// An error of reading comes again when the next line is read.
	_ = s.term.Settle(s.server.answerTimeout())
	s.useEditor()
	return nil
}

// login asks for a name, and a password where there is one, until somebody is logged in.
func (s *Session) login(ctx context.Context) error {
	for s.me == nil {
		s.adopt()
		name, err := s.readLine("Enter your username: ")
		if err == nil {
			name = strings.TrimFunc(name, unicode.IsSpace)
			if err = chat.ErrHidden.With(name); chat.Clean(name).String() == name {
				err = s.enterAs(ctx, name)
			}
		}
		switch {
		case err == nil, errors.Is(err, chat.ErrCancelled):
		case s.inputEnd == nil && s.ended() == nil && !errors.Is(err, io.EOF):
			s.refuse(err)
		default:
			if s.late = errors.Is(err, os.ErrDeadlineExceeded) && s.ended() == nil; s.late {
				s.print(chat.Sentence(chat.ErrLate))
			}
			return err
		}
		if s.failures >= maxFailures {
			return chat.ErrLogin
		}
	}
	s.setDeadline(time.Time{})
	return nil
}

// enterAs tries to log in with the name that was entered.
func (s *Session) enterAs(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	account, err := s.server.Chat.HasAccount(ctx, name)
	guest := strings.EqualFold(name, "guest")
	if err != nil {
		return err
	}
	if account || !guest && s.server.Chat.Guests() == chat.GuestsOff {
		password, err := s.readSecret(commands.PasswordPrompt)
		if err != nil {
			return err
		}
		return s.Login(ctx, name, password)
	}
	me, err := s.server.Chat.Guest(ctx, s)
	if err != nil {
		return err
	}
	s.me = me
	s.forget()
	s.visitor.Pass.LoggedIn()
	if !guest {
		s.print(`There is no account named "` + name + `": you are a guest. Use "login <name>" to try again.`)
	}
	s.printText(s.server.texts().MOTD)
	if s.server.Chat.Guests() == chat.GuestsChat {
		s.print("You are logged in as a guest. You can use all commands, until you leave.")
	} else {
		s.print("You are logged in as a guest. You can use: register, login, who, rooms, status, help, quit, exit.")
	}
	return nil
}

// Login turns the session into that of the user called name.
func (s *Session) Login(ctx context.Context, name, password string) error {
	me, welcome, err := s.server.Chat.Login(ctx, name, password, s)
	if errors.Is(err, chat.ErrLogin) {
		s.failures++
		s.visitor.Pass.Failed()
		// Not with the name: it may be a password that went into the wrong line.
		s.server.log().Warn("login refused", "remote", s.term.RemoteAddr(), "failures", s.failures)
	}
	if err != nil {
		return err
	}
	if s.me != nil && s.me != me {
		s.server.Chat.Quit(ctx, s.me, s)
	}
	s.me, s.failures = me, 0
	s.forget()
	s.server.log().Info("login", "user", me.User.Name, "remote", s.term.RemoteAddr())
	s.visitor.Pass.LoggedIn()
	s.printText(s.server.texts().MOTD)
	last := "never"
	if !welcome.LastLogin.IsZero() {
		last = welcome.LastLogin.UTC().Format("2006-01-02 15:04 MST")
	}
	s.print(fmt.Sprintf("Last login: %s. Failed attempts since: %d.", last, welcome.Failed))
	for _, line := range s.server.Commands.List(s.me) {
		s.print(line)
	}
	return nil
}
