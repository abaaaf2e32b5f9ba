package budget

import (
	"net/netip"
	"time"
)

// How often a password may be guessed. Passwords that were right do not count.
const (
	PerSource     = 20 // in GuessPeriod, from one source at whatever accounts
	PerPair       = 5  // in GuessPeriod, from one source at one account
	PerKnown      = 10 // the same, from a source at which the account's owner has logged in
	GuessPeriod   = 10 * time.Minute
	PerAccount    = 10 // in AccountPeriod, at one account from all sources that are not known to be its owner's
	AccountPeriod = time.Hour
)

// Guesses bound how often passwords are guessed. A source from which the owner of an account has logged in has a bucket
// of its own for that account, so that nobody elsewhere can lock the owner out. An account that does not exist has its
// buckets too. Safe for concurrent use.
type Guesses struct {
	source  *Buckets[netip.Addr]
	account *Buckets[string]
	pair    *Buckets[guess]
	known   *Buckets[guess]
}

// A guess is what a guess at a password is about.
type guess struct {
	account string
	source  netip.Addr
}

// NewGuesses returns the budgets of a server at which nobody has guessed yet.
func NewGuesses() *Guesses {
	return &Guesses{
		source:  New[netip.Addr](PerSource, GuessPeriod),
		account: New[string](PerAccount, AccountPeriod),
		pair:    New[guess](PerPair, GuessPeriod),
		known:   New[guess](PerKnown, GuessPeriod),
	}
}

// Take takes what it costs to guess the password of account from source; known says that the account's owner has logged
// in from there. giveBack undoes that, for a password that was right or was not looked at. If there were too many
// guesses, Take returns how long to wait, and nothing is taken.
func (g *Guesses) Take(account string, source netip.Addr, known bool) (giveBack func(), wait time.Duration) {
	about := guess{account, source}
	if known {
		wait, _ := g.known.Take(about)
		return func() { g.known.Give(about) }, wait
	}
	var taken []func()
	giveBack = func() {
		for _, give := range taken {
			give()
		}
	}
	// All are asked, so that who waits for as long as is said has not waited for nothing.
	for _, one := range []struct {
		take func() (time.Duration, bool)
		give func()
	}{
		{func() (time.Duration, bool) { return g.pair.Take(about) }, func() { g.pair.Give(about) }},
		{func() (time.Duration, bool) { return g.source.Take(source) }, func() { g.source.Give(source) }},
		{func() (time.Duration, bool) { return g.account.Take(account) }, func() { g.account.Give(account) }},
	} {
		if longer, ok := one.take(); ok {
			taken = append(taken, one.give)
		} else {
			wait = max(wait, longer)
		}
	}
	if wait > 0 {
		giveBack()
		return nil, wait
	}
	return giveBack, 0
}
