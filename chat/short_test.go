package chat

import (
	"context"
	"errors"
	"time"
)

// What tests do all the time, in short.

func (n *Node) Register(ctx context.Context, by Actor, name, password string) error {
	return n.RegisterInvited(ctx, by, "", name, password)
}

// Login is Authenticate, by a password alone, and then Enter.
func (n *Node) Login(ctx context.Context, name, password string, r Receiver) (*Presence, Welcome, error) {
	proof, err := n.Authenticate(ctx, Try{Name: name, Typed: password, Source: r.Source()})
	if err == nil && proof.Reset {
		err = ErrLogin
	}
	if err != nil {
		return nil, Welcome{}, err
	}
	return n.Enter(ctx, proof.User, r)
}

// Holds returns ErrProofGone if p is worth nothing any more.
func (n *Node) Holds(ctx context.Context, p Proof) error {
	a, err := n.account(ctx, p.User.Name)
	if errors.Is(err, ErrNoUser) {
		return ErrProofGone
	}
	if err != nil {
		return err
	}
	return a.honours(p)
}

func (n *Node) Say(ctx context.Context, me *Presence, room int, text Text) error {
	return n.SpeakIn(ctx, me, room, Said, text)
}

func (n *Node) Shout(ctx context.Context, me *Presence, text Text) error {
	return n.SpeakToAll(ctx, me, Shouted, text)
}

func (n *Node) Tell(ctx context.Context, me *Presence, name string,
	text Text) (to string, idle time.Duration, err error) {
	h, err := n.TellUser(ctx, me, User{Name: name}, text)
	return h.User.Name, h.Idle, err
}

func (n *Node) Block(ctx context.Context, me *Presence, name string) (string, error) {
	return n.BlockOn(ctx, me, name, BlockTerms{})
}
