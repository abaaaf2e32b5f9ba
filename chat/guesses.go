package chat

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"
)

// How often a password may be guessed. Passwords that were right do not count.
const (
	guessesPerSource  = 20 // in guessPeriod, from one source at whatever accounts
	guessesPerPair    = 5  // in guessPeriod, from one source at one account
	guessesPerKnown   = 10 // the same, from a source at which the account's owner has logged in
	guessPeriod       = 10 * time.Minute
	guessesPerAccount = 10 // in accountPeriod, at one account from all sources that are not known to be its owner's
	accountPeriod     = time.Hour

	// maxKnown is how many sources are remembered for an account.
	maxKnown = 8
)

// guesses bound how often passwords are guessed. A source from which the owner of an account has logged in has a bucket of its own for that
// account, so that nobody elsewhere can lock the owner out. An account that does not exist has its buckets too.
type guesses struct {
	exempt  Sources
	source  *buckets[netip.Addr]
	account *buckets[string]
	pair    *buckets[guess]
	known   *buckets[guess]
}

// A guess is what a guess at a password is about. The name is folded, and empty if nobody can be called so.
type guess struct {
	name   string
	source netip.Addr // see SourceOf
}

func newGuesses(exempt Sources) *guesses {
	return &guesses{
		exempt:  exempt,
		source:  newBuckets[netip.Addr](guessesPerSource, guessPeriod),
		account: newBuckets[string](guessesPerAccount, accountPeriod),
		pair:    newBuckets[guess](guessesPerPair, guessPeriod),
		known:   newBuckets[guess](guessesPerKnown, guessPeriod),
	}
}

// take takes what it costs to guess the password of the account called name from source; a is the account, nil if there is none. giveBack
// undoes that, for a password that was right or was not looked at. If there were too many guesses, take returns how long to wait, and
// nothing is taken.
func (g *guesses) take(name string, a *account, source netip.Addr) (giveBack func(), wait time.Duration) {
	if g.exempt.Has(source) {
		return func() {}, 0
	}
	about := guess{FoldName(name), SourceOf(source)}
	if wellFormed(name) != nil {
		about.name = ""
	}
	if a.knows(source) {
		wait, _ := g.known.take(about)
		return func() { g.known.give(about) }, wait
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
		{func() (time.Duration, bool) { return g.pair.take(about) }, func() { g.pair.give(about) }},
		{func() (time.Duration, bool) { return g.source.take(about.source) }, func() { g.source.give(about.source) }},
		{func() (time.Duration, bool) { return g.account.take(about.name) }, func() { g.account.give(about.name) }},
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

// knows reports whether the account's owner has logged in from source, among the last maxKnown.
func (a *account) knows(source netip.Addr) bool {
	return a != nil && slices.Contains(a.Sources, SourceOf(source))
}

// remember makes source the latest that the account's owner has logged in from. Where a source is unknown, others come from there too,
// so it is nobody's.
func (a *account) remember(source netip.Addr) {
	if !source.IsValid() {
		return
	}
	source = SourceOf(source)
	others := slices.DeleteFunc(a.Sources, func(other netip.Addr) bool { return other == source })
	a.Sources = slices.Insert(others, 0, source)
	a.Sources = a.Sources[:min(len(a.Sources), maxKnown)]
}

// check reports whether one of the forms of a password opens the account a, which is nil if there is none called name. stale is as in
// hasher.verify. Whatever the reason that it does not, the answer takes the same time. It returns ErrManyTries, without a look at the
// password, if there were too many wrong ones, and ErrBusy.
func (n *Node) check(ctx context.Context, name string, a *account, forms []string, source netip.Addr) (ok, stale bool, err error) {
	hash := ""
	if a != nil {
		hash = a.Hash
	}
	giveBack, wait := n.guesses.take(name, a, source)
	if wait > 0 {
		n.counters.unchecked.Add(1)
		if err := n.hasher.pretend(ctx); err != nil {
			return false, false, err
		}
		return false, false, ErrManyTries.With(FormatDuration(roughly(wait)))
	}
	ok, stale, err = n.hasher.verify(ctx, hash, forms...)
	ok = ok && a != nil && !a.Disabled
	if ok || err != nil {
		giveBack()
	}
	return ok, stale, err
}

// countFailure counts a refused login, after its answer, which must not take longer where there is an account. Whoever guesses fast makes
// the count grow, not the work: while one write is under way the others wait in memory, and are one.
func (n *Node) countFailure(name string) {
	n.failuresMu.Lock()
	defer n.failuresMu.Unlock()
	n.failures[name]++
	if n.failures[name] == 1 {
		start(&n.background, n.log, "failed logins", func() { n.recordFailures(name) }) // until none are left
	}
}

func (n *Node) recordFailures(name string) {
	for recorded := 0; ; {
		n.failuresMu.Lock()
		n.failures[name] -= recorded
		count := n.failures[name]
		if count == 0 {
			delete(n.failures, name)
		}
		n.failuresMu.Unlock()
		if count == 0 {
			return
		}
		_, _, err := n.changeAccount(context.Background(), name, func(a *account) error {
			a.Failed += count
			return nil
		})
		if err != nil && !errors.Is(err, ErrNoUser) {
			n.log.Error("failed logins not recorded", "user", name, "count", count, "err", err)
		}
		recorded = count
	}
}
