package chat

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"parley/internal/crash"
)

// A Hold says that a user's connection was lost, and that the seat is kept for a while.
type Hold struct {
	// Since is when the connection was lost.
	Since time.Time `json:"since"`
	// Lasts is for how long the seat is kept from then on.
	Lasts time.Duration `json:"lasts"`
	// Restart says that it was lost because the server has stopped; it has started again since.
	Restart bool `json:"restart,omitempty"`
}

// until returns when the user is offline, unless the user has come back.
func (h Hold) until() time.Time { return h.Since.Add(h.Lasts) }

// Ago returns how long ago the connection was lost.
func (h Hold) Ago() time.Duration { return max(0, time.Since(h.Since)) }

// An Unfinished is what a user was in the middle of: it goes with the seat to the next connection.
type Unfinished struct {
	// Line is what was typed and not entered, without a password, and Cursor an offset in it, in bytes.
	Line   string `json:"line,omitempty"`
	Cursor int    `json:"cursor,omitempty"`
	// Talk is where plain lines go; nil means nowhere.
	Talk *Target `json:"talk,omitempty"`
}

// A keeper sits at a seat whose connection was lost: what its user hears waits in the mailbox. It is a [Receiver].
type keeper struct {
	hold   Hold
	source netip.Addr
	client Client
}

func (*keeper) Wake(context.Context) {}
func (*keeper) End(error)            {}

func (k *keeper) Source() netip.Addr { return k.source }
func (k *keeper) Client() Client     { return k.client }

// Hold returns for how long the seat of a user is kept whose connection was lost; zero means not at all.
func (n *Node) Hold() time.Duration { return n.hold }

// Lose is [Node.Quit] for a connection that was lost, and that nobody has closed: the seat of a user who has an account
// is kept for as long as [Options.Hold] says, with rooms, leaderships and what is not read, and the next login has it
// again. Guests have no login, so they leave. Nothing happens if the user has moved on to another connection.
func (n *Node) Lose(ctx context.Context, p *Presence, r Receiver) {
	p.turn.Take() // as Quit does
	defer p.yield()
	k := &keeper{Hold{time.Now(), n.hold, false}, r.Source(), clientOf(r)}
	if n.hold <= 0 || p.User.Guest || !p.keep(r, k) {
		if _, ok := p.end(r); ok {
			n.goOffline(ctx, p)
		}
		return
	}
	if n.Suspended() && n.alone() != nil {
		n.recordLeave(ctx, p) // nobody is told: all are leaving
		return
	}
	if err := n.update(ctx, p); err != nil {
		n.log.Error("at the desk as before", "user", p.User.Name, "err", err)
	}
	n.holds.add(n, p, k)
}

// keep puts k in the place of r. It returns false if r is not the connection of p any more.
func (p *Presence) keep(r Receiver, k *keeper) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.receiver != r || p.reached(stageDeaf) {
		return false
	}
	p.receiver = k
	p.mail.hold()
	return true
}

// held returns the hold of p; nil while there is a connection.
func (p *Presence) held() *Hold {
	r, _ := p.connection()
	return holdOf(r)
}

func holdOf(r Receiver) *Hold {
	if k, ok := r.(*keeper); ok {
		return &k.hold
	}
	return nil
}

// PutDown says that the user, who was at r, was in the middle of u. Whoever has the seat now gets it, on whichever
// node; if nobody has, the next one will.
func (n *Node) PutDown(ctx context.Context, p *Presence, r Receiver, u Unfinished) {
	p.unfinished.Store(&u)
	at, gone := p.connection()
	switch {
	case !gone && at != r:
		at.Wake(ctx)
	case p.moved():
		// until it is there, or cannot be
		start(&n.background, n.log, "pass on", func() { n.passOn(context.WithoutCancel(ctx), p) })
	}
}

// passOn sends what the user of p was in the middle of after the seat, which has gone to another node.
func (n *Node) passOn(ctx context.Context, p *Presence) {
	u := p.TakeUnfinished()
	if u == nil {
		return // it went with the seat
	}
	e, err := n.desk.Find(p.User.Name)
	if err == nil && e.ID == p.stay().id {
		_, err = n.desk.Ask(ctx, e.Node, &Order{Kind: TakeUp, User: p.User, Entry: e.ID, Unfinished: u})
	}
	if err != nil {
		n.log.Warn("a half-typed line is lost", "user", p.User.Name, "err", err)
	}
}

// takeUp is the order of that name.
func (n orders) takeUp(ctx context.Context, o *Order) {
	p := n.here(o.User)
	if p == nil || o.Unfinished == nil || p.stay().id != o.Entry {
		return
	}
	p.unfinished.Store(o.Unfinished)
	p.rouse(ctx, false)
}

// HasUnfinished reports whether the user was in the middle of something at the connection before.
func (p *Presence) HasUnfinished() bool { return p.unfinished.Load() != nil }

// TakeUnfinished returns what the user was in the middle of at the connection before, once; nil if that was nothing.
func (p *Presence) TakeUnfinished() *Unfinished { return p.unfinished.Swap(nil) }

// holds are the seats that are kept, in the order in which that ends: all are kept for equally long. The zero value is
// none. Safe for concurrent use.
type holds struct {
	mu    sync.Mutex // guards queue
	queue []heldSeat // not empty while a goroutine waits for the first to end
}

type heldSeat struct {
	p *Presence
	k *keeper
}

// add sees to it that p quits when k has been there for as long as may be.
func (h *holds) add(n *Node, p *Presence, k *keeper) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue = append(h.queue, heldSeat{p, k})
	if len(h.queue) == 1 {
		// until no seat is kept, or Close
		start(&n.background, n.log, "held seats", func() { h.endAll(n) })
	}
}

func (h *holds) endAll(n *Node) {
	for first, ok := h.first(), true; ok; first, ok = h.next() {
		if !waitUntil(n.alive, first.k.hold.until()) {
			return
		}
		n.giveUp(first)
	}
}

// giveUp ends the being online of who has not come back to s. A panic ends that alone.
func (n *Node) giveUp(s heldSeat) {
	defer crash.Survive(n.log, "held seat")
	n.Quit(context.Background(), s.p, s.k)
}

func (h *holds) first() heldSeat {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.queue[0]
}

// next takes the first out, and returns the one behind it. It returns false if there is none.
func (h *holds) next() (heldSeat, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue[0] = heldSeat{}
	if h.queue = h.queue[1:]; len(h.queue) == 0 {
		h.queue = nil
		return heldSeat{}, false
	}
	return h.queue[0], true
}
