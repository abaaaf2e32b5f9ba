package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"parley/chat/record"
)

// What users have set about an account hangs on its ID too: that they block it, and are told when it comes and goes. So
// does how many letters it has left them. That goes with the account.

// maxForgotten is how many accounts nodes are asked to forget at a time.
const maxForgotten = 1000

// forgetAtUsers ends what users have set about the accounts of those IDs, which are gone: in other accounts and their
// letterboxes, and of guests who are online. The caller has the operators' turn.
func (n *Node) forgetAtUsers(ctx context.Context, ids []string) error {
	gone := setOf(ids)
	for stored, err := range n.store.List(ctx, accountsBucket) {
		if err != nil {
			return fmt.Errorf("read accounts: %w", err)
		}
		a, err := decodeAccount(stored)
		if err != nil || !a.forget(gone) { // whoever reads the account says what is wrong with it
			continue
		}
		if err := n.forgetAt(ctx, a.Name, gone); err != nil {
			return err
		}
	}
	if err := n.forgetSenders(ctx, gone); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, maxForgotten) {
		if err := n.all(ctx, &Order{Kind: ForgetUsers, IDs: some}); err != nil {
			return err
		}
	}
	return nil
}

// forgetAt does that for the account called name.
func (n *Node) forgetAt(ctx context.Context, name string, gone map[string]bool) error {
	_, err := n.changeAccount(ctx, name, func(a *account) error {
		a.forget(gone)
		return nil
	})
	if errors.Is(err, ErrNoUser) {
		return nil
	}
	return err
}

// forgetSenders does that in all letterboxes.
func (n *Node) forgetSenders(ctx context.Context, gone map[string]bool) error {
	for stored, err := range n.store.List(ctx, mailBucket) {
		if err != nil {
			return fmt.Errorf("read mail: %w", err)
		}
		var box letterbox
		if json.Unmarshal(stored.Value, &box) != nil || !box.forget(gone) { // whoever reads it says what is wrong
			continue
		}
		a, err := n.stored(ctx, stored.Key)
		if err == nil && a != nil && !a.gone() {
			err = n.changeMail(ctx, a, func(box *letterbox) error {
				if !box.forget(gone) {
					return record.ErrUnchanged
				}
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetIfGone is to be called when me has set something about u, whose account may have been deleted meanwhile, and
// those who set something about it been gone through. It returns ErrNoUser then, and nothing is set.
func (n *Node) forgetIfGone(ctx context.Context, me *Presence, u User) error {
	if u.Guest || u.ID == AllGuests {
		return nil
	}
	_, gone := n.account(ctx, u.Name)
	if !errors.Is(gone, ErrNoUser) {
		return nil
	}
	ids := setOf([]string{u.ID})
	if !me.User.Guest {
		if err := n.forgetAt(ctx, me.User.Name, ids); err != nil {
			return err
		}
	}
	me.forget(ids)
	return gone
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// forget takes what is set about accounts of those IDs out of a, and reports whether there was anything.
func (a *account) forget(gone map[string]bool) bool {
	before := len(a.Blocks) + len(a.Watched)
	a.Blocks = slices.DeleteFunc(a.Blocks, func(b block) bool { return gone[b.ID] })
	a.Watched = slices.DeleteFunc(a.Watched, func(name string) bool { return gone[skeleton(name)] })
	return len(a.Blocks)+len(a.Watched) < before
}

// forget is that of the account, for what p knows of it. Nor does p answer those any more.
func (p *Presence) forget(gone map[string]bool) {
	p.turn.Take()
	defer p.yield()
	if own := p.own(); own.forget(gone) {
		p.read(own)
	}
	p.notePartners(func(last partners) partners {
		if gone[last.teller.ID] {
			last.teller = User{}
		}
		if gone[last.target.ID] {
			last.target = User{}
		}
		return last
	})
}

// forgetUsers is the order of that name.
func (n orders) forgetUsers(o *Order) (Answer, <-chan Answer) {
	gone := setOf(o.IDs)
	return n.afterwards("forget", func(context.Context) Answer {
		for _, p := range n.presences.all() {
			p.forget(gone)
		}
		return Answer{}
	})
}
