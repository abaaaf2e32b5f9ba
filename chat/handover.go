package chat

import "context"

// A coming is a seat on its way from the node where the user was.
type coming struct {
	over   chan struct{} // closed when it has come, or will not
	nobody bool          // the user was on the way out there; read it when over is closed
}

// handOver ends p because the user moves to another node. The seat may go there once c is over, if c is not nil: p is
// still to get a part of it. It returns false if the user is on the way out.
func (p *Presence) handOver() (c *coming, ok bool) {
	r, ok := p.end(nil)
	if !ok {
		return nil, false
	}
	if holdOf(r) != nil {
		p.mail.resume()
	}
	p.reach(stageMoved)
	p.node.unseat(p)
	r.End(ErrMoved)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.coming, true
}

// seat returns what goes to the node to which the user has moved.
func (p *Presence) seat() *Seat {
	last := p.lastPartners()
	s := &Seat{Lines: p.lines.Load(), Unread: p.Take(), Teller: last.teller, Target: last.target, Came: p.came.Load(),
		Heard: p.forgetHeard(), Unfinished: p.TakeUnfinished()}
	if last.spoke {
		s.Room = &last.room
	}
	return s
}

// expect says that p is about to get a seat from another node, until over is called.
func (p *Presence) expect() (over func(nobody bool)) {
	c := &coming{over: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.coming = c
	return func(nobody bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.coming = nil
		c.nobody = nobody
		close(c.over)
	}
}

// takeOver makes p what s was on another node.
func (p *Presence) takeOver(ctx context.Context, s *Seat) {
	p.lines.Store(s.Lines)
	last := partners{teller: s.Teller, target: s.Target}
	if s.Room != nil {
		last.room, last.spoke = *s.Room, true
	}
	p.partners.Store(&last)
	p.came.Store(s.Came)
	p.takeHeard(s.Heard)
	if s.Unfinished != nil {
		p.unfinished.Store(s.Unfinished)
	}
	overflow := p.mail.prepend(s.Unread)
	p.rouse(ctx, overflow && p.held() == nil) // a user who is not there is told of it later
}
