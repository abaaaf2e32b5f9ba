package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/chat/record"
)

// A Welcome is what a user is told after logging in.
type Welcome struct {
	// LastLogin is when the user logged in before. Zero means never.
	LastLogin time.Time
	// Failed is how many logins were refused since.
	Failed int
	// Mail is how many letters the user has not read.
	Mail int
	// Reports is how many reports are open, for an operator.
	Reports int
	// Held says that the connection before was lost, and that the seat was kept; nil if not.
	Held *Hold
	// Killed says that the user was online when the server stopped without warning, which was not told before.
	Killed bool
}

// HasAccount reports whether name, in any letter case, is that of an account. It never is one that could be a guest's.
func (n *Node) HasAccount(ctx context.Context, name string) (bool, error) {
	if strings.HasPrefix(skeleton(name), guestPrefix) {
		return false, nil
	}
	_, err := n.account(ctx, name)
	if errors.Is(err, ErrNoUser) {
		return false, nil
	}
	return err == nil, err
}

// Enter makes r the connection of u, who has an account and has shown that it is u's: by Authenticate, or in some other
// way that the caller answers for. A user who is online already moves to r with rooms, leaderships, count of lines and
// unread events, and the old connection is ended with ErrMoved. Call [Node.Quit] with r when its connection ends.
//
// It returns ErrLogin if the account is gone, disabled or by now somebody else's, ErrBanned or ErrAddressBanned, and
// ErrTakenOften where clients take the seat from each other again and again.
func (n *Node) Enter(ctx context.Context, u User, r Receiver) (*Presence, Welcome, error) {
	var w Welcome
	a, err := n.admitted(ctx, u, r)
	if err != nil {
		return nil, w, err
	}
	if err := n.mayTakeOver(ctx, a.user(), r); err != nil {
		return nil, w, err
	}
	n.awaitFailures(ctx, a.Name)
	w = Welcome{LastLogin: a.LastLogin, Failed: a.Failed}
	// Nobody waits at the door until a slow server knows when somebody logged in.
	changed, err := changeAccountIn(ctx, record.Quick(n.store), a.Name, func(now *account) error {
		w = Welcome{LastLogin: now.LastLogin, Failed: now.Failed}
		w.Killed = n.killed(now)
		now.LastLogin, now.Failed = time.Now().UTC(), 0
		now.LastSeen = now.LastLogin // until the user has left in some way: see killed
		now.remember(r.Source())
		return nil
	})
	if err != nil {
		// A disk that cannot be written to is no reason to keep somebody out.
		n.log.Log(ctx, LevelOf(err), "login not recorded", "user", a.Name, "err", err)
	} else {
		a = changed
	}
	p, was, err := n.goOnline(ctx, a.user(), a.blocks(), r)
	if err != nil {
		return nil, w, err
	}
	if len(p.marksNow()) == 0 {
		p.setMarks(a.Marks)
	}
	if time.Since(a.Unheard) < TranscriptTime {
		p.hideBefore()
	}
	if err := n.recheck(ctx, p, r); err != nil {
		end := n.Lose // what broke, such as the connection, is no reason to give up a seat
		if IsRefusal(err) {
			end = n.Quit
		}
		end(context.WithoutCancel(ctx), p, r)
		return nil, w, err
	}
	n.counters.logins.Add(1)
	if a.Operator {
		w.Reports = n.openReports(ctx)
	}
	w.Mail, w.Held, w.Killed = n.unreadMail(ctx, a), was.held, w.Killed && !was.there
	return p, w, nil
}

// admitted returns the account of u, who comes by r. It returns ErrLogin if the account is gone, disabled or by now
// somebody else's, and ErrBanned or ErrAddressBanned.
func (n *Node) admitted(ctx context.Context, u User, r Receiver) (*account, error) {
	a, err := n.account(ctx, u.Name)
	switch {
	case errors.Is(err, ErrNoUser), err == nil && a.user() != u:
		return nil, ErrLogin
	case err == nil:
		err = n.mayLogin(ctx, a, r.Source())
	}
	return a, err
}

// killed reports whether the user of a was online when a server before this one, or a node beside it, stopped without
// having anybody leave. A user who is online may have been there ever since.
func (n *Node) killed(a *account) bool {
	if a.LastLogin.IsZero() || !a.LastSeen.Equal(a.LastLogin) {
		return false
	}
	ago, ever := n.desk.Died()
	return a.LastLogin.Before(n.started) || ever && a.LastLogin.Before(time.Now().Add(-ago))
}

// recheck looks at the account once more when its user is online already: what an operator does is seen either here, or
// by the operator who looks who is online afterwards.
func (n *Node) recheck(ctx context.Context, p *Presence, r Receiver) error {
	if err := p.wait(ctx); err != nil {
		return err
	}
	defer p.yield()
	a, err := n.account(ctx, p.User.Name)
	if errors.Is(err, ErrNoUser) {
		return ErrLogin
	}
	if err != nil {
		return err
	}
	p.read(a) // the user may have moved here while changing that elsewhere
	if p.operator.Swap(a.Operator) != a.Operator {
		if err := n.update(ctx, p); err != nil {
			return err
		}
	}
	return n.mayLogin(ctx, a, r.Source())
}

// Guest makes r the connection of a new guest, who gets the lowest free name. It returns ErrGuestsOff if guests are not
// let in, or ErrAddressBanned.
func (n *Node) Guest(ctx context.Context, r Receiver) (*Presence, error) {
	if n.Guests() == GuestsOff {
		return nil, ErrGuestsOff
	}
	for range maxRetries {
		number, err := n.desk.TakeNumber(ctx)
		if err != nil {
			return nil, err
		}
		u := User{Name: guestName(number), Guest: true}
		u.ID = n.guestID(ctx, u.Name, r.Source())
		if err := n.muteBeside(ctx, u, r.Source()); err != nil {
			n.log.Warn("a guest is not muted like the user who was at the same address", "guest", u.Name, "err", err)
		}
		p, _, err := n.goOnline(ctx, u, nil, r)
		if err == nil {
			// Not earlier: an operator who bans an address looks afterwards at who is online.
			if err := n.MayConnect(ctx, r.Source()); err != nil {
				n.Quit(context.WithoutCancel(ctx), p, r)
				return nil, err
			}
			return p, nil
		}
		// Not before the next is taken: somebody may have this one.
		defer n.giveNumber(context.WithoutCancel(ctx), number)
		if !errors.Is(err, ErrConflict) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no free name for a guest: %w", ErrConflict)
}

func (n *Node) giveNumber(ctx context.Context, number int) {
	if err := n.desk.GiveNumber(ctx, number); err != nil {
		n.log.Error("a guest's number is lost", "number", number, "err", err)
	}
}
