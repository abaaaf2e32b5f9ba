package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// SeatsVersion is that of the form in which [Node.SaveSeats] writes seats down.
const SeatsVersion = 1

// MaxSavedBytes is how much is written down of what users have not read, of all together. Of what is more they read how
// many lines it was.
const MaxSavedBytes = 64 << 20

// savedSeats are the rooms and the seats of a server that has stopped.
type savedSeats struct {
	Desk  deskState   `json:"desk"`
	Seats []savedSeat `json:"seats"`
}

// A savedSeat is a user's being online, with what is at the desk and what is at the node.
type savedSeat struct {
	Entry Entry `json:"entry"`
	Seat  *Seat `json:"seat"`
}

// A deskState is a desk in memory as it is written down.
type deskState struct {
	Ledger *Ledger       `json:"ledger"`
	Time   time.Duration `json:"time"` // of the ledger
	Said   uint64        `json:"said"` // the order of the last line
}

// alone returns the desk in memory of a node that has it for itself, or nil: what several nodes share does not stop
// with one of them.
func (n *Node) alone() *memoryDesk {
	if d, ok := n.desk.(*memoryDesk); ok && len(d.nodes) == 1 {
		return d
	}
	return nil
}

// How a node asks the others, before it stops, whether they would take its seats.
const (
	// leaveTogether is how long it waits before: a node that is about to stop just now too would say yes. It waits as
	// long once more, with the answers: so nodes that stop together end their sessions together.
	leaveTogether = 50 * time.Millisecond
	// askToLeave is how long it waits for answers.
	askToLeave = 2 * time.Second
)

// How far a node is with leaving.
const (
	staying   int32 = iota
	leaving         // it is about to stop, and takes no seats of others
	suspended       // and its own are to outlast that
)

// Suspend says that the server is about to stop, and that the seats of those who are online are to outlast that: see
// [Node.SaveSeats], and [Node.Drain] for one of several nodes. A user who loses the connection from now on leaves the
// seat as it is; a node that is alone tells nobody. It changes nothing where no seats are held, and on one of several
// nodes when no other would take seats, such as when all stop. It asks the others for that, two seconds at most.
func (n *Node) Suspend(ctx context.Context) {
	switch {
	case n.hold <= 0:
	case n.alone() != nil:
		n.leaving.Store(suspended)
	default:
		n.leaving.Store(leaving)
		if !n.allStop() && n.welcomeElsewhere(ctx) {
			n.leaving.Store(suspended)
		}
	}
}

// welcomeElsewhere reports whether another node would take seats.
func (n *Node) welcomeElsewhere(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, askToLeave)
	defer cancel()
	began := time.Now()
	if !waitUntil(ctx, began.Add(leaveTogether)) {
		return false
	}
	answers, err := n.desk.All(ctx, &Order{Kind: TakeIn})
	waitUntil(ctx, began.Add(2*leaveTogether))
	return err == nil && slices.ContainsFunc(answers, func(a Answer) bool { return a.Verdict == Delivered })
}

// Suspended reports whether seats are to outlast the stop of the server.
func (n *Node) Suspended() bool { return n.leaving.Load() == suspended }

// SaveSeats returns the rooms and the seats that are held, as bytes that [Node.RestoreSeats] reads, and how many seats
// that are; nil if there are none. Call it after Suspend when the last session is over: what users have not read goes
// with it.
func (n *Node) SaveSeats() (data []byte, seats int, err error) {
	d := n.alone()
	if d == nil || !n.Suspended() {
		return nil, 0, nil
	}
	saved := savedSeats{Desk: d.state()}
	left := MaxSavedBytes
	for _, p := range n.presences.all() {
		if p.held() != nil {
			saved.Seats = append(saved.Seats, savedSeat{p.entry(), p.seatToSave(&left)})
		}
	}
	if len(saved.Seats) == 0 {
		return nil, 0, nil
	}
	data, err = json.Marshal(saved)
	return data, len(saved.Seats), err
}

// seatToSave returns the seat as it is written down, of whose unread lines so many bytes are left. What the user alone
// was told and has read is not written down.
func (p *Presence) seatToSave(left *int) *Seat {
	p.mail.resume()
	s := p.seat()
	s.Heard.Told = nil
	for i, e := range slices.Backward(s.Unread) {
		if *left -= e.size(); *left >= 0 {
			continue
		}
		lost := 0
		for _, e := range s.Unread[:i+1] {
			lost += e.lines()
		}
		s.Unread = lostBefore(s.Unread[i+1:], lost)
		break
	}
	return s
}

// RestoreSeats makes the rooms and the seats what they were when a server was stopped: each seat is held for as long as
// [Options.Hold] says. Seats whose account is gone or may not be used are not restored: their users have left. Call it
// before anybody comes. It returns how many seats were restored. After an error nobody is online.
func (n *Node) RestoreSeats(ctx context.Context, data []byte) (restored int, err error) {
	d := n.alone()
	if d == nil || n.hold <= 0 {
		return 0, nil
	}
	saved := savedSeats{Desk: deskState{Ledger: NewLedger()}}
	if err := json.Unmarshal(data, &saved); err != nil {
		return 0, fmt.Errorf("read seats: %w", err)
	}
	if saved.Desk.Ledger == nil {
		return 0, errors.New("read seats: the rooms are missing")
	}
	seats := make(map[string]savedSeat, len(saved.Seats))
	for _, s := range saved.Seats {
		if s.Seat == nil {
			return 0, errors.New("read seats: a seat is missing")
		}
		seats[s.Entry.ID] = s
	}
	d.restore(saved.Desk)
	var gone []Entry
	for e := range d.ledger.Online() {
		s, kept := seats[e.ID]
		if kept && s.Entry.User == e.User && n.restoreSeat(ctx, d, s) {
			restored++
		} else {
			gone = append(gone, e)
		}
	}
	for _, e := range gone {
		if err := d.Quit(ctx, e); err != nil {
			return restored, err
		}
	}
	return restored, nil
}

// restoreSeat brings the user of s online, without a connection. It returns false if the account cannot be used.
func (n *Node) restoreSeat(ctx context.Context, d *memoryDesk, s savedSeat) bool {
	p, k, err := n.heldPresence(ctx, s.Entry, true)
	if err != nil {
		if !IsRefusal(err) {
			n.log.Error("a seat is lost over the restart", "user", s.Entry.User.Name, "err", err)
		}
		return false
	}
	defer p.yield()
	p.at.Store(&stay{s.Entry.ID, s.Entry.Since})
	if s.Entry.Absence.Away {
		p.absence.Store(&s.Entry.Absence)
	}
	p.takeOver(ctx, s.Seat)
	p.mail.hold()
	n.presences.add(p) // nobody has come yet
	d.seat(p.entry(), p)
	n.holds.add(n, p, k)
	return true
}

// heldPresence returns the being online, without a connection, of the user of e, who has an account, and has its turn.
// It returns ErrLogin, or why the user may not log in, if the account cannot be used.
func (n *Node) heldPresence(ctx context.Context, e Entry, restart bool) (*Presence, *keeper, error) {
	a, err := n.account(ctx, e.User.Name)
	if errors.Is(err, ErrNoUser) || err == nil && (a.user() != e.User || restart && a.Registered.After(e.Since)) {
		err = ErrLogin // also where somebody has the name whose account is younger than the seat
	}
	if err == nil {
		err = n.mayLogin(ctx, a, e.Source)
	}
	if err != nil {
		return nil, nil, err
	}
	k := &keeper{Hold{time.Now(), n.hold, restart}, e.Source, e.Client}
	p := newPresence(n, a.user(), nil, k)
	p.input.Store(int64(e.LastInput.Sub(p.since)))
	p.operator.Store(a.Operator)
	p.read(a)
	return p, k, nil
}

// state returns the desk as it is now, but for what ends with the node.
func (d *memoryDesk) state() deskState { return deskState{d.ledger, d.now(), d.bus.Said()} }

// restore makes the desk, at which nobody is, what it was. Guests, and operators who waited for their turn, are gone.
func (d *memoryDesk) restore(s deskState) {
	s.Ledger.restart(d.node)
	d.ledger = s.Ledger
	d.start = time.Now().Add(-s.Time)
	d.bus.Skip(s.Said)
}

// seat makes l the listener of e, which is at the desk already.
func (d *memoryDesk) seat(e Entry, l Listener) {
	d.ledger.reseat(&e)
	d.bus.Enter(e, l, d.ledger.RoomsOf(e.User))
}

// restart makes the ledger of a server that has stopped that of the node of that name, which has just begun.
func (l *Ledger) restart(node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.sorted.all() {
		e.Node = node // nobody else has the entry yet
	}
	l.turns, l.guests = nil, numbers{}
	clear(l.tallies)
	clear(l.links)
	clear(l.taken)
}

// reseat puts e in the place of its entry, and nobody is told.
func (l *Ledger) reseat(e *Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.thereLocked(e) != nil {
		l.replaceLocked(e)
	}
}
