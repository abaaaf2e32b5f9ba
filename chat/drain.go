package chat

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// drainWidth is how many seats go to other nodes at once.
const drainWidth = 32

// SharesDesk reports whether this node is one of several.
func (n *Node) SharesDesk() bool { return n.alone() == nil }

// others returns the names of the other nodes that are up.
func (n *Node) others() []string {
	me := n.desk.Node()
	return slices.DeleteFunc(n.desk.Nodes(), func(name string) bool { return name == me })
}

// Drain ends what is held here of one of several nodes. If the seats are to outlast that, the other nodes take them,
// and keep them for as long as [Options.Hold] says from then on: rooms, leaderships, and what is not read or entered
// yet. Otherwise, or if none would take a seat, its user leaves. Call it after [Node.Suspend] when the last session is
// over. It returns how many seats another node has, and how many none would take. It does nothing where the node is
// alone. When ctx is done it goes on with nothing new.
func (n *Node) Drain(ctx context.Context) (moved, left int) {
	if n.alone() != nil {
		return 0, 0
	}
	places := make(chan struct{}, drainWidth)
	var there atomic.Int64
	var working sync.WaitGroup
	for _, p := range n.presences.all() {
		if p.held() == nil {
			continue
		}
		left++
		turn := left
		places <- struct{}{}
		// until the seat is passed on, or ended
		start(&working, n.log, "drain", func() {
			defer func() { <-places }()
			switch {
			case n.Suspended() && n.passSeat(ctx, p, turn):
				there.Add(1)
			case ctx.Err() == nil:
				n.endHeld(ctx, p)
			}
		})
	}
	working.Wait()
	moved = int(there.Load())
	return moved, left - moved
}

// endHeld ends the hold of p as if its time were over: the next login need not say that the server stopped without
// warning.
func (n *Node) endHeld(ctx context.Context, p *Presence) {
	if r, _ := p.connection(); holdOf(r) != nil {
		n.Quit(ctx, p, r)
	}
}

// passSeat gives the seat of p to one of the other nodes, by turns. It reports whether one has it.
func (n *Node) passSeat(ctx context.Context, p *Presence, turn int) bool {
	others := n.others()
	for i := range others {
		if ctx.Err() != nil {
			return false
		}
		to := others[(turn+i)%len(others)]
		a, err := n.desk.Ask(ctx, to, &Order{Kind: TakeIn, User: p.User, Entry: p.stay().id})
		if err == nil && a.Verdict == Delivered || p.moved() { // or to where the user has come meanwhile
			return true
		}
		if err != nil {
			n.log.Warn("a seat was not passed on", "user", p.User.Name, "to", to, "err", err)
		}
	}
	return false
}

// takeIn is the order of that name.
func (n orders) takeIn(o *Order) (Answer, <-chan Answer) {
	switch {
	case n.leaving.Load() != staying || n.hold <= 0:
		return Answer{Verdict: Gone}, nil
	case o.Entry == "":
		return Answer{Verdict: Delivered}, nil
	}
	return n.afterwards("take in", func(ctx context.Context) Answer {
		err := n.takeSeat(ctx, o)
		if err == nil {
			return Answer{Verdict: Delivered}
		}
		n.log.Warn("a seat was not taken in", "user", o.User.Name, "err", err)
		return Answer{Verdict: Gone}
	})
}

// takeSeat brings a seat here that is held on another node. It returns ErrNotFound if it is not held there any more.
func (n *Node) takeSeat(ctx context.Context, o *Order) error {
	e, err := n.desk.Find(o.User.Name)
	if err == nil && (e.ID != o.Entry || e.Held == nil) {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	p, k, err := n.heldPresence(ctx, e, false)
	if err != nil {
		return err
	}
	defer p.yield()
	p.mail.hold()
	if n.presences.add(p) != nil {
		n.unseat(p)
		return ErrNotFound // the user comes here just now
	}
	moved, err := n.moveHere(ctx, p, e)
	switch {
	case errors.Is(err, ErrUnsure):
		n.disappear(ctx, p)
		return err
	case err != nil:
		n.unseat(p)
		return err
	case !moved:
		n.unseat(p)
		return ErrNotFound
	}
	n.holds.add(n, p, k)
	return nil
}
