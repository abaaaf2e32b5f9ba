package chat

import (
	"sync"
	"sync/atomic"
)

// A Receiver is the connection that a user who is online sits at. Its methods may be called from any goroutine and must not block.
type Receiver interface {
	// Wake says that there is something in the mailbox.
	Wake()
	// End says that the connection has to end, and why.
	End(reason error)
}

// A Presence is one user's being online on this node: what stays the same while the user moves from one connection to
// another. Safe for concurrent use.
type Presence struct {
	*Entry
	node  *Node
	mail  mailbox
	lines atomic.Int64

	mu       sync.Mutex // guards receiver and gone
	receiver Receiver
	gone     bool          // about to be no longer online
	left     chan struct{} // closed when that is done
}

// Hear puts e into the mailbox, unless its user does not want to hear from its speaker. It is the node's to call.
func (p *Presence) Hear(e *Event) {
	switch {
	case e.Kind == Joined && e.From.ID == p.User.ID:
		return // told by an answer already
	case e.Kind != Closed && !p.Hears(e.From):
		// That a room is closed is told even when the one who closed it is blocked: it is about the reader's own membership.
		return
	}
	first, ok := p.mail.put(e)
	p.mu.Lock()
	r := p.receiver
	p.mu.Unlock()
	switch {
	case r == nil:
	case !ok:
		p.node.counters.overflows.Add(1)
		r.End(ErrTooSlow)
	case first:
		r.Wake()
	}
}

// Take empties the mailbox and returns the events in it, oldest first.
func (p *Presence) Take() []*Event { return p.mail.take() }

// Lines returns how many lines the user has entered.
func (p *Presence) Lines() int64 { return p.lines.Load() }

// Entered counts a line that the user entered, which also ends being idle.
func (p *Presence) Entered() {
	p.lines.Add(1)
	p.touch()
}

// attach makes r the connection, and returns the one before. It returns false if the user is gone.
func (p *Presence) attach(r Receiver) (old Receiver, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return nil, false
	}
	old, p.receiver = p.receiver, r
	return old, true
}

// detach ends the presence if r is still its connection, and reports whether it was.
func (p *Presence) detach(r Receiver) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.receiver != r {
		return false
	}
	p.gone = true
	return true
}

func (p *Presence) isGone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}
