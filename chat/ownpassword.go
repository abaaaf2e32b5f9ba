package chat

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"
)

// ResetLasts is how long a code for a new password can be used: see [Node.Reset].
const ResetLasts = 24 * time.Hour

// A reset is the record of a code by which the user may choose a new password.
type reset struct {
	Hash  string    `json:"hash"` // see codeKey
	Until time.Time `json:"until"`
	By    string    `json:"by"`
}

// is reports whether code is the one of r, which may be nil, and can be used now.
func (r *reset) is(code string, now time.Time) bool {
	hash := codeKey(code)
	return r != nil && subtle.ConstantTimeCompare([]byte(hash), []byte(r.Hash)) == 1 && now.Before(r.Until)
}

// chosen returns when the password was chosen. No two passwords that an account has had share that, and neither do two
// accounts of one name: so it tells one password from another, and says nothing of it.
func (a *account) chosen() time.Time {
	if a.PasswordSet.IsZero() {
		return a.Registered
	}
	return a.PasswordSet
}

// choose gives the account another password. Whatever the one before has opened the way to is worthless then, and so is
// an operator's code.
func (a *account) choose(hash string) {
	before := a.chosen()
	a.Hash, a.Reset, a.PasswordSet = hash, nil, time.Now().UTC()
	if !a.PasswordSet.After(before) { // the clock was set, or two came within its tick
		a.PasswordSet = before.Add(1)
	}
}

// Confirm is Authenticate for me, who is online: it returns ErrWrongPassword instead of ErrLogin, and ErrNoOwnAccount
// for a guest.
func (n *Node) Confirm(ctx context.Context, me *Presence, typed string, encrypted bool) (Proof, error) {
	if me.User.Guest {
		return Proof{}, ErrNoOwnAccount
	}
	proof, err := n.Authenticate(ctx, Try{Name: me.User.Name, Typed: typed, Source: me.Source(), Encrypted: encrypted})
	if errors.Is(err, ErrLogin) {
		err = ErrWrongPassword
	}
	return proof, err
}

// ChangePassword gives the user whom p is about another password, which is on disk when ChangePassword returns nil. p
// and all proofs before it are worth nothing then, and an operator's code is used up. It returns ErrProofGone, ErrBusy,
// or an error of [Node.CheckPassword].
func (n *Node) ChangePassword(ctx context.Context, p Proof, password string) error {
	hash, err := n.hashNew(ctx, p.source, p.User.Name, password)
	if err != nil {
		return err
	}
	_, err = n.changeAccount(ctx, p.User.Name, func(a *account) error {
		if err := a.honours(p); err != nil {
			return err
		}
		a.choose(hash)
		return nil
	})
	if errors.Is(err, ErrNoUser) {
		return ErrProofGone
	}
	if err == nil {
		n.log.Info("password changed", "user", p.User.Name, "by operator's code", p.Reset)
	}
	return err
}

// Reset returns a code with which the user called name can log in once within ResetLasts, in place of the password, to
// choose a new one; with one-time codes on it takes one of these beside it. A code from before is worthless then. Until
// it is used the password stays as it is. A user who is disabled or banned stays so.
//
// It returns ErrNoUser.
func (n *Node) Reset(ctx context.Context, by Actor, name string) (ResetCode, error) {
	code := ""
	a, err := n.changeAs(ctx, by, "reset", name, func(a *account) (err error) {
		if code, err = newCode(n.random); err == nil {
			a.Reset = &reset{Hash: codeKey(code), Until: n.now().Add(ResetLasts), By: by.name()}
		}
		return err
	}, nil)
	if err != nil {
		return ResetCode{}, err
	}
	return ResetCode{User: a.Name, Code: code, Disabled: a.Disabled}, nil
}

// A ResetCode is a code that [Node.Reset] has made.
type ResetCode struct {
	User, Code string
	// Disabled says that it is of no use while the account is disabled.
	Disabled bool
}
