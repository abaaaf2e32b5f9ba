package chat

import (
	"context"
	"slices"
	"strings"
	"time"
)

// lastCalls are when all are told once more that the server will stop: so long before.
var lastCalls = []time.Duration{time.Minute, 10 * time.Second}

// ShutdownIn stops the server of this node after so long, at least a second and at most MaxDuration. All who are online
// on it are told at once, a minute before and ten seconds before. A shutdown that was under way is replaced. The server
// does not remember it when it stops earlier. Other nodes go on, and get the seats: see [Node.Drain].
//
// It returns ErrCannotStop if the node has no server to stop ([Options.Stop]), or ErrBadDuration.
func (n *Node) ShutdownIn(ctx context.Context, by Actor, d time.Duration) error {
	deed := Deed{Action: "shutdown", For: d}
	if n.SharesDesk() {
		deed.Target = n.desk.Node()
	}
	return n.shutdown(ctx, by, deed, func() error {
		n.stopIn(ctx, &Order{Kind: StopIn, Lasts: d})
		return nil
	})
}

// ShutdownAll is ShutdownIn for the servers of all nodes.
func (n *Node) ShutdownAll(ctx context.Context, by Actor, d time.Duration) error {
	return n.shutdown(ctx, by, Deed{Action: "shutdown", Target: "all", For: d}, func() error {
		return n.all(ctx, &Order{Kind: StopIn, Lasts: d, All: true})
	})
}

func (n *Node) shutdown(ctx context.Context, by Actor, deed Deed, begin func() error) error {
	return n.operate(ctx, by, deed, func(*Deed) error {
		switch {
		case n.stop == nil:
			return ErrCannotStop
		case deed.For < time.Second || deed.For > MaxDuration:
			return ErrBadDuration.With(deed.For)
		}
		return begin()
	})
}

// CancelShutdown ends every shutdown that is under way, on whichever node, and those are told whom it concerns. It
// returns the names of the nodes that were to stop, sorted, if this one was not among them: then nobody on it is told.
// Otherwise it returns none, or ErrNoShutdown.
func (n *Node) CancelShutdown(ctx context.Context, by Actor) (elsewhere []string, err error) {
	var nodes []string
	err = n.operate(ctx, by, Deed{Action: "cancel shutdown"}, func(d *Deed) error {
		answers, err := n.desk.All(ctx, &Order{Kind: CancelStop})
		for _, a := range answers {
			if a.Verdict == Delivered {
				nodes = append(nodes, a.Node)
			}
		}
		slices.Sort(nodes)
		switch all := n.desk.Nodes(); {
		case err == nil && len(nodes) == 0:
			err = ErrNoShutdown
		case n.SharesDesk() && slices.Equal(nodes, all):
			d.Target = "all"
		case n.SharesDesk():
			d.Target = strings.Join(nodes, ", ")
		}
		return err
	})
	if err != nil || slices.Contains(nodes, n.desk.Node()) {
		return nil, err
	}
	return nodes, nil
}

// A shutdown is the countdown to the stop of this node's server.
type shutdown struct {
	cancel func()
	all    bool // it is that of all nodes
}

// stopIn begins to count down to the stop of this node's server, in place of a shutdown that is under way.
func (n *Node) stopIn(ctx context.Context, o *Order) {
	if n.stop == nil {
		return
	}
	counting, cancel := context.WithCancel(n.alive)
	stopAt := time.Now().Add(o.Lasts)
	n.shutdownMu.Lock()
	defer n.shutdownMu.Unlock()
	if n.underWay != nil {
		n.underWay.cancel()
	}
	n.underWay = &shutdown{cancel, o.All}
	n.lastCall(ctx, o.Lasts)
	// until the server stops, or the shutdown is cancelled, or Close
	start(&n.background, n.log, "shutdown", func() { n.countDown(counting, o.Lasts, stopAt) })
}

// cancelStop is the order of that name.
func (n *Node) cancelStop(ctx context.Context) Answer {
	if !n.callOff() {
		return Answer{}
	}
	n.tellHere(ctx, newEvent(StopOff, User{}, 0, Text{}))
	return Answer{Verdict: Delivered, Node: n.desk.Node()}
}

// callOff calls off a shutdown that is under way. It returns false if there is none.
func (n *Node) callOff() bool {
	n.shutdownMu.Lock()
	defer n.shutdownMu.Unlock()
	if n.underWay == nil {
		return false
	}
	n.underWay.cancel()
	n.underWay = nil
	return true
}

// allStop reports whether a shutdown of all nodes is under way.
func (n *Node) allStop() bool {
	n.shutdownMu.Lock()
	defer n.shutdownMu.Unlock()
	return n.underWay != nil && n.underWay.all
}

// countDown waits for stopAt, which is d away, and stops the server.
func (n *Node) countDown(ctx context.Context, d time.Duration, stopAt time.Time) {
	for _, before := range lastCalls {
		if before >= d {
			continue
		}
		if !waitUntil(ctx, stopAt.Add(-before)) {
			return
		}
		n.lastCall(context.Background(), before)
	}
	if waitUntil(ctx, stopAt) {
		n.stop()
	}
}

func (n *Node) lastCall(ctx context.Context, left time.Duration) {
	now := time.Now()
	n.tellHere(ctx, &Event{Kind: Stopping, At: now, Until: now.Add(left)})
}

// tellHere tells e to all who are online on this node. It does not wait.
func (n *Node) tellHere(ctx context.Context, e *Event) {
	n.count(e.Kind)
	for _, p := range n.presences.all() {
		p.Hear(ctx, e)
	}
}
