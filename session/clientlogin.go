package session

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode"

	"parley/chat"
	"parley/gmcp"
)

// The client of a MUD may log its user in by GMCP, with what it has kept of the account, where nobody can read along.
// It is offered that until somebody is logged in. What it sends calls off the question at hand, and is then no other
// than what somebody types: the same limits, and the same questions for what is lacking.

// clientLogin is how far a client has got with that.
type clientLogin struct {
	offered bool
	sent    *gmcp.Credentials // that are to be tried; nil for none
}

// offerLogin tells a client that can log its user in that it may.
func (s *Session) offerLogin() {
	t, ok := s.term.(Messenger)
	if !ok || s.known() || !s.Encrypted() || t.Packages()&gmcp.Logins == 0 || s.rare().client.offered {
		return
	}
	s.rare().client.offered = true
	s.send(gmcp.OfferLogin())
}

// presents reports whether credentials to try have come.
func (s *Session) presents() bool {
	if s.me != nil || s.rarely == nil || !s.rarely.client.offered {
		return false
	}
	sent, ok := s.term.(Messenger).Credentials()
	if ok {
		s.rarely.client.sent = &sent
	}
	return ok
}

// presented reports whether there are credentials to try: the question that was asked was called off for them.
func (s *Session) presented() bool { return s.rarely != nil && s.rarely.client.sent != nil }

// forgetCredentials forgets what came too late.
func (s *Session) forgetCredentials() {
	if t, ok := s.term.(Messenger); ok && s.me != nil {
		_, _ = t.Credentials()
	}
}

// enterByClient logs in with what the client has sent, and answers it.
func (s *Session) enterByClient(ctx context.Context) error {
	sent := s.rarely.client.sent
	s.rarely.client.sent = nil
	name := strings.TrimFunc(sent.Account, unicode.IsSpace)
	var err error
	switch {
	case len(name) > chat.MaxLine || len(sent.Password) > chat.MaxLine:
		err = chat.ErrLineTooLong
	case hides(name):
		err = chat.ErrHidden.With(name)
	default:
		err = s.Login(ctx, name, sent.Password)
	}
	switch {
	case err == nil:
		s.send(gmcp.LoggedIn(true, ""))
	case s.presented(): // the answer is to what came last
	case s.inputEnd != nil, errors.Is(err, io.EOF): // nobody is there to be answered
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.send(gmcp.LoggedIn(false, s.words().Sentence(chat.ErrLate)))
	default:
		s.send(gmcp.LoggedIn(false, s.words().Sentence(err)))
	}
	return err
}
