package chat

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// MaxBlocks is how many users one may block.
const MaxBlocks = 500

// AllGuests is the name under which all guests are blocked at once, those to come too. No account can be called so.
const AllGuests = "guests"

// Block makes me hear nothing more of the user called name, or of any guest if name is AllGuests, and returns that
// user's name. An account's blocks are on disk when Block returns nil, a guest's last as long as the session. What the
// other one says after that is never delivered. The block of a guest holds, for an hour, also for the guest who comes
// again from the same source and gets the same name.
//
// It returns ErrNoUser, ErrAlreadyBlocked, ErrBlockSelf or ErrTooManyBlocks.
func (n *Node) Block(ctx context.Context, me *Presence, name string) (string, error) {
	u, err := n.blockable(ctx, name)
	if err != nil {
		return "", err
	}
	if u.ID == me.User.ID || u.ID == me.User.Origin {
		return "", ErrBlockSelf
	}
	err = n.changeBlocks(ctx, me, func(names map[string]string) error {
		if _, ok := names[u.ID]; ok {
			return ErrAlreadyBlocked.With(u.Name)
		}
		if len(names) >= MaxBlocks {
			return ErrTooManyBlocks.With(MaxBlocks)
		}
		names[u.ID] = u.Name
		return nil
	})
	if err == nil && u.Guest {
		if e, online, _ := n.entryOf(ctx, u); online {
			n.keepGuest(ctx, e, !me.User.Guest)
		}
	}
	return u.Name, err
}

// Unblock ends a block of the user called name, and returns that user's name. It returns ErrNotBlocked, or ErrNoUser if
// there is no such user and no such block either.
func (n *Node) Unblock(ctx context.Context, me *Presence, name string) (string, error) {
	u, noUser := n.blockable(ctx, name)
	if noUser != nil && !errors.Is(noUser, ErrNoUser) {
		return "", noUser
	}
	shown := u.Name
	err := n.changeBlocks(ctx, me, func(names map[string]string) error {
		before := len(names)
		for id, blocked := range names {
			// By name too: a guest may be gone, while the block stays in an account.
			switch sameName := FoldName(blocked) == FoldName(name); {
			case sameName:
				shown = blocked
				delete(names, id)
			case id == u.ID, id == u.Origin:
				delete(names, id)
			}
		}
		switch {
		case len(names) < before:
			return nil
		case noUser != nil:
			return noUser
		}
		return ErrNotBlocked.With(u.Name)
	})
	return shown, err
}

// blockable returns the user called name, or what stands for all guests.
func (n *Node) blockable(ctx context.Context, name string) (User, error) {
	if FoldName(name) == AllGuests {
		return User{Name: AllGuests, ID: AllGuests}, nil
	}
	return n.user(ctx, name)
}

// user returns the user called name, who is a guest online or has an account. It returns ErrNoUser if there is neither.
func (n *Node) user(ctx context.Context, name string) (User, error) {
	e, err := n.desk.Find(ctx, name)
	if err == nil {
		return e.User, nil
	}
	if !errors.Is(err, ErrNotFound) {
		return User{}, err
	}
	a, _, err := n.account(ctx, name)
	if err != nil {
		return User{}, err
	}
	return a.user(), nil
}

// changeBlocks applies change to the names, by ID, of those whom me has blocked: first to the account, then to what me
// hears.
func (n *Node) changeBlocks(ctx context.Context, me *Presence, change func(map[string]string) error) error {
	if err := me.wait(ctx); err != nil {
		return err
	}
	defer me.yield()
	if me.User.Guest {
		names := make(map[string]string)
		maps.Copy(names, me.blockedNames())
		if err := change(names); err != nil {
			return err
		}
		me.setBlocks(names)
		return nil
	}
	a, _, err := n.changeAccount(ctx, me.User.Name, func(a *account) error {
		names := a.blockedNames()
		if err := change(names); err != nil {
			return err
		}
		a.Blocks = a.Blocks[:0]
		for _, id := range slices.Sorted(maps.Keys(names)) {
			a.Blocks = append(a.Blocks, block{Name: names[id], ID: id})
		}
		return nil
	})
	if err != nil {
		return err
	}
	names := a.blockedNames()
	me.setBlocks(names)
	return n.changedAccount(ctx, me)
}

// changedAccount is to be called when me, who may have moved to another node since, has changed what is known there of
// the account: the other node may have read it before.
func (n *Node) changedAccount(ctx context.Context, me *Presence) error {
	if !me.moved() {
		return nil
	}
	return n.all(ctx, &Order{Kind: Reread, User: me.User})
}

// blockedNames returns the names, by ID, of those whom the user has blocked. They are never changed.
func (p *Presence) blockedNames() map[string]string {
	if names := p.blocks.Load(); names != nil {
		return *names
	}
	return nil
}

// hears reports whether the user has not blocked from.
func (p *Presence) hears(from User) bool {
	names := p.blockedNames()
	if len(names) == 0 {
		return true
	}
	_, blocked := names[from.ID]
	if !blocked && from.Origin != "" {
		_, blocked = names[from.Origin]
	}
	if !blocked && from.Guest && from.ID != p.User.ID {
		_, blocked = names[AllGuests]
	}
	return !blocked
}

// Blocked returns the names of those whom the user has blocked, sorted; guests who are long gone too.
func (p *Presence) Blocked() []string { return p.blockedAmong(func(string) bool { return true }) }

func (p *Presence) blockedAmong(known func(id string) bool) []string {
	var names []string
	for id, name := range p.blockedNames() {
		if known(id) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, compareNames)
	return slices.Compact(names)
}
