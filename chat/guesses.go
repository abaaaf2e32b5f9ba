package chat

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"parley/chat/budget"
	"parley/chat/passwd"
)

// maxKnown is how many sources are remembered for an account.
const maxKnown = 8

// guessAt returns the guess at the password of the account called name from source; a is the account, nil if there is
// none.
func guessAt(name string, a *account, source netip.Addr) budget.Guess {
	if wellFormed(name) != nil {
		name = "" // all that nobody can be called are one
	}
	return budget.Guess{Account: FoldName(name), Source: SourceOf(source), Known: a.knows(source)}
}

// takeGuess takes what it costs to guess. giveBack undoes that. If there were too many guesses it returns how long to
// wait.
func (n *Node) takeGuess(ctx context.Context, g budget.Guess, source netip.Addr) (giveBack func(), wait time.Duration,
	err error) {
	if n.exempt.Has(source) {
		return func() {}, 0, nil
	}
	wait, err = n.desk.TakeGuess(ctx, g)
	return func() {
		if err := n.desk.GiveGuess(context.WithoutCancel(ctx), g); err != nil {
			n.log.Error("a password that was right counts as a guess", "err", err)
		}
	}, wait, err
}

// guessBy takes what it costs to guess at what no account has, such as a link: a source has a budget of its own for
// each of these, for nobody is called so, and nobody can use up what others may try. It returns ErrManyTries.
func (n *Node) guessBy(ctx context.Context, what string, source netip.Addr) (giveBack func(), err error) {
	guess := budget.Guess{Account: what + " " + SourceOf(source).String(), Source: SourceOf(source)}
	giveBack, wait, err := n.takeGuess(ctx, guess, source)
	if err == nil && wait > 0 {
		err = ErrManyTries.With(roughly(wait))
	}
	return giveBack, err
}

// knows reports whether the account's owner has logged in from source, among the last maxKnown.
func (a *account) knows(source netip.Addr) bool {
	return a != nil && slices.Contains(a.Sources, SourceOf(source))
}

// remember makes source the latest that the account's owner has logged in from. Where a source is unknown, others come
// from there too, so it is nobody's.
func (a *account) remember(source netip.Addr) {
	if !source.IsValid() {
		return
	}
	source = SourceOf(source)
	others := slices.DeleteFunc(a.Sources, func(other netip.Addr) bool { return other == source })
	a.Sources = slices.Insert(others, 0, source)
	a.Sources = a.Sources[:min(len(a.Sources), maxKnown)]
}

// guess looks whether a guess is right, for what it costs to guess: ErrLogin from look says that it is wrong, and
// whatever else it returns costs nothing. It returns what look does; and ErrManyTries after the same time, without a
// look, if there were too many wrong ones.
func (n *Node) guess(ctx context.Context, g budget.Guess, source netip.Addr, look func() error) error {
	giveBack, wait, err := n.takeGuess(ctx, g, source)
	if err != nil {
		return err
	}
	if wait > 0 {
		n.counters.unchecked.Add(1)
		if err := n.hasher.Pretend(ctx); err != nil {
			return err
		}
		return ErrManyTries.With(roughly(wait))
	}
	if err = look(); !errors.Is(err, ErrLogin) {
		giveBack()
	}
	return err
}

// refusalOf makes the answer to a user of an error of the hasher's.
func refusalOf(err error) error {
	if errors.Is(err, passwd.ErrBusy) {
		return ErrBusy
	}
	return err
}
