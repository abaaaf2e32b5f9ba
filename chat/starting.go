package chat

import (
	"context"
	"errors"
	"time"
)

// How long after a try that failed another one is made to do what is to be done at a start. It is twice as long each
// time, up to the most, but for as long as the node only waits for the others.
const (
	retryStart     = time.Second
	retryStartMost = time.Minute
)

// atStart does what is to be done once at a start. If do returns an error, because the desk or the store cannot be
// reached, it is done again later, until it returns none or the node closes.
func (n *Node) atStart(ctx context.Context, what string, do func(ctx context.Context) error) {
	err := do(ctx)
	if err == nil {
		return
	}
	if errors.Is(err, ErrNoDesk) { // as at every start of one of several nodes
		n.log.Info("waits until the other nodes can be reached", "what", what)
	} else {
		n.log.Error("not done yet", "what", what, "err", err)
	}
	// until it is done, or Close
	start(&n.background, n.log, what, func() {
		for wait := retryStart; err != nil; err = do(n.alive) {
			if !waitUntil(n.alive, time.Now().Add(wait)) {
				return
			}
			if !errors.Is(err, ErrNoDesk) {
				wait = min(2*wait, retryStartMost)
			}
		}
		n.log.Info("done now", "what", what)
	})
}
