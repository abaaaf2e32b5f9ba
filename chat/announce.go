package chat

import (
	"context"
	"time"
)

// Announce speaks to everyone online, whomever they have blocked. It returns ErrNothingSaid, or ErrMuted.
func (n *Node) Announce(ctx context.Context, by Actor, text Text) error {
	return n.operate(ctx, by, Deed{Action: "announce", Reason: text}, func(*Deed) error {
		if by.user != nil {
			if err := n.maySpeak(ctx, by.user); err != nil {
				return err
			}
		}
		if text.Empty() {
			return ErrNothingSaid
		}
		return n.publish(ctx, Everyone, newEvent(Announced, User{}, 0, text))
	})
}

// notify tells u of something that concerns u alone, if u is online.
func (n *Node) notify(ctx context.Context, u User, kind Kind) error {
	return n.publish(ctx, UserTopic(u), newEvent(kind, User{}, 0, Text{}))
}

// lastCalls are when everyone is told once more that the server will stop: so long before.
var lastCalls = []time.Duration{time.Minute, 10 * time.Second}

// ShutdownIn stops the server after so long, at least a second and at most MaxDuration. Everyone online is told at
// once, a minute before and ten seconds before. A shutdown that was under way is replaced. The server does not remember
// it when it stops earlier. Where there are several nodes, all of them stop.
//
// It returns ErrCannotStop if the node has no server to stop ([Options.Stop]), or ErrBadDuration.
func (n *Node) ShutdownIn(ctx context.Context, by Actor, d time.Duration) error {
	return n.operate(ctx, by, Deed{Action: "shutdown", For: d}, func(*Deed) error {
		if n.stop == nil {
			return ErrCannotStop
		}
		if d < time.Second || d > MaxDuration {
			return ErrBadDuration.With(d)
		}
		if err := n.all(ctx, &Order{Kind: StopIn, Lasts: d, Node: n.desk.Node()}); err != nil {
			return err
		}
		return n.lastCall(ctx, d)
	})
}

// CancelShutdown ends that, and tells everyone. It returns ErrNoShutdown.
func (n *Node) CancelShutdown(ctx context.Context, by Actor) error {
	return n.operate(ctx, by, Deed{Action: "cancel shutdown"}, func(*Deed) error {
		if !n.stopping() {
			return ErrNoShutdown
		}
		if err := n.all(ctx, &Order{Kind: CancelStop}); err != nil {
			return err
		}
		return n.publish(ctx, Everyone, newEvent(StopOff, User{}, 0, Text{}))
	})
}

// stopIn begins to count down to the stop of this node's server, in place of a shutdown that is under way. Everyone is
// told meanwhile if tell is true.
func (n *Node) stopIn(d time.Duration, tell bool) {
	if n.stop == nil {
		return
	}
	counting, cancel := context.WithCancel(context.Background())
	stopAt := time.Now().Add(d)
	n.stopMu.Lock()
	defer n.stopMu.Unlock()
	if n.cancelShutdown != nil {
		n.cancelShutdown()
	}
	n.cancelShutdown = cancel
	// until the server stops, or the shutdown is cancelled
	start(&n.background, n.log, "shutdown", func() { n.countDown(counting, d, stopAt, tell) })
}

// callOff ends that.
func (n *Node) callOff() {
	n.stopMu.Lock()
	defer n.stopMu.Unlock()
	if n.cancelShutdown != nil {
		n.cancelShutdown()
		n.cancelShutdown = nil
	}
}

// stopping reports whether a shutdown is under way.
func (n *Node) stopping() bool {
	n.stopMu.Lock()
	defer n.stopMu.Unlock()
	return n.cancelShutdown != nil
}

// countDown waits for stopAt, which is d away, and stops the server.
func (n *Node) countDown(ctx context.Context, d time.Duration, stopAt time.Time, tell bool) {
	for _, before := range lastCalls {
		if before >= d || !tell {
			continue
		}
		if !waitUntil(ctx, stopAt.Add(-before)) {
			return
		}
		if err := n.lastCall(ctx, before); err != nil {
			n.log.Error("shutdown not announced", "err", err)
		}
	}
	if waitUntil(ctx, stopAt) {
		n.stop()
	}
}

func (n *Node) lastCall(ctx context.Context, left time.Duration) error {
	now := time.Now()
	return n.publish(ctx, Everyone, &Event{Kind: Stopping, At: now, Until: now.Add(left)})
}

// waitUntil reports whether t came before ctx was done.
func waitUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
