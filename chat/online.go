package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"parley/chat/record"
)

// A seating says what somebody who has come online was before.
type seating struct {
	there bool  // online already
	held  *Hold // whose connection was lost; nil if not
}

// goOnline brings u online at r, or moves the user to r.
func (n *Node) goOnline(ctx context.Context, u User, all blocks, r Receiver) (*Presence, seating, error) {
	for {
		p := newPresence(n, u, all, r)
		there := n.presences.add(p)
		if there == nil {
			defer p.yield()
			was, err := n.appear(ctx, p)
			if err != nil {
				n.disappear(context.WithoutCancel(ctx), p)
				return nil, seating{}, err
			}
			return p, was, nil
		}
		p = there
		old, err := n.sitDown(ctx, p, r)
		if errors.Is(err, ErrMoved) {
			continue // has just gone: come after
		}
		if err != nil {
			return nil, seating{}, err
		}
		if old != r {
			old.End(ErrMoved)
		}
		r.Wake(ctx) // what the old connection has not read
		return p, seating{true, holdOf(old)}, nil
	}
}

// sitDown makes r the connection of p, who is online already, and returns the one before. It returns ErrMoved if p has
// gone.
func (n *Node) sitDown(ctx context.Context, p *Presence, r Receiver) (old Receiver, err error) {
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	defer p.yield()
	old, ok := p.attach(r)
	if !ok {
		return nil, ErrMoved
	}
	if err := n.update(ctx, p); err != nil {
		n.log.Error("at the desk as before", "user", p.User.Name, "err", err)
	}
	return old, nil
}

// appear makes p known to those who look for the user, and lets the user hear. A user who is online on another node
// moves here.
func (n *Node) appear(ctx context.Context, p *Presence) (seating, error) {
	for range maxRetries {
		err := n.desk.Enter(ctx, p.entry(), p)
		if !errors.Is(err, ErrConflict) {
			p.came.Store(n.desk.Said())
			if err == nil {
				n.tellWatchers(ctx, p, Came)
			}
			return seating{}, err
		}
		there, finding := n.desk.Find(p.User.Name)
		switch {
		case finding != nil:
			continue // has just gone
		case there.User.ID != p.User.ID:
			return seating{}, err
		}
		if moved, err := n.moveHere(ctx, p, there); moved || err != nil {
			return seating{true, there.Held}, err
		}
	}
	return seating{}, fmt.Errorf("enter: still changing after %d tries: %w", maxRetries, ErrConflict)
}

// moveHere makes p the seat of the user whose entry is there, on another node. It returns false if the user has gone.
func (n *Node) moveHere(ctx context.Context, p *Presence, there Entry) (moved bool, err error) {
	p.at.Store(&stay{there.ID, there.Since})
	if there.Absence.Away {
		p.absence.Store(&there.Absence)
	}
	var a Answer
	over := p.expect()
	defer func() { over(a.Verdict == Gone) }()
	a, err = n.desk.Move(ctx, p.entry(), p)
	switch {
	case errors.Is(err, ErrNotFound):
		p.anew()
		return false, nil
	case err != nil:
		return false, err
	case a.Verdict == Gone:
		// The user was on the way out, has gone, and comes anew: here, or where the user has moved meanwhile.
		err := n.desk.Quit(ctx, p.entry())
		if p.moved() {
			return true, err
		}
		p.anew()
		return false, err
	}
	p.came.Store(n.desk.Said())
	if a.Seat != nil {
		p.takeOver(ctx, a.Seat)
	}
	return true, nil
}

// anew makes p the seat of a user who has just come, after one whose seat it was to take over had gone.
func (p *Presence) anew() {
	p.at.Store(&stay{rand.Text(), p.since})
	p.absence.Store(nil)
}

// Quit ends the user's being online, if r is still the connection: the user leaves every room, as by [Node.Leave].
// Nothing happens if the user has moved on to another connection.
func (n *Node) Quit(ctx context.Context, p *Presence, r Receiver) {
	p.turn.Take() // one move of the same user is all there is to wait for
	defer p.yield()
	if _, ok := p.end(r); ok {
		n.goOffline(ctx, p)
	}
}

// goOffline is what follows when p is no longer online: its connection is gone, or is told to go. The caller has p's
// turn.
func (n *Node) goOffline(ctx context.Context, p *Presence) {
	if p.User.Guest {
		n.keepMute(ctx, p)
	} else {
		n.keepSource(ctx, p)
	}
	// Whatever goes wrong below, the user must be able to come again.
	defer n.disappear(ctx, p)
	if !p.User.Guest {
		n.recordLeave(ctx, p)
	}
}

// recordLeave writes down when the user of p, who has an account, was there last.
func (n *Node) recordLeave(ctx context.Context, p *Presence) {
	// Others see that the user has left after this: so no slow server holds that up.
	_, err := changeAccountIn(ctx, record.Quick(n.store), p.User.Name, func(a *account) error {
		a.LastSeen = time.Now().UTC()
		a.Marks = p.marksToKeep()
		if p.missed() {
			a.Unheard = a.LastSeen
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrNoUser) {
		n.log.Log(ctx, LevelOf(err), "last seen not recorded", "user", p.User.Name, "err", err)
	}
}

// disappear undoes what goOnline did: the user leaves every room.
func (n *Node) disappear(ctx context.Context, p *Presence) {
	defer n.vanish(p)
	rooms := n.desk.RoomsOf(p.User) // for the count alone
	if err := n.desk.Quit(ctx, p.entry()); err != nil {
		n.log.Error("still online at the desk", "user", p.User.Name, "err", err)
		return
	}
	for _, r := range rooms {
		if after, _ := r.leave(p.User); after.Open() {
			n.count(Left)
		} else {
			n.count(Closed)
		}
	}
	n.tellWatchers(ctx, p, Went)
}

// vanish makes the node know nothing of p any more.
func (n *Node) vanish(p *Presence) {
	n.unseat(p)
	p.forgetHeard()
}

// unseat is vanish, but that what the user has heard is kept with p.
func (n *Node) unseat(p *Presence) {
	p.reach(stageGone)
	n.presences.remove(p)
	n.watchers.forget(p)
}

// amend lets change change what the desk says of p, and tells the desk.
func (n *Node) amend(ctx context.Context, p *Presence, change func()) error {
	if err := p.wait(ctx); err != nil {
		return err
	}
	defer p.yield()
	change()
	return n.update(ctx, p)
}

// update tells the desk what it is to say of p, if p is online still. The caller has p's turn.
func (n *Node) update(ctx context.Context, p *Presence) error {
	if err := n.desk.Update(ctx, p.entry()); !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// Who returns the names of everyone online, sorted without regard to letter case.
func (n *Node) Who() []string {
	names := make([]string, 0, n.presences.count())
	for e := range n.desk.Online() {
		names = append(names, e.User.Name)
	}
	return names
}

// A Listed is somebody online.
type Listed struct {
	Name string
	Away bool
	Held bool // the connection was lost
}

// Roll is Who, and says who is away.
func (n *Node) Roll() []Listed {
	all := make([]Listed, 0, n.presences.count())
	for e := range n.desk.Online() {
		all = append(all, Listed{e.User.Name, e.Absence.Away, e.Held != nil})
	}
	return all
}

// Online returns the entries of everyone online, sorted by name without regard to letter case.
func (n *Node) Online(ctx context.Context) ([]Entry, error) {
	entries := make([]Entry, 0, n.presences.count()) // which is all of them at a node that is alone
	elsewhere := false
	for e := range n.desk.Online() {
		if p := n.here(e.User); p != nil {
			e.LastInput = p.lastInput()
		} else {
			elsewhere = true
		}
		entries = append(entries, e.seen())
	}
	if !elsewhere {
		return entries, nil
	}
	answers, err := n.desk.All(ctx, &Order{Kind: TellIdle})
	idles := make(map[string]time.Duration)
	for _, a := range answers {
		maps.Copy(idles, a.Idles)
	}
	for i, e := range entries {
		if idle, known := idles[e.ID]; known {
			entries[i].LastInput = time.Now().Add(-idle)
		}
	}
	return entries, err
}

// idle returns for how long the user of e has been idle.
func (n *Node) idle(ctx context.Context, e Entry) time.Duration {
	if p := n.here(e.User); p != nil {
		e.LastInput = p.lastInput()
	} else if a, err := n.desk.Ask(ctx, e.Node, &Order{Kind: TellIdle, User: e.User}); err == nil && a.Verdict != "" {
		return a.Idle
	}
	return e.Idle()
}

// here returns the presence of u on this node, or nil.
func (n *Node) here(u User) *Presence {
	if p := n.presences.at(u.key()); p != nil && p.User.ID == u.ID {
		return p
	}
	return nil
}

// entryOf returns the entry of u, and whether u is online.
func (n *Node) entryOf(u User) (e Entry, online bool) {
	e, err := n.desk.Find(u.Name)
	return e, err == nil && e.User.ID == u.ID
}

// onlineEntry returns the entry of the user called name: ErrNoUser if there is no such user, ErrNotOnline if the
// account has no session.
func (n *Node) onlineEntry(ctx context.Context, name string) (Entry, error) {
	e, err := n.desk.Find(name)
	if err == nil {
		return e, nil
	}
	a, err := n.account(ctx, name)
	if err != nil {
		return Entry{}, err
	}
	return Entry{}, ErrNotOnline.With(a.Name)
}

// all gives all nodes the order o, whose answers do not matter.
func (n *Node) all(ctx context.Context, o *Order) error {
	_, err := n.desk.All(ctx, o)
	return err
}
