package session

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"parley/chat"
	"parley/words"
)

// statusRequest is what directories of MUDs enter in place of a name, in these letters, to be told what server this is.
const statusRequest = "MSSP-REQUEST"

// MaxFailures is how many logins may be refused on one connection.
const MaxFailures = 3

// greet shows the banner, with the first prompt for a visitor who is to be asked, and finds out what sits at the other
// end. A visitor who is banned reads only that.
func (s *Session) greet(ctx context.Context) error {
	switch err := s.server.Chat.MayConnect(ctx, s.Source()); {
	case chat.IsRefusal(err):
		s.End(err)
		return err
	case err != nil:
		s.server.broke("bans not looked at", err, "remote", s.term.RemoteAddr())
	}
	banner := s.server.texts().Banner
	if s.Encrypted() {
		banner = s.server.texts().Encrypted
	}
	if hasColour(banner) || s.visitor.Tells { // it takes its time to find out who can see that
		_ = settle(s.term, s.server.answerTimeout()) // an error of reading comes again
		s.meet()
		s.compose()
	}
	if !s.known() && !s.look.reader {
		s.say("screen reader?")
	}
	s.printText(banner)
	if port := s.visitor.TLSPort; port != 0 {
		s.say("come encrypted", int(port))
	}
	if !s.known() {
		s.sayHowToEnter()
		s.setPrompt(s.words().Say("ask user"))
	}
	s.useEditor()
	s.compose()
	if err := s.flush(); err != nil {
		return err
	}
	// An error of reading comes again when the next line is read.
	_ = settle(s.term, s.server.answerTimeout())
	s.meet()
	if s.look.reader {
		s.say("reader form on")
		s.limitLogin()
	}
	return nil
}

// limitLogin sets how long the visitor may take to log in, from now on: somebody who hears what others see, three times
// as long.
func (s *Session) limitLogin() {
	d := s.server.loginTimeout()
	if s.look.reader {
		d *= 3
	}
	s.setDeadline(time.Now().Add(d))
}

// known reports whether the visitor need not be asked for a name: the door knows who that is.
func (s *Session) known() bool { return s.visitor.User != (chat.User{}) }

// enterKnown brings the visitor in as the user that the door knows. It ends the session if the user may not enter.
func (s *Session) enterKnown(ctx context.Context) (err error) {
	if err := s.ended(); err != nil {
		return err
	}
	u, proof := s.visitor.User, s.visitor.Proof
	switch {
	case u.Guest:
		err = s.enterAsGuest(ctx)
	case proof.User == u:
		err = s.enterProved(ctx, proof)
	default:
		err = s.enter(ctx, u)
	}
	switch {
	case err == nil:
		return nil
	case s.inputEnd != nil, errors.Is(err, io.EOF): // at a question
		return err
	case errors.Is(err, os.ErrDeadlineExceeded) && s.ended() == nil:
		s.pass.Late()
		err = chat.ErrLate
	case errors.Is(err, chat.ErrLogin): // which speaks of a password, and nobody has typed one
		err = chat.ErrAccountGone
	case !chat.IsRefusal(err):
		s.server.broke("login", err, "user", u.Name, "remote", s.term.RemoteAddr())
	}
	s.End(err)
	return err
}

// askWho asks for a name, and a password where there is one, until somebody is logged in or has quit.
func (s *Session) askWho(ctx context.Context) error {
	for s.me == nil && s.phase == arriving {
		s.adopt()
		name, err := s.AskShown(s.words().Say("ask user"))
		if err == nil {
			name = strings.TrimFunc(name, unicode.IsSpace)
			if hides(name) {
				err = chat.ErrHidden.With(name)
			} else {
				err = s.enterAs(ctx, name)
			}
		}
		for s.presented() {
			err = s.enterByClient(ctx)
		}
		switch {
		case err == nil, errors.Is(err, chat.ErrCancelled):
		case s.inputEnd == nil && s.ended() == nil && !errors.Is(err, io.EOF):
			s.refuse(err)
		default:
			if errors.Is(err, os.ErrDeadlineExceeded) && s.ended() == nil {
				s.pass.Late()
				s.sayWhy(chat.ErrLate)
			}
			return err
		}
		if s.failures >= MaxFailures {
			return chat.ErrLogin
		}
	}
	return nil
}

// hides reports whether there is more in name than can be seen.
func hides(name string) bool {
	hidden := func(r rune) bool { return chat.Blank(r) && !unicode.IsSpace(r) }
	return chat.Clean(name).String() != name || strings.ContainsFunc(name, hidden)
}

// enterAs does what was entered at the prompt for a name: it tries to log in with it, or does the command that it is.
func (s *Session) enterAs(ctx context.Context, name string) error {
	switch {
	case name == "":
		return nil
	case name == statusRequest && s.server.Status != nil:
		s.screen.PrintRows(s.server.Status())
		return nil
	}
	account, err := s.server.Chat.HasAccount(ctx, name)
	if err != nil {
		return err
	}
	if !account && chat.IsLinkCode(name) {
		return s.enterByLink(ctx, name)
	}
	if !account && strings.EqualFold(name, "reader") {
		before := s.look.reader
		s.asReader = true
		if s.relook(); !before { // more time is given once
			s.limitLogin()
		}
		s.say("reader form on")
		s.sayHowToEnter()
		return nil
	}
	if !account {
		if word, rest, ok := s.server.Commands.Begins(name); ok {
			return s.commandBeforeLogin(ctx, word, rest)
		}
	}
	guest := strings.EqualFold(name, "guest")
	if account || !guest && s.server.Chat.Guests() == chat.GuestsOff {
		return s.enterWithPassword(ctx, name)
	}
	if err := s.enterAsGuest(ctx); err != nil {
		return err
	}
	if !guest {
		s.say("no account", name)
	}
	return nil
}

// enterByLink moves a session here by its code.
func (s *Session) enterByLink(ctx context.Context, code string) error {
	u, err := s.server.Chat.Redeem(ctx, code, s.Source())
	if err == nil {
		err = s.enter(ctx, u)
	}
	s.countFailure(err)
	return err
}

// enterWithPassword asks for the password of the user called name, and logs in.
func (s *Session) enterWithPassword(ctx context.Context, name string) error {
	password, err := s.Ask(s.words().Say("ask password"))
	if err != nil {
		return err
	}
	return s.Login(ctx, name, password)
}

// enterAsGuest makes the session that of a new guest.
func (s *Session) enterAsGuest(ctx context.Context) error {
	me, err := s.server.Chat.Guest(ctx, s)
	if err != nil {
		return err
	}
	s.me = me        // who has set nothing: all looks as before
	s.lines.Forget() // what the user before has typed
	s.pass.LoggedIn()
	s.welcomeGuest()
	return nil
}

// commandBeforeLogin does the command that was entered where a name was asked for, as far as it makes sense there.
func (s *Session) commandBeforeLogin(ctx context.Context, command, rest string) error {
	switch command {
	case "quit", "exit":
		s.Quit()
		return nil
	case "login":
		name, more, _ := strings.Cut(rest, " ")
		switch {
		case more != "":
			return chat.ErrUsage.With(words.Usage("login <user>"))
		case strings.EqualFold(name, "guest"):
			return s.enterAsGuest(ctx)
		case name != "":
			return s.enterWithPassword(ctx, name)
		}
	case "register":
		if err := s.enterAsGuest(ctx); err != nil {
			return err
		}
		s.setDeadline(time.Time{}) // a guest may take time to think of a password
		err := s.server.Commands.Register(ctx, s.call(), rest)
		if chat.IsRefusal(err) { // also that it was called off
			s.sayWhy(err)
			return nil
		}
		return err
	case "help":
	default:
		s.say("not logged in")
	}
	s.sayHowToEnter()
	return nil
}

// countFailure counts a login that was refused because of what was typed.
func (s *Session) countFailure(err error) {
	if errors.Is(err, chat.ErrLogin) || errors.Is(err, chat.ErrManyTries) || errors.Is(err, chat.ErrNoLink) {
		s.failures++
		s.pass.Failed()
		// Not with the name: it may be a password that went into the wrong line.
		s.server.log().Warn("login refused", "remote", s.term.RemoteAddr(), "failures", s.failures)
	}
}

// enter turns the session into that of u, who has shown who that is.
func (s *Session) enter(ctx context.Context, u chat.User) error {
	me, welcome, err := s.server.Chat.Enter(ctx, u, s)
	if err != nil {
		return err
	}
	if s.me != nil && s.me != me {
		s.server.Chat.Quit(ctx, s.me, s)
	}
	s.me, s.failures, s.talking, s.mark = me, 0, nil, nil
	s.paused = false
	s.forgetRare()
	s.relook()
	s.lines.Forget() // what the user before has typed
	s.server.log().Info("login", "user", me.User.Name, "remote", s.term.RemoteAddr())
	s.pass.LoggedIn()
	s.welcomeUser(welcome)
	return nil
}
