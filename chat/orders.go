package chat

import (
	"context"
	"errors"
	"sync"
	"time"
)

// orders does what a node is asked to do for its users: see [Order].
type orders struct{ *Node }

// Do is that of [Handler].
func (n orders) Do(ctx context.Context, o *Order) (a Answer, later <-chan Answer) {
	switch o.Kind {
	case Deliver:
		return n.deliver(ctx, o), nil
	case HandOver:
		return n.handOver(o)
	case Expel:
		return n.expelHere(o)
	case SetRole:
		return n.setRoleHere(o)
	case Impose:
		n.imposeHere(ctx, o)
	case Reread:
		return n.reread(o)
	case ForgetUsers:
		return n.forgetUsers(o)
	case TellWatchers:
		n.tellWatchersHere(ctx, o)
	case TellIdle:
		return n.tellIdle(o), nil
	case TakeUp:
		n.takeUp(ctx, o)
	case TakeIn:
		return n.takeIn(o)
	case StopIn:
		n.stopIn(ctx, o)
	case CancelStop:
		return n.cancelStop(ctx), nil
	}
	return Answer{}, nil
}

// deliver is the order of that name. Of an event that says nothing it only finds out what would become of it. To who is
// blocked silently the answer is that of a delivery.
func (n orders) deliver(ctx context.Context, o *Order) Answer {
	p := n.here(o.User)
	switch {
	case p == nil || o.Event == nil || !p.reached(stageSits): // a user who is about to move here may be told elsewhere
		return Answer{}
	case p.reached(stageDeaf):
		return Answer{Verdict: Gone}
	}
	b, blocked := p.blocksNow().of(o.Event.From, p.User.ID, o.Event.At)
	if blocked && !b.Silent {
		return Answer{Verdict: Blocked}
	}
	idle := time.Since(p.lastInput())
	if !blocked && !o.Event.Text.Empty() {
		p.keepTold(o.Event)
		p.Hear(ctx, o.Event)
	}
	if p.reached(stageDeaf) {
		return Answer{Verdict: Full}
	}
	return Answer{Verdict: Delivered, Idle: idle}
}

// handOver gives up a seat. A user who moves on before the seat from the node before has come here gets that one too.
func (n orders) handOver(o *Order) (Answer, <-chan Answer) {
	p := n.here(o.User)
	if p == nil || p.stay().id != o.Entry || !p.reached(stageSits) {
		return Answer{Verdict: Gone}, nil
	}
	c, ok := p.handOver()
	switch {
	case !ok:
		return Answer{Verdict: Gone}, nil
	case c == nil:
		return Answer{Verdict: Delivered, Seat: p.seat()}, nil
	}
	return n.afterwards("hand over", func(context.Context) Answer {
		<-c.over // for as long as a desk waits for an answer, at most
		if c.nobody {
			p.forgetHeard()
			return Answer{Verdict: Gone}
		}
		return Answer{Verdict: Delivered, Seat: p.seat()}
	})
}

// expelHere ends those sessions at once that it concerns, and says who they were when they are offline.
func (n orders) expelHere(o *Order) (Answer, <-chan Answer) {
	var a Answer
	var leaving []*Presence
	for _, p := range n.presences.all() {
		if concerned := p.User.ID == o.User.ID || o.Network.IsValid() && covers(o.Network, p.Source()); !concerned {
			continue
		}
		if r, ok := p.end(nil); ok {
			r.End(o.Reason)
			leaving = append(leaving, p)
			a.Users = append(a.Users, p.User.Name)
			if p.Operator() {
				a.Operators = append(a.Operators, p.User.Name)
			}
		}
	}
	if len(leaving) == 0 {
		return Answer{}, nil
	}
	return n.afterwards("expel", func(ctx context.Context) Answer {
		var all sync.WaitGroup
		for _, p := range leaving {
			// until the move that p makes is made, and p is offline
			start(&all, n.log, "expel", func() {
				p.turn.Take()
				defer p.yield()
				n.goOffline(ctx, p)
			})
		}
		all.Wait()
		return a
	})
}

// afterwards lets f find the answer to an order, when that has been done as far as it can be at once.
func (n orders) afterwards(what string, f func(ctx context.Context) Answer) (Answer, <-chan Answer) {
	answer := make(chan Answer, 1)
	// until f returns
	start(&n.background, n.log, what, func() {
		var a Answer
		defer func() { answer <- a }()
		a = f(context.Background())
	})
	return Answer{}, answer
}

func (n orders) setRoleHere(o *Order) (Answer, <-chan Answer) {
	p := n.here(o.User)
	if p == nil {
		return Answer{}, nil
	}
	p.operator.Store(o.Operator)
	// Once more in p's turn: a user who comes just now may have read the account before that was changed.
	return n.updateHere(p, func() { p.operator.Store(o.Operator) })
}

// imposeHere makes a sanction hold here that another node has decided on. That the table is read from the store first
// happens once at most.
func (n orders) imposeHere(ctx context.Context, o *Order) {
	t, known := map[string]sanctions{bansBucket: n.bans, mutesBucket: n.mutes, keptBucket: n.kept}[o.Table]
	switch {
	case !known || o.Node == n.desk.Node():
	case o.Sanction == nil:
		t.Forget(o.Key)
	default:
		s := *o.Sanction
		if s.Until = (time.Time{}); o.Lasts > 0 { // not by the clock of another machine
			s.Until = time.Now().Add(o.Lasts)
		}
		if err := t.Remember(ctx, o.Key, s); err != nil {
			n.log.Error("not in force here", "table", o.Table, "key", o.Key, "err", err)
		}
	}
	if o.Table == mutesBucket {
		n.noteMute(o.Key)
	}
}

// noteMute lets the desk know whether the user of that ID is muted, who may be here. It waits for nothing: the node
// itself looks at the table.
func (n orders) noteMute(id string) {
	for _, p := range n.presences.all() {
		if p.User.ID == id {
			n.updateHere(p, func() {})
			return
		}
	}
}

// updateHere lets change change what the desk says of p, and tells the desk.
func (n orders) updateHere(p *Presence, change func()) (Answer, <-chan Answer) {
	return n.afterwards("update", func(ctx context.Context) Answer {
		if err := n.amend(ctx, p, change); err != nil {
			n.log.Error("at the desk as before", "user", p.User.Name, "err", err)
		}
		return Answer{Verdict: Delivered}
	})
}

// reread takes blocks, aliases and settings from the account.
func (n orders) reread(o *Order) (Answer, <-chan Answer) {
	p := n.here(o.User)
	if p == nil || p.User.Guest {
		return Answer{}, nil
	}
	return n.afterwards("reread", func(ctx context.Context) Answer {
		p.turn.Take()
		defer p.yield()
		a, err := n.account(ctx, p.User.Name)
		if err == nil {
			p.read(a)
		} else if !errors.Is(err, ErrNoUser) {
			n.log.Error("account not read", "user", p.User.Name, "err", err)
		}
		return Answer{}
	})
}

// tellIdle says for how long the user has been idle, or all are if none is named.
func (n orders) tellIdle(o *Order) Answer {
	if o.User != (User{}) {
		if p := n.here(o.User); p != nil {
			return Answer{Verdict: Delivered, Idle: time.Since(p.lastInput())}
		}
		return Answer{}
	}
	idles := make(map[string]time.Duration)
	for _, p := range n.presences.all() {
		idles[p.stay().id] = time.Since(p.lastInput())
	}
	return Answer{Idles: idles}
}
