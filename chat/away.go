package chat

import "context"

// An Absence says that a user who is online is away. The zero Absence is none.
type Absence struct {
	// Away reports whether the user is away.
	Away bool `json:"away,omitempty"`
	// Why is what the user says of it; it may be empty.
	Why Text `json:"why,omitzero"`
}

// SetAway says that me is away, and why. It lasts until [Node.Back], or until the user quits. It returns ErrMuted if me
// says why and may not talk.
func (n *Node) SetAway(ctx context.Context, me *Presence, why Text) error {
	if !why.Empty() {
		if err := n.maySpeak(ctx, me); err != nil {
			return err
		}
	}
	return n.amend(ctx, me, func() { me.absence.Store(&Absence{true, why}) })
}

// Back ends that. It returns ErrNotAway.
func (n *Node) Back(ctx context.Context, me *Presence) error {
	if !me.Absence().Away {
		return ErrNotAway
	}
	return n.amend(ctx, me, func() { me.absence.Store(nil) })
}

// Absence returns whether the user is away.
func (p *Presence) Absence() Absence {
	if a := p.absence.Load(); a != nil {
		return *a
	}
	return Absence{}
}

// seen returns e as others may see it: why somebody is away who is muted is hidden.
func (e Entry) seen() Entry {
	if e.Muted {
		e.Absence.Why = Text{}
	}
	return e
}

// A Client is what somebody uses to get here.
type Client struct {
	// Name is what the client calls its terminal, such as "xterm", or "" if it does not tell.
	Name string `json:"name,omitempty"`
	// Door is what the door is called by which it comes, or "" if nobody knows.
	Door string `json:"door,omitempty"`
}

// A ClientReceiver is a Receiver that knows its client. Client may be called from any goroutine and must not block.
type ClientReceiver interface {
	Client() Client
}

// clientOf returns the client at r, if it is known.
func clientOf(r Receiver) Client {
	if r, ok := r.(ClientReceiver); ok {
		return r.Client()
	}
	return Client{}
}
