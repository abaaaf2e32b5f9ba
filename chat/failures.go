package chat

import (
	"context"
	"errors"
	"maps"
	"slices"

	"parley/internal/crash"
)

// failures are refused logins of one name that are written to its account together.
type failures struct {
	count   int
	written chan struct{} // closed once they are, or could not be
}

// countFailure counts a refused login, after its answer, which must not take longer where there is an account. Whoever
// guesses fast makes the count grow, not the work: while one write is under way the others wait in memory, and are one.
func (n *Node) countFailure(name string) {
	n.failuresMu.Lock()
	defer n.failuresMu.Unlock()
	f := n.failures[name]
	if f == nil {
		f = &failures{written: make(chan struct{})}
		n.failures[name] = f
		start(&n.background, n.log, "failed logins", func() { n.recordFailures(name) }) // until none are left
	}
	f.count++
}

// awaitFailures returns once the refused logins of name that were counted up to now are written, or ctx is done: who
// logs in sees them, and not who logs in next. It waits for two writes at most.
func (n *Node) awaitFailures(ctx context.Context, name string) {
	n.failuresMu.Lock()
	f := n.failures[name]
	n.failuresMu.Unlock()
	if f == nil {
		return
	}
	select {
	case <-f.written:
	case <-ctx.Done():
	}
}

// awaitAllFailures is awaitFailures for all names.
func (n *Node) awaitAllFailures(ctx context.Context) {
	n.failuresMu.Lock()
	names := slices.Collect(maps.Keys(n.failures))
	n.failuresMu.Unlock()
	for _, name := range names {
		n.awaitFailures(ctx, name)
	}
}

func (n *Node) recordFailures(name string) {
	for f := n.takeFailures(name); f != nil; f = n.takeFailures(name) {
		n.writeFailures(name, f)
	}
}

// takeFailures returns what is to be written of name, and counts anew; nil, and no more, if there is nothing.
func (n *Node) takeFailures(name string) *failures {
	n.failuresMu.Lock()
	defer n.failuresMu.Unlock()
	f := n.failures[name]
	if f.count == 0 {
		delete(n.failures, name)
		close(f.written)
		return nil
	}
	n.failures[name] = &failures{written: make(chan struct{})}
	return f
}

// writeFailures writes f to the account. A panic ends that alone: nobody waits for it for ever.
func (n *Node) writeFailures(name string, f *failures) {
	defer crash.Survive(n.log, "failed logins")
	defer close(f.written)
	_, err := n.changeAccount(context.Background(), name, func(a *account) error {
		a.Failed += f.count
		return nil
	})
	if err != nil && !errors.Is(err, ErrNoUser) {
		n.log.Log(context.Background(), LevelOf(err), "failed logins not recorded", "user", name, "count", f.count,
			"err", err)
	}
}
