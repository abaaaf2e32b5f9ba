package chat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"parley/chat/budget"
	"parley/chat/passwd"
	"parley/words"
)

// RegisterInvited makes an account called name, which is on disk when RegisterInvited returns nil. by is who registers
// it, by an invite code if [Node.NeedsInvite] says that it takes one, else code is empty. The code is used up then.
//
// It returns ErrBadName, ErrReservedName, ErrNameTaken, ErrLookAlike or ErrBusy; an error of [Node.CheckPassword];
// ErrRegistrationClosed or ErrNoInvite where only operators or the invited may register; and ErrTooManyRegistered or
// ErrManyRegistering if too many accounts come from by's source, or from everywhere; and ErrMuted if by is muted, and
// there are so many mutes that the account could not be muted too.
func (n *Node) RegisterInvited(ctx context.Context, by Actor, code, name, password string) error {
	hash, err := n.readyToEnroll(ctx, by, name, password)
	if err != nil {
		return err
	}
	return n.enroll(ctx, by, code, name, hash)
}

// readyToEnroll looks whether by may register an account called name, makes room for it, and returns the hash of the
// password. The caller must not have the operators' turn.
func (n *Node) readyToEnroll(ctx context.Context, by Actor, name, password string) (hash string, err error) {
	if err = n.MayRegister(ctx, by, name); err == nil {
		hash, err = n.hashNew(ctx, by.source(), name, password)
	}
	if err == nil {
		err = n.clearGrave(ctx, name)
	}
	return hash, err
}

// enroll makes the account of RegisterInvited, whose password is hashed already. The caller may have the operators'
// turn.
func (n *Node) enroll(ctx context.Context, by Actor, code, name, hash string) error {
	undo, err := n.admit(ctx, by, code)
	if err != nil {
		return err
	}
	a := &account{Name: name, Hash: hash, Registered: time.Now().UTC()}
	if by.user != nil && by.user.User.Guest {
		a.Origin = by.user.User.ID
	}
	revision, err := n.createAccount(ctx, a)
	if err != nil {
		undo()
		return err
	}
	if by.user != nil {
		err = n.inheritMute(ctx, by.user.User, a.user())
	}
	if errors.Is(err, ErrMuted) { // an account that may speak is not to be had by who may not
		if err := n.store.Delete(context.WithoutCancel(ctx), accountsBucket, skeleton(a.Name), revision); err != nil {
			return fmt.Errorf("remove account %q: %w", a.Name, err)
		}
		undo()
		return err
	}
	n.counters.registered.Add(1)
	if by.user != nil && by.user.User.Guest {
		by.user.registered.Store(&a.Name)
	}
	return err
}

// admit takes what it costs by to register an account: a token, or the invite code. undo gives it back.
func (n *Node) admit(ctx context.Context, by Actor, code string) (undo func(), err error) {
	switch {
	case n.NeedsInvite(by):
		return n.redeem(ctx, code)
	case n.registersFreely(by):
		return func() {}, nil
	}
	source := SourceOf(by.source())
	waits, err := n.desk.TakeRegistration(ctx, source)
	if err != nil || !waits.None() {
		return nil, errors.Join(err, tooMany(waits))
	}
	return func() {
		if err := n.desk.GiveRegistration(context.WithoutCancel(ctx), source); err != nil {
			n.log.Error("a registration that came to nothing counts", "err", err)
		}
	}, nil
}

// MayRegister returns why by cannot register an account called name: see [Node.RegisterInvited]. It does not ask for an
// invite code.
func (n *Node) MayRegister(ctx context.Context, by Actor, name string) error {
	if by.nobody() || n.Registration() == RegistrationClosed && !by.Operator() {
		return ErrRegistrationClosed
	}
	if !n.registersFreely(by) && !n.NeedsInvite(by) {
		if err := tooMany(n.desk.WaitRegistration(SourceOf(by.source()))); err != nil {
			return err
		}
	}
	if err := n.checkName(name); err != nil {
		return err
	}
	if err := n.looksLikeRoom(name); err != nil {
		return err
	}
	return n.nameFree(ctx, name)
}

// NeedsInvite reports whether it takes by an invite code to register an account.
func (n *Node) NeedsInvite(by Actor) bool {
	return n.Registration() == RegistrationInvite && !by.Operator()
}

// registersFreely reports whether by may register as many accounts as by likes, if any.
func (n *Node) registersFreely(by Actor) bool {
	return by.Operator() || n.exempt.Has(by.source())
}

// tooMany returns why somebody has to wait: ErrTooManyRegistered or ErrManyRegistering, or nil.
func tooMany(waits budget.Waits) error {
	switch {
	case waits.Source > 0:
		return ErrTooManyRegistered.With(budget.RegistrationsPerSource, roughly(waits.Source))
	case waits.All > 0:
		return ErrManyRegistering.With(roughly(waits.All))
	}
	return nil
}

// CheckPassword returns why a user called name may not have the password that somebody typed: ErrNoPassword,
// ErrShortPassword, ErrOneCharacter, ErrPasswordIsName, ErrPasswordEncoding or ErrPasswordCharacter. Nil means that the
// user may.
func (n *Node) CheckPassword(name, password string) error {
	_, err := n.preparePassword(name, password)
	return err
}

// preparePassword is CheckPassword that returns the password as it is hashed.
func (n *Node) preparePassword(name, password string) (string, error) {
	prepared, err := passwd.Prepare(password)
	if err == nil {
		err = passwd.Judge(name, prepared, n.passwordMin)
	}
	switch {
	case err == nil:
		return prepared, nil
	case errors.Is(err, passwd.ErrEncoding):
		err = ErrPasswordEncoding
	case errors.Is(err, passwd.ErrCharacter):
		err = ErrPasswordCharacter
	case errors.Is(err, passwd.ErrEmpty):
		err = ErrNoPassword
	case errors.Is(err, passwd.ErrShort):
		err = ErrShortPassword.With(n.passwordMin)
	case errors.Is(err, passwd.ErrOneCharacter):
		err = ErrOneCharacter
	case errors.Is(err, passwd.ErrName):
		err = ErrPasswordIsName
	}
	return "", err
}

// hashNew returns the hash of a new password of the user called name, which somebody from source has chosen. It returns
// ErrBusy, or an error of CheckPassword.
func (n *Node) hashNew(ctx context.Context, source netip.Addr, name, password string) (string, error) {
	prepared, err := n.preparePassword(name, password)
	if err != nil {
		return "", err
	}
	hash, err := n.hasher.Hash(ctx, SourceOf(source), prepared)
	return hash, refusalOf(err)
}

// PasswordAdvice returns what to tell somebody whose new password was taken although it is easy to guess, or nil.
func PasswordAdvice(password string) *words.Phrase {
	prepared, err := passwd.Prepare(password)
	if err != nil {
		return nil
	}
	switch passwd.Advise(prepared) {
	case passwd.Short:
		return words.Say("short advice", passwd.Good)
	case passwd.Common:
		return words.Say("common advice")
	}
	return nil
}
