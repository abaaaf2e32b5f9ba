package chat

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/chat/totp"
)

// RecoveryCodes is how many recovery codes a user gets.
const RecoveryCodes = 10

// A factor is the record of a user's one-time codes. The secret stands there as it is, since codes are made of it: who
// may read the store can make them.
type factor struct {
	Secret string    `json:"secret"` // see package totp
	Since  time.Time `json:"since"`
	// Step is the last one whose code was taken: none is taken again, nor one from before.
	Step     int64    `json:"step"`
	Recovery []string `json:"recovery"` // the recovery codes that were not used, as codeKey has them
}

// take uses up code, and reports whether it was good for that.
func (f *factor) take(code string, now time.Time) (ok, recovered bool) {
	step, ok := totp.Find(f.Secret, code, now, f.Step)
	if ok {
		f.Step = step
		return true, false
	}
	hash, found := codeKey(code), -1
	for i, there := range f.Recovery {
		if subtle.ConstantTimeCompare([]byte(hash), []byte(there)) == 1 {
			found = i
		}
	}
	if found < 0 {
		return false, false
	}
	f.Recovery = slices.Delete(f.Recovery, found, found+1)
	return true, true
}

// useCode uses up a code of a, and returns ErrLogin if it is wrong, or if a is no longer what it was. Of two who use
// one code at a time, on whatever nodes, one finds it used. If barred is not nil, a right code is left as it is, and
// barred returned.
func (n *Node) useCode(ctx context.Context, a *account, code string, barred error) (recovered bool, left int,
	err error) {
	_, err = n.changeAccount(ctx, a.Name, func(now *account) error {
		if now.user() != a.user() || !now.chosen().Equal(a.chosen()) || now.Disabled || now.TOTP == nil {
			return ErrLogin
		}
		ok := false
		if ok, recovered = now.TOTP.take(code, time.Now()); !ok {
			return ErrLogin
		}
		if barred != nil {
			return barred
		}
		left = len(now.TOTP.Recovery)
		return nil
	})
	if errors.Is(err, ErrNoUser) {
		err = ErrLogin
	}
	return recovered, left, err
}

// BeginTOTP returns a new secret for one-time codes of me, which is not in force before [Node.StartTOTP]. It returns
// ErrTOTPOn or ErrNoOwnAccount.
func (n *Node) BeginTOTP(ctx context.Context, me *Presence) (secret string, err error) {
	a, err := n.accountOf(ctx, me, ErrNoOwnAccount)
	switch {
	case err != nil:
		return "", err
	case a.TOTP != nil:
		return "", ErrTOTPOn
	}
	return totp.New(n.random)
}

// StartTOTP puts one-time codes in force for me, if code is one of secret, and returns the recovery codes, which are
// known to nobody afterwards. code is used up then. It returns ErrWrongCode, ErrTOTPOn or ErrNoOwnAccount.
func (n *Node) StartTOTP(ctx context.Context, me *Presence, secret, code string) (recovery []string, err error) {
	if me.User.Guest {
		return nil, ErrNoOwnAccount
	}
	now := time.Now()
	step, ok := totp.Find(secret, code, now, 0)
	if !ok {
		return nil, ErrWrongCode
	}
	f := factor{Secret: secret, Since: n.now(), Step: step}
	for range RecoveryCodes {
		code, err := newCode(n.random)
		if err != nil {
			return nil, err
		}
		recovery, f.Recovery = append(recovery, code), append(f.Recovery, codeKey(code))
	}
	_, err = n.changeAccount(ctx, me.User.Name, func(a *account) error {
		if a.TOTP != nil {
			return ErrTOTPOn
		}
		a.TOTP = &f
		return nil
	})
	if err != nil {
		return nil, err
	}
	n.log.Info("one-time codes on", "user", me.User.Name)
	return recovery, nil
}

// EndTOTP ends one-time codes for me, who has typed one, or a recovery code: a wrong one costs what a wrong password
// does, and takes as long. It returns ErrTOTPOff, ErrWrongCode, ErrManyTries, ErrBusy or ErrNoOwnAccount.
func (n *Node) EndTOTP(ctx context.Context, me *Presence, code string) error {
	if err := n.HasTOTP(ctx, me); err != nil {
		return err
	}
	a, err := n.account(ctx, me.User.Name)
	if err != nil {
		return err
	}
	err = n.guess(ctx, guessAt(me.User.Name, a, me.Source()), me.Source(), func() error {
		if _, _, err := n.hasher.Verify(ctx, SourceOf(me.Source()), "", code); err != nil {
			return refusalOf(err)
		}
		_, err := n.changeAccount(ctx, me.User.Name, func(a *account) error {
			if a.TOTP == nil {
				return ErrTOTPOff
			}
			if ok, _ := a.TOTP.take(code, time.Now()); !ok {
				return ErrLogin
			}
			a.TOTP = nil
			return nil
		})
		return err
	})
	switch {
	case errors.Is(err, ErrLogin), errors.Is(err, ErrManyTries):
		n.counters.refused.Add(1)
		n.countFailure(me.User.Name)
		if errors.Is(err, ErrLogin) {
			err = ErrWrongCode
		}
	case err == nil:
		n.log.Info("one-time codes off", "user", me.User.Name)
	}
	return err
}

// HasTOTP returns ErrTOTPOff if me has no one-time codes, and ErrNoOwnAccount for a guest.
func (n *Node) HasTOTP(ctx context.Context, me *Presence) error {
	a, err := n.accountOf(ctx, me, ErrNoOwnAccount)
	if err == nil && a.TOTP == nil {
		err = ErrTOTPOff
	}
	return err
}

// StopTOTP ends one-time codes for the user called name, on the word of an operator. It returns ErrNoUser or
// ErrNoTOTP, and otherwise the user's name.
func (n *Node) StopTOTP(ctx context.Context, by Actor, name string) (string, error) {
	a, err := n.changeAs(ctx, by, "totp off", name, func(a *account) error {
		if a.TOTP == nil {
			return ErrNoTOTP.With(a.Name)
		}
		a.TOTP = nil
		return nil
	}, nil)
	if err != nil {
		return "", err
	}
	return a.Name, nil
}

// check returns an error for a stored record of one-time codes that could not be used.
func (f *factor) check() error {
	if f == nil {
		return nil
	}
	if err := totp.Check(f.Secret); err != nil {
		return err
	}
	if len(f.Recovery) > RecoveryCodes {
		return fmt.Errorf("there are %d recovery codes", len(f.Recovery))
	}
	return nil
}
