package chat

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Who returns the names of everyone online, sorted without regard to letter case.
func (n *Node) Who(ctx context.Context) ([]string, error) {
	entries, err := n.directory.Online(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.User.Name
	}
	return names, nil
}

// A Status is what one may know of a user.
type Status struct {
	User    User
	Info    Text
	Blocked []string // names, sorted; only of oneself
	Online  bool
	Rooms   []int         // numbers of the rooms the user is in
	Idle    time.Duration // only while online
	// Since is when the user came, or, for one who is not online, was last seen; zero means never.
	Since time.Time
}

// Status returns what me may know of the user called name. It returns ErrNoUser if there is none.
func (n *Node) Status(ctx context.Context, me *Presence, name string) (Status, error) {
	var s Status
	e, err := n.directory.Find(ctx, name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return s, err
	}
	if e != nil {
		s.User, s.Online, s.Idle, s.Since = e.User, true, e.Idle(), e.Since
		rooms, err := n.directory.RoomsOf(ctx, e.User)
		if err != nil {
			return s, err
		}
		for _, r := range rooms {
			s.Rooms = append(s.Rooms, r.Number)
		}
		if info := e.info.Load(); info != nil {
			s.Info = *info
		}
	}
	if e == nil || !e.User.Guest {
		a, _, err := n.account(ctx, name)
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

// Blocked returns the names of those whom the user has blocked, sorted; guests who are long gone too.
func (e *Entry) Blocked() []string { return e.blocked(func(string) bool { return true }) }

func (e *Entry) blocked(known func(id string) bool) []string {
	var names []string
	for id, name := range e.blocks.Load().names {
		if known(id) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, compareNames)
	return slices.Compact(names)
}

// SetInfo replaces what me says about oneself; it is on disk when SetInfo returns nil. A guest's lasts as long as the session. It returns
// ErrMuted.
func (n *Node) SetInfo(ctx context.Context, me *Presence, info Text) error {
	if err := n.maySpeak(ctx, me); err != nil {
		return err
	}
	if me.User.Guest {
		me.info.Store(&info)
		return nil
	}
	_, _, err := n.changeAccount(ctx, me.User.Name, func(a *account) error {
		a.Info = info.String()
		return nil
	})
	return err
}
