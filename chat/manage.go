package chat

import (
	"context"
	"slices"
	"time"
)

// An AccountStatus is what an operator may know of an account.
type AccountStatus struct {
	Name     string
	Operator bool
	Disabled bool
	Online   bool
	// Registered, LastLogin and LastSeen are in UTC; the zero Time means never.
	Registered, LastLogin, LastSeen time.Time
	// Failed is how many logins were refused since LastLogin.
	Failed int
}

// Accounts returns all accounts, sorted by name without regard to letter case.
func (n *Node) Accounts(ctx context.Context) ([]AccountStatus, error) {
	online := make(map[string]bool) // IDs of users
	for e := range n.desk.Online() {
		online[e.User.ID] = true
	}
	n.awaitAllFailures(ctx)
	var users []AccountStatus
	for a, err := range n.accounts(ctx) {
		if err != nil {
			return nil, err
		}
		users = append(users, AccountStatus{
			Name: a.Name, Operator: a.Operator, Disabled: a.Disabled, Online: online[a.user().ID],
			Registered: a.Registered, LastLogin: a.LastLogin, LastSeen: a.LastSeen, Failed: a.Failed,
		})
	}
	slices.SortFunc(users, func(a, b AccountStatus) int { return compareNames(a.Name, b.Name) })
	return users, nil
}

// AddUser makes an account, as Register does, on the word of an operator.
func (n *Node) AddUser(ctx context.Context, by Actor, name, password string) error {
	if _, err := n.operatorName(ctx, by); err != nil {
		return err
	}
	hash, err := n.readyToEnroll(ctx, by, name, password) // other operators need not wait for that
	if err != nil {
		return err
	}
	return n.operate(ctx, by, Deed{Action: "add", Target: name}, func(*Deed) error {
		return n.enroll(ctx, by, "", name, hash)
	})
}

// SetPassword replaces the password of the user called name, whose session goes on if there is one. It returns
// ErrNoUser, ErrBusy, or an error of [Node.CheckPassword].
func (n *Node) SetPassword(ctx context.Context, by Actor, name, password string) error {
	if _, err := n.operatorName(ctx, by); err != nil {
		return err
	}
	if _, err := n.account(ctx, name); err != nil {
		return err
	}
	hash, err := n.hashNew(ctx, by.source(), name, password) // other operators need not wait for that
	if err != nil {
		return err
	}
	_, err = n.changeAs(ctx, by, "set password", name, func(a *account) error {
		a.choose(hash)
		return nil
	}, nil)
	return err
}

// Disable keeps the user called name from logging in, and ends the session if there is one; the account stays as it is.
// To the user it is as if the password were wrong. It returns ErrNoUser, ErrIsDisabled or ErrLastOperator.
func (n *Node) Disable(ctx context.Context, by Actor, name string) error {
	_, err := n.changeAs(ctx, by, "disable", name, func(a *account) error {
		if a.Disabled {
			return ErrIsDisabled.With(a.Name)
		}
		a.Disabled = true
		return n.notLast(ctx, a.Name)
	}, func(a *account) error {
		_, err := n.expel(ctx, a.user(), ErrDisabled)
		return err
	})
	return err
}

// Enable ends that. It returns ErrNoUser or ErrNotDisabled.
func (n *Node) Enable(ctx context.Context, by Actor, name string) error {
	_, err := n.changeAs(ctx, by, "enable", name, func(a *account) error {
		if !a.Disabled {
			return ErrNotDisabled.With(a.Name)
		}
		a.Disabled = false
		return nil
	}, nil)
	return err
}

// DeleteAccount deletes the account of the user called name, with blocks, mute and ban, and ends the session if there
// is one. From then on anybody may register the name. It returns ErrNoUser or ErrLastOperator.
func (n *Node) DeleteAccount(ctx context.Context, by Actor, name string) error {
	return n.operate(ctx, by, Deed{Action: "delete", Target: name}, func(d *Deed) error {
		if err := n.notLast(ctx, name); err != nil {
			return err
		}
		a, err := n.bury(ctx, name, n.now(), func(*account) error { return nil })
		if err != nil {
			return err
		}
		d.Target = a.Name
		n.seeOff(ctx, a, ErrDeleted)
		return nil
	})
}
