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
