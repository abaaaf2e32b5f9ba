package chat

import (
	"context"
	"time"
)

// A Status is what one may know of a user.
type Status struct {
	User    User
	Info    Text
	Blocked []string // names, sorted; only of oneself
	Online  bool
	Rooms   []string      // what the rooms are called that the user is in
	Idle    time.Duration // only while online
	Absence Absence
	Held    *Hold // the connection was lost, and the seat is kept; nil if not
	// Since is when the user came, or, for one who is not online, was last seen; zero means never.
	Since time.Time
}

// Status returns what me may know of the user called name. It returns ErrNoUser if there is none.
func (n *Node) Status(ctx context.Context, me *Presence, name string) (Status, error) {
	var s Status
	if e, err := n.desk.Find(name); err == nil {
		s.Absence, s.Held = e.seen().Absence, e.Held
		s.User, s.Online, s.Idle, s.Since, s.Info = e.User, true, n.idle(ctx, e), e.Since, e.Info
		for _, r := range n.desk.RoomsOf(e.User) {
			s.Rooms = append(s.Rooms, r.Called())
		}
	}
	if !s.User.Guest {
		a, err := n.account(ctx, name)
		if err != nil {
			return s, err
		}
		s.User, s.Info = a.user(), Clean(a.Info)
		if !s.Online {
			s.Since = a.LastSeen
		}
	}
	if s.User.ID == me.User.ID {
		s.Blocked = n.blockedBy(ctx, me)
	} else if !me.Operator() && n.hides(ctx, s.User) {
		s.Info = Text{}
	}
	return s, nil
}

// SetInfo replaces what me says about oneself; it is on disk when SetInfo returns nil. A guest's lasts as long as the
// session. It returns ErrMuted.
func (n *Node) SetInfo(ctx context.Context, me *Presence, info Text) error {
	if err := n.maySpeak(ctx, me); err != nil {
		return err
	}
	if me.User.Guest {
		return n.amend(ctx, me, func() { me.info.Store(&info) })
	}
	_, err := n.changeAccount(ctx, me.User.Name, func(a *account) error {
		a.Info = info.String()
		return nil
	})
	return err
}
