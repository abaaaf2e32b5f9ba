package chat

import (
	"context"
	"errors"
	"time"
)

// MaxBlocks is how many users one may block.
const MaxBlocks = 500

// AllGuests is the name under which all guests are blocked at once, those to come too. No account can be called so.
const AllGuests = "guests"

// BlockTerms say how somebody is blocked. The zero value is until that is ended, and not silently.
type BlockTerms struct {
	// Lasts is for how long. Zero means until the user ends it.
	Lasts time.Duration
	// Silent keeps it from whoever is blocked: what is said or written to the user seems to arrive.
	Silent bool
}

// BlockOn makes me hear nothing more of the user called name, or of any guest if name is AllGuests, and returns that
// user's name. An account's blocks are on disk when BlockOn returns nil, a guest's last as long as the session. What
// the other one says after that is never delivered. The block of a guest holds, for an hour, also for the guest who
// comes again from the same source and gets the same name. Other terms take the place of those before.
//
// It returns ErrNoUser, ErrAlreadyBlocked if the user is blocked just so, ErrBlockSelf or ErrTooManyBlocks.
func (n *Node) BlockOn(ctx context.Context, me *Presence, name string, terms BlockTerms) (string, error) {
	u, err := n.blockable(ctx, name)
	if err != nil {
		return "", err
	}
	if u.ID == me.User.ID || u.ID == me.User.Origin {
		return "", ErrBlockSelf
	}
	now := block{Name: u.Name, ID: u.ID, Silent: terms.Silent}
	if terms.Lasts > 0 {
		now.Until = time.Now().Add(terms.Lasts)
	}
	err = n.changeBlocks(ctx, me, func(all blocks) error {
		before, blocked := all[u.ID]
		switch {
		case blocked && before.Until.IsZero() && now.Until.IsZero() && before.Silent == now.Silent:
			return ErrAlreadyBlocked.With(u.Name)
		case !blocked && len(all) >= MaxBlocks:
			return ErrTooManyBlocks.With(MaxBlocks)
		}
		all[u.ID] = now
		return nil
	})
	if err == nil && u.Guest {
		if e, online := n.entryOf(u); online {
			n.keepGuest(ctx, e, !me.User.Guest)
		}
	}
	if err == nil {
		err = n.forgetIfGone(ctx, me, u)
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
	err := n.changeBlocks(ctx, me, func(all blocks) error {
		before := len(all)
		for id, b := range all {
			// By name too: a guest may be gone, while the block stays in an account.
			switch sameName := FoldName(b.Name) == FoldName(name); {
			case sameName:
				shown = b.Name
				delete(all, id)
			case id == u.ID, id == u.Origin:
				delete(all, id)
			}
		}
		switch {
		case len(all) < before:
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
	if e, err := n.desk.Find(name); err == nil {
		return e.User, nil
	}
	a, err := n.account(ctx, name)
	if err != nil {
		return User{}, err
	}
	return a.user(), nil
}

// changeBlocks applies change to the blocks of me that are in force.
func (n *Node) changeBlocks(ctx context.Context, me *Presence, change func(blocks) error) error {
	return n.changeOwn(ctx, me, func(a *account) error {
		all := a.blocks().inForce(time.Now())
		if err := change(all); err != nil {
			return err
		}
		a.setBlocks(all)
		return nil
	})
}
