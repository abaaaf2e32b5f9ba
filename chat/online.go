package chat

import (
	"context"
	"errors"
	"time"
)

// goOnline brings u online at r, or moves the user to r.
func (n *Node) goOnline(ctx context.Context, u User, blocks map[string]string, r Receiver) (*Presence, error) {
	for {
		p := newPresence(n, u, blocks, r)
		there, online := n.presences.LoadOrStore(u.key(), p)
		if !online {
			defer p.yield()
			if err := n.appear(ctx, p); err != nil {
				n.disappear(context.WithoutCancel(ctx), p)
				return nil, err
			}
			return p, nil
		}
		p = there.(*Presence)
		if err := p.wait(ctx); err != nil {
			return nil, err
		}
		old, ok := p.attach(r)
		if ok {
			if err := n.update(ctx, p); err != nil {
				n.log.Error("in the directory as before", "user", p.User.Name, "err", err)
			}
		}
		p.yield()
		if !ok {
			continue // has just gone: come after
		}
		if old != r {
			old.End(ErrMoved)
		}
		r.Wake(ctx) // what the old connection has not read
		return p, nil
	}
}

// appear makes p known to those who look for the user, and lets the user hear.
func (n *Node) appear(ctx context.Context, p *Presence) error {
	if err := n.directory.Enter(ctx, p.entry()); err != nil {
		return err
	}
	if err := n.bus.Subscribe(ctx, Everyone, p); err != nil {
		return err
	}
	return n.bus.Subscribe(ctx, UserTopic(p.User), p)
}

// Quit ends the user's being online, if r is still the connection: the user leaves every room, and the rooms that the
// user leads close. Nothing happens if the user has moved on to another connection.
func (n *Node) Quit(ctx context.Context, p *Presence, r Receiver) {
	p.turn <- struct{}{} // one move of the same user is all there is to wait for
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
	defer func() {
		n.disappear(ctx, p)
		if p.User.Guest {
			n.guestNumbers.give(guestNumber(p.User.Name))
		}
	}()
	rooms, err := n.directory.RoomsOf(ctx, p.User)
	if err != nil {
		n.log.Error("rooms not left", "user", p.User.Name, "err", err)
	}
	for _, room := range rooms {
		if err := n.leave(ctx, p, room.Number); err != nil && !IsRefusal(err) {
			n.log.Error("room not left", "user", p.User.Name, "room", room.Number, "err", err)
		}
	}
	if !p.User.Guest {
		_, _, err := n.changeAccount(ctx, p.User.Name, func(a *account) error {
			a.LastSeen = time.Now().UTC()
			return nil
		})
		if err != nil && !errors.Is(err, ErrNoUser) {
			n.log.Error("last seen not recorded", "user", p.User.Name, "err", err)
		}
	}
}

// disappear undoes what goOnline did.
func (n *Node) disappear(ctx context.Context, p *Presence) {
	for _, topic := range []Topic{Everyone, UserTopic(p.User)} {
		if err := n.bus.Unsubscribe(ctx, topic, p); err != nil {
			n.log.Error("still subscribed", "user", p.User.Name, "topic", topic, "err", err)
		}
	}
	if err := n.directory.Quit(ctx, p.entry()); err != nil {
		n.log.Error("still in the directory", "user", p.User.Name, "err", err)
	}
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	n.presences.CompareAndDelete(p.User.key(), p)
}

// amend lets change change what the directory says of p, and tells the directory.
func (n *Node) amend(ctx context.Context, p *Presence, change func()) error {
	if err := p.wait(ctx); err != nil {
		return err
	}
	defer p.yield()
	change()
	return n.update(ctx, p)
}

// update tells the directory what it is to say of p, if p is online still. The caller has p's turn.
func (n *Node) update(ctx context.Context, p *Presence) error {
	if err := n.directory.Update(ctx, p.entry()); !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// Who returns the names of everyone online, sorted without regard to letter case.
func (n *Node) Who(ctx context.Context) ([]string, error) {
	var names []string
	for e, err := range n.directory.Online(ctx) {
		if err != nil {
			return nil, err
		}
		names = append(names, e.User.Name)
	}
	return names, nil
}

// Online returns the entries of everyone online, sorted by name without regard to letter case.
func (n *Node) Online(ctx context.Context) ([]Entry, error) {
	var entries []Entry
	for e, err := range n.directory.Online(ctx) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, n.live(e))
	}
	return entries, nil
}

// live returns e with what the directory need not know at once, if its user is on this node.
func (n *Node) live(e Entry) Entry {
	if p := n.here(e.User); p != nil {
		e.LastInput = p.lastInput()
	}
	return e
}

// here returns the presence of u on this node, or nil.
func (n *Node) here(u User) *Presence {
	v, ok := n.presences.Load(u.key())
	if !ok || v.(*Presence).User.ID != u.ID {
		return nil
	}
	return v.(*Presence)
}

// presenceOf returns the presence of the user called name: ErrNoUser if there is no such user, ErrNotOnline if the
// account has no session.
func (n *Node) presenceOf(ctx context.Context, name string) (*Presence, error) {
	u, err := n.user(ctx, name)
	if err != nil {
		return nil, err
	}
	if p := n.here(u); p != nil {
		return p, nil
	}
	return nil, ErrNotOnline.With(u.Name)
}
