package session

import (
	"context"
	"time"

	"parley/chat"
)

// newPasswordTime is how long somebody who has come by an operator's code may take to think of a new password.
const newPasswordTime = 10 * time.Minute

// Login turns the session into that of the user called name. What is lacking beside what was typed is asked for: a
// one-time code, and a new password if an operator's code was typed.
func (s *Session) Login(ctx context.Context, name, typed string) error {
	proof, err := chat.WithCode(typed, func(typed string) (chat.Proof, error) {
		return s.server.Chat.Authenticate(ctx, chat.Try{Name: name, Typed: typed, Source: s.Source(),
			Encrypted: s.Encrypted()})
	}, func() (string, error) { return s.Ask(s.words().Say("ask code")) })
	if err == nil {
		err = s.enterProved(ctx, proof)
	}
	s.countFailure(err)
	return err
}

// enterProved turns the session into that of a user who has shown who that is by what was typed.
func (s *Session) enterProved(ctx context.Context, proof chat.Proof) (err error) {
	password := ""
	if proof.Reset {
		if password, err = s.chooseNew(ctx, proof); err != nil {
			return err
		}
	}
	if err := s.enter(ctx, proof.User); err != nil {
		return err
	}
	if s.mark = proof.Mark; proof.Reset {
		s.Guard(password)
	}
	s.sayRecovered(proof)
	return nil
}

// chooseNew has somebody who has come by an operator's code choose a new password.
func (s *Session) chooseNew(ctx context.Context, proof chat.Proof) (password string, err error) {
	if s.phase == arriving {
		s.setDeadline(time.Now().Add(newPasswordTime))
	}
	s.say("choose new")
	if password, err = s.server.Commands.NewPassword(s.call(), proof.User.Name); err != nil {
		return "", err
	}
	return password, s.server.Chat.ChangePassword(ctx, proof, password)
}

// sayRecovered says how many recovery codes are left, if one was used.
func (s *Session) sayRecovered(proof chat.Proof) {
	switch {
	case !proof.Recovered:
	case proof.Left == 0:
		s.say("last recovery used")
	default:
		s.say("recovery used", proof.Left)
	}
}
