package chat

import (
	"context"
	"slices"
	"time"
)

// maxPlaces is of how many places a user's marks are kept, the last ones.
const maxPlaces = 32

// A Mark says how far a user has read in a place: to where the user last spoke there, or read by [Node.Next].
type Mark struct {
	Place Place `json:"place"`
	// Order is that of the last line of all places by then, and Told how many lines the user alone had been told. Both
	// are zero in what is kept in an account: they count from the start of the server, or from when the user came.
	Order uint64 `json:"order,omitempty"`
	Told  int    `json:"told,omitempty"`
	// At is when that was.
	At time.Time `json:"at"`
}

// covers reports whether l was there by then.
func (m Mark) covers(l Line) bool {
	switch {
	case m.Order == 0 && m.Told == 0:
		return !l.Event.At.After(m.At)
	case l.Event.Kind == Told:
		return l.Number <= m.Told
	}
	return l.Order <= m.Order
}

// An Unread is what a user has not read of a place.
type Unread struct {
	Place Place
	// Lines are what others said there since the user last spoke there, as [Node.Review] shows them.
	Lines []Line
	// Mentions are how many of them have the user's name in them.
	Mentions int
	// Letters are those that the user has not read, in the place of that kind.
	Letters []Letter
}

// Len returns how many lines and letters there are.
func (u Unread) Len() int { return len(u.Lines) + len(u.Letters) }

// Unread returns what me has not read, the places where there is something: what me alone was told first, then letters,
// then rooms by number, then what was shouted. A line that was shown counts until me has spoken there.
func (n *Node) Unread(ctx context.Context, me *Presence) ([]Unread, error) {
	if err := me.wait(ctx); err != nil {
		return nil, err
	}
	defer me.yield()
	return n.unread(ctx, me)
}

// unread is Unread for a caller who has me's turn.
func (n *Node) unread(ctx context.Context, me *Presence) ([]Unread, error) {
	places := n.places(me)
	if !me.User.Guest {
		places = append(places, Place{Kind: Letters})
	}
	slices.SortStableFunc(places, func(a, b Place) int { return a.Kind.rank() - b.Kind.rank() })
	var all []Unread
	for _, at := range places {
		if at.Kind == Letters {
			letters, err := n.Mail(ctx, me)
			letters = slices.DeleteFunc(letters, func(l Letter) bool { return l.Read })
			if err != nil {
				return nil, err
			}
			if len(letters) > 0 {
				all = append(all, Unread{Place: at, Letters: letters})
			}
			continue
		}
		lines, err := n.reviewAt(ctx, me, at)
		if IsRefusal(err) { // the room has just been closed
			continue
		}
		if err != nil {
			return nil, err
		}
		mark := me.mark(at)
		u := Unread{Place: at}
		for _, l := range me.mayRead(lines) {
			if mark.covers(l) || l.Event.From.ID == me.User.ID {
				continue
			}
			u.Lines = append(u.Lines, l)
			if l.mentions(me.User) {
				u.Mentions++
			}
		}
		if len(u.Lines) > 0 {
			all = append(all, u)
		}
	}
	return all, nil
}

func (k PlaceKind) rank() int { return slices.Index([]PlaceKind{Tells, Letters, InRoom, Shouts}, k) }

// Next returns the first of what me has not read, at most that many lines of one place, the oldest, or one letter, and
// marks them as read: an account's mark is on disk when Next returns. left says how much is unread after that. Without
// anything it returns the zero Unread.
func (n *Node) Next(ctx context.Context, me *Presence, most int) (next Unread, left []Unread, err error) {
	if err := me.wait(ctx); err != nil {
		return Unread{}, nil, err
	}
	defer me.yield()
	all, err := n.unread(ctx, me)
	if err != nil || len(all) == 0 {
		return Unread{}, nil, err
	}
	next = all[0]
	if next.Place.Kind == Letters {
		return n.nextLetter(ctx, me, next)
	}
	next.Lines = next.Lines[:min(most, len(next.Lines))]
	before := me.marksNow()
	last := next.Lines[len(next.Lines)-1]
	m := Mark{Place: next.Place, Order: last.Order, At: time.Now()}
	if last.Event.Kind == Told {
		m.Told = last.Number
	}
	me.setMark(m)
	if !me.User.Guest {
		_, err = n.changeAccount(ctx, me.User.Name, func(a *account) error {
			a.Marks = me.marksToKeep()
			return nil
		})
		if err != nil {
			me.setMarks(before)
			return Unread{}, nil, err
		}
	}
	left, err = n.unread(ctx, me)
	return next, left, err
}

// nextLetter is Next where letters come first.
func (n *Node) nextLetter(ctx context.Context, me *Presence, next Unread) (_ Unread, left []Unread, err error) {
	l, err := n.ReadMail(ctx, me, next.Letters[0].Number)
	if err != nil {
		return Unread{}, nil, err
	}
	next.Letters = []Letter{l}
	left, err = n.unread(ctx, me)
	return next, left, err
}

// Mentions returns the lines, of all that me may read again, in which others have written me's name.
func (n *Node) Mentions(ctx context.Context, me *Presence) ([]Line, error) {
	lines, err := n.Review(ctx, me, Place{})
	return slices.DeleteFunc(lines, func(l Line) bool { return !l.mentions(me.User) }), err
}

// mentions reports whether somebody else than u says u's name in l, to many.
func (l Line) mentions(u User) bool {
	return l.Event.From.ID != u.ID && !l.Event.From.Bot() && l.Event.Kind.Talk() && l.Event.Text.Mentions(u.Name)
}

// spokeAt marks what there is in a place as read: the user has spoken there.
func (p *Presence) spokeAt(at Place) {
	m := Mark{Place: at, Order: p.node.desk.Said(), At: time.Now()}
	if at.Kind == Tells {
		m.Told = p.toldCount()
	}
	p.setMark(m)
}

func (p *Presence) setMark(m Mark) {
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.marks = append(slices.DeleteFunc(h.marks, func(old Mark) bool { return old.Place == m.Place }), m)
	if len(h.marks) > maxPlaces {
		h.marks = slices.Delete(h.marks, 0, 1)
	}
}

func (p *Presence) mark(at Place) Mark {
	marks := p.marksNow()
	if i := slices.IndexFunc(marks, func(m Mark) bool { return m.Place == at }); i >= 0 {
		return marks[i]
	}
	return Mark{}
}

func (p *Presence) marksNow() []Mark {
	h := p.heard.Load()
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.marks)
}

func (p *Presence) setMarks(marks []Mark) {
	if len(marks) == 0 && p.heard.Load() == nil {
		return
	}
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.marks = slices.Clone(marks[max(0, len(marks)-maxPlaces):])
}

// marksToKeep returns the marks as the account keeps them.
func (p *Presence) marksToKeep() []Mark {
	marks := p.marksNow()
	for i := range marks {
		marks[i].Order, marks[i].Told = 0, 0
	}
	return marks
}
