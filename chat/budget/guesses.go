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
// buckets too. For the times, and for concurrent use, see [Buckets].
type Guesses struct {
	Source  *Buckets[netip.Addr] `json:"source"`
	Account *Buckets[string]     `json:"account"`
	Pair    *Buckets[pair]       `json:"pair"`
	Known   *Buckets[pair]       `json:"known"`
}

// A Guess is a guess at a password.
type Guess struct {
	// Account is whose password is guessed.
	Account string `json:"account"`
	// Source is where the guess comes from.
	Source netip.Addr `json:"source"`
	// Known says that the account's owner has logged in from there.
	Known bool `json:"known,omitempty"`
}

type pair struct {
	Account string     `json:"account"`
	Source  netip.Addr `json:"source"`
}

// NewGuesses returns the budgets of a server at which nobody has guessed yet.
func NewGuesses() *Guesses {
	return &Guesses{
		Source:  New[netip.Addr](PerSource, GuessPeriod),
		Account: New[string](PerAccount, AccountPeriod),
		Pair:    New[pair](PerPair, GuessPeriod),
		Known:   New[pair](PerKnown, GuessPeriod),
	}
}

// Take takes what it costs to guess. If there were too many guesses, it returns how long to wait, and nothing is taken.
func (g *Guesses) Take(guess Guess, now time.Duration) (wait time.Duration) {
	about := pair{guess.Account, guess.Source}
	if guess.Known {
		wait, _ := g.Known.Take(about, now)
		return wait
	}
	// All are asked, so that who waits for as long as is said has not waited for nothing.
	pairWait, ofPair := g.Pair.Take(about, now)
	sourceWait, ofSource := g.Source.Take(guess.Source, now)
	accountWait, ofAccount := g.Account.Take(guess.Account, now)
	if ofPair && ofSource && ofAccount {
		return 0
	}
	if ofPair {
		g.Pair.Give(about, now)
	}
	if ofSource {
		g.Source.Give(guess.Source, now)
	}
	if ofAccount {
		g.Account.Give(guess.Account, now)
	}
	return max(pairWait, sourceWait, accountWait)
}

// Give undoes a Take, for a password that was right or was not looked at.
func (g *Guesses) Give(guess Guess, now time.Duration) {
	about := pair{guess.Account, guess.Source}
	if guess.Known {
		g.Known.Give(about, now)
		return
	}
	g.Pair.Give(about, now)
	g.Source.Give(guess.Source, now)
	g.Account.Give(guess.Account, now)
}
