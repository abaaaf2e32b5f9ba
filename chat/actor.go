package chat

import (
	"context"
	"net/netip"
)

// Console is the name of the operator who has no account. No account can be called so.
const Console = "console"

// An Actor is who does something: a user who is online, or the console. The zero Actor is nobody, and nobody may do
// anything.
type Actor struct {
	user    *Presence
	console bool
}

// By returns the user p as an actor; if p is nil that is nobody.
func By(p *Presence) Actor { return Actor{user: p} }

// AtConsole returns the operator who has no account: whoever may run the program on the server's data.
func AtConsole() Actor { return Actor{console: true} }

// name returns the name of the user, Console, or "" for nobody.
func (a Actor) name() string {
	switch {
	case a.console:
		return Console
	case a.user != nil:
		return a.user.User.Name
	}
	return ""
}

// Operator reports whether the actor is an operator, as far as is known here. What only operators may do looks at the
// account itself.
func (a Actor) Operator() bool { return a.console || a.user != nil && a.user.Operator() }

// nobody reports whether this is the zero Actor.
func (a Actor) nobody() bool { return a == Actor{} }

// is reports whether the actor is the user u.
func (a Actor) is(u User) bool { return a.user != nil && a.user.User.ID == u.ID }

// source returns where a user comes from: the zero Addr for the console.
func (a Actor) source() netip.Addr {
	if a.user == nil {
		return netip.Addr{}
	}
	return a.user.Source()
}

// operatorName returns the name under which the actor acts as an operator, or ErrOperatorsOnly.
func (n *Node) operatorName(ctx context.Context, by Actor) (string, error) {
	switch {
	case by.console:
		return Console, nil
	case by.user == nil || by.user.User.Guest:
		return "", ErrOperatorsOnly
	}
	a, err := n.account(ctx, by.user.User.Name)
	if err != nil || !a.Operator || a.Disabled {
		return "", ErrOperatorsOnly
	}
	return a.Name, nil
}
