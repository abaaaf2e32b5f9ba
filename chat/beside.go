package chat

import "context"

// Beside returns u, who has shown who that is, as somebody who acts beside u's own seat, from where r is: that brings
// nobody online, moves nobody, and is seen by nobody. A user who sits at this node is that presence, so that what is
// said counts where the user is; for all others it is one that nobody knows of, and that need not be ended. A guest is
// one who is not here.
//
// It returns ErrLogin if the account is gone, disabled or by now somebody else's, and ErrBanned or ErrAddressBanned.
func (n *Node) Beside(ctx context.Context, u User, r Receiver) (*Presence, error) {
	a := new(account)
	if u.Guest {
		if err := n.MayConnect(ctx, r.Source()); err != nil {
			return nil, err
		}
		u = User{Name: guestPrefix, ID: newGuestID(), Guest: true}
	} else {
		var err error
		if a, err = n.admitted(ctx, u, r); err != nil {
			return nil, err
		}
		if p := n.here(u); p != nil {
			return p, nil
		}
	}
	p := newPresence(n, u, nil, r)
	defer p.yield()
	p.reach(stageGone) // nobody ends it: so it must not be among those who watch others
	p.read(a)
	p.setMarks(a.Marks)
	p.operator.Store(a.Operator)
	p.came.Store(n.desk.Said())
	return p, nil
}
