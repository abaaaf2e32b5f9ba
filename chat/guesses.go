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

// take reports whether the password of the account called name may be guessed from source; a is the account, nil if there is none. giveBack
// undoes that, for a password that was right or was not looked at.
func (g *guesses) take(name string, a *account, source netip.Addr) (giveBack func(), ok bool) {
	if g.exempt.Has(source) {
		return func() {}, true
	}
	about := guess{FoldName(name), SourceOf(source)}
	if wellFormed(name) != nil {
		about.name = ""
	}
	if a.knows(source) {
		_, ok := g.known.take(about)
		return func() { g.known.give(about) }, ok
	}
	if _, ok := g.pair.take(about); !ok {
		return nil, false
	}
	if _, ok := g.source.take(about.source); !ok {
		g.pair.give(about)
		return nil, false
	}
	if _, ok := g.account.take(about.name); !ok {
		g.pair.give(about)
		g.source.give(about.source)
		return nil, false
	}
	return func() {
		g.pair.give(about)
		g.source.give(about.source)
		g.account.give(about.name)
	}, true
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

// check reports whether password opens the account a, which is nil if there is none called name. stale is as in hasher.verify. Whatever the reason that it
// does not, the answer takes the same time. It returns ErrBusy.
func (n *Node) check(ctx context.Context, name string, a *account, password string, source netip.Addr) (ok, stale bool, err error) {
	hash := ""
	if a != nil {
		hash = a.Hash
	}
	giveBack, may := n.guesses.take(name, a, source)
	if !may {
		n.counters.unchecked.Add(1)
		return false, false, n.hasher.pretend(ctx)
	}
	ok, stale, err = n.hasher.verify(ctx, hash, password)
	if ok && a != nil || err != nil {
		giveBack()
	}
	return ok && a != nil, stale, err
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
