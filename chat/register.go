package chat

import (
	"context"
	"time"
)

// How many accounts may be registered from one source, without an invite code.
const (
	registrationsPerSource = 3
	registrationPeriod     = time.Hour
)

// Register makes an account called name, which is on disk when Register returns nil. by is who registers it.
//
// It returns ErrBadName, ErrReservedName, ErrNameTaken, ErrLookAlike, ErrNoPassword or ErrBusy; ErrRegistrationClosed or ErrNoInvite
// where only operators or the invited may register; and ErrTooManyRegistered if too many accounts come from by's source.
func (n *Node) Register(ctx context.Context, by Actor, name, password string) error {
	return n.RegisterInvited(ctx, by, "", name, password)
}

// RegisterInvited is Register for who has an invite code, if [Node.NeedsInvite] says that it takes one. The code is used up when
// RegisterInvited returns nil.
func (n *Node) RegisterInvited(ctx context.Context, by Actor, code, name, password string) (err error) {
	if err := n.MayRegister(ctx, by, name); err != nil {
		return err
	}
	if password == "" {
		return ErrNoPassword
	}
	hash, err := n.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	undo, err := n.admit(ctx, by, code)
	if err != nil {
		return err
	}
	a := &account{Name: name, Hash: hash, Registered: time.Now().UTC()}
	if by.user != nil && by.user.User.Guest {
		a.Origin = by.user.User.ID
	}
	if err := n.createAccount(ctx, a); err != nil {
		undo()
		return err
	}
	n.counters.registered.Add(1)
	if by.user == nil {
		return nil
	}
	if by.user.User.Guest {
		by.user.registered.Store(&a.Name)
	}
	return n.inheritMute(ctx, by.user.User, a.user())
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
	if wait, ok := n.registrations.take(source); !ok {
		return nil, tooManyRegistered(wait)
	}
	return func() { n.registrations.give(source) }, nil
}

// MayRegister returns why by cannot register an account called name: see [Node.Register]. It does not ask for an invite code.
func (n *Node) MayRegister(ctx context.Context, by Actor, name string) error {
	if by.Nobody() || n.Registration() == RegistrationClosed && !by.Operator() {
		return ErrRegistrationClosed
	}
	if !n.registersFreely(by) && !n.NeedsInvite(by) {
		if wait := n.registrations.wait(SourceOf(by.source())); wait > 0 {
			return tooManyRegistered(wait)
		}
	}
	if err := n.checkName(name); err != nil {
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
	return by.Operator() || n.guesses.exempt.Has(by.source())
}

func tooManyRegistered(wait time.Duration) error {
	return ErrTooManyRegistered.With(registrationsPerSource, FormatDuration(roughly(wait)))
}
