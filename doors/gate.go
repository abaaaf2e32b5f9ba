package doors

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"
)

// What a Gate allows one source. The ways of counting are those of OpenSSH: MaxStartups and PerSourcePenalties in
// sshd_config(5).
const (
	maxNewOfSource = 4  // connections of one source that are not logged in
	maxOfSource    = 16 // connections of one source

	penaltyFailed = 5 * time.Second  // for a wrong password
	penaltyLeft   = time.Second      // for leaving without having logged in, unless nothing was sent either
	penaltyLate   = 10 * time.Second // for having been sent away because it took too long
	penaltyLeast  = 15 * time.Second // the sum over which a source is refused
	penaltyMost   = 10 * time.Minute // the sum at which it ends to grow

	maxSources = 1 << 16 // sources without a connection whose penalties are remembered
)

// A Gate decides which connections are let in, so that those who do not log in leave room for those who do, and
// guessing passwords is slow. The penalties of a source add up, and run out in real time; once the sum is over 15 s the
// source is refused until nothing is left of it. To come and go without a byte costs nothing, and so does being
// refused: what watches a port by connecting must not lock its address out.
//
// The zero Gate is ready. The fields must not change once it is in use. All methods are safe for concurrent use, and
// nil is a Gate that lets everybody in.
type Gate struct {
	// MaxConns is how many connections there may be at a time, those included that are being closed; zero means any
	// number.
	MaxConns int
	// SourceOf says what counts as one source, such as a network of IPv6; nil means that each address does. The zero
	// Addr stands for all of which nobody knows where they come from: they are one source like any other.
	SourceOf func(netip.Addr) netip.Addr
	// Exempt are the addresses that only MaxConns concerns; nil means none.
	Exempt func(netip.Addr) bool
	// Known are the addresses from where somebody is logged in, or was not long ago: however many others are not logged
	// in, nobody from there is refused or sent away for that. The bounds of each source concern them too. Nil means
	// none. It must not block, and may be called from several goroutines at once.
	Known func(netip.Addr) bool

	mu      sync.Mutex // guards all below
	sources map[netip.Addr]*source
	silent  list.List // the *Pass that are new and have sent nothing, the oldest first
	swept   time.Time // when sources without a penalty were last looked for
	stats   GateStats

	roll func() int // a number from 0 to 99; nil means chance
}

// A source is where connections come from. It is kept while it has a connection or a penalty.
type source struct {
	open, new int
	until     time.Time // when the penalties have run out
	refused   bool      // until then
	madeRoom  time.Time // until when nobody else makes room for it
}

// GateStats are figures of a [Gate], as sql.DBStats are of a database.
type GateStats struct {
	Conns   int // connections that were let in and are not yet closed
	Open    int // of these, those that count for their source and have not left
	New     int // of these, those that are not logged in
	Known   int // of these, those from sources that were known
	Silent  int // of the others that are not logged in, those that have sent nothing
	Sources int // sources that have a connection or a penalty

	// All below count since the gate was made.

	Penalties uint64 // penalties imposed
	Forgotten uint64 // penalties not remembered because there were too many sources
	MadeRoom  uint64 // connections that had sent nothing and were sent away to make room

	// Connections refused: because there were as many as there may be, because of their source's penalties, because
	// their source had as many as one may have, and because too many were not logged in: by chance, or because their
	// source had made room a moment ago.
	RefusedFull, RefusedPenalty, RefusedSource, RefusedDrop uint64
}

// Stats returns the gate's figures.
func (g *Gate) Stats() GateStats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Sources, s.Silent = len(g.sources), g.silent.Len()
	return s
}

// enter lets nc in, which comes from addr: the pass has to leave, and to be closed. It returns a [Refusal].
func (g *Gate) enter(addr netip.Addr, nc net.Conn) (*Pass, error) {
	p := newPass(g, addr, nc)
	if g == nil {
		return p, nil
	}
	expel, err := g.enterPass(p)
	if err != nil {
		return nil, err
	}
	if expel != nil {
		expel(Refusal{Reason: MadeRoom})
	}
	return p, nil
}

// enterPass lets p in. expel sends away who makes room for it, if that is necessary.
func (g *Gate) enterPass(p *Pass) (expel func(error), err error) {
	exempt := p.forwards || g.Exempt != nil && g.Exempt(p.source)
	p.known = !exempt && g.knows(p.source)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.MaxConns > 0 && g.stats.Conns >= g.MaxConns {
		g.stats.RefusedFull++
		return nil, Refusal{Reason: Full}
	}
	if exempt {
		p.exempt = true
		g.stats.Conns++
		return nil, nil
	}
	if expel, err = g.countLocked(p); err != nil {
		return nil, err
	}
	g.stats.Conns++
	return expel, nil
}

// named counts p, which is in, for the source that a proxy has named. expel sends away who makes room for it.
func (g *Gate) named(p *Pass) (expel func(error), err error) {
	exempt := g.Exempt != nil && g.Exempt(p.source)
	p.known = !exempt && g.knows(p.source)
	g.mu.Lock()
	defer g.mu.Unlock()
	if exempt {
		return nil, nil
	}
	expel, err = g.countLocked(p)
	p.exempt = err != nil
	return expel, err
}

// countLocked counts p for its source. expel sends away who makes room for it, if that is necessary.
func (g *Gate) countLocked(p *Pass) (expel func(error), err error) {
	key := p.source
	if g.SourceOf != nil {
		key = g.SourceOf(key)
	}
	now := time.Now()
	s := g.sources[key]
	if s == nil {
		s = new(source)
	}
	s.forgive(now)
	if err := g.refuseLocked(p, s, now); err != nil {
		return nil, err
	}
	if g.sources == nil {
		g.sources = make(map[netip.Addr]*source)
	}
	g.sources[key] = s
	s.open++
	g.stats.Open++
	p.key = key
	return g.silentLocked(p, now), nil
}

// stay takes p, which fetched, for one that is not logged in. expel sends away who makes room for it.
func (g *Gate) stay(p *Pass) (expel func(error), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.state != isLoggedIn {
		return nil, nil
	}
	now, s := time.Now(), g.sources[p.key]
	s.forgive(now)
	s.open-- // it is one of those already
	err = g.refuseLocked(p, s, now)
	s.open++
	if err != nil {
		return nil, err
	}
	p.state = isNew
	return g.silentLocked(p, now), nil
}

// refuseLocked returns why p is not let in now, which comes from s.
func (g *Gate) refuseLocked(p *Pass, s *source, now time.Time) error {
	p.known = p.known && g.stats.Known < maxKnown
	switch {
	case s.refused:
		g.stats.RefusedPenalty++
		wait := (s.until.Sub(now) + time.Second - 1).Truncate(time.Second) // rounded up
		return Refusal{Reason: Penalty, Wait: wait}
	case s.open >= maxOfSource:
		g.stats.RefusedSource++
		return Refusal{Reason: ManyOpen, Limit: maxOfSource}
	case s.new >= maxNewOfSource:
		g.stats.RefusedSource++
		return Refusal{Reason: ManyNew, Limit: maxNewOfSource}
	case !p.known && (g.dropLocked() || g.strangersLocked() >= maxNew && !s.madeRoom.IsZero()):
		g.stats.RefusedDrop++
		return Refusal{Reason: Crowded}
	}
	return nil
}

// leaveLocked takes p out of the counts of its source, which is punished if nobody has logged in.
func (g *Gate) leaveLocked(p *Pass) {
	if p.exempt || p.state == hasLeft {
		return
	}
	var penalty time.Duration
	switch {
	case p.state != isNew && p.state != isWaiting:
	case p.late:
		penalty = penaltyLate
	case p.heard:
		penalty = penaltyLeft
	}
	g.loggedInLocked(p)
	p.state = hasLeft
	s, now := g.sources[p.key], time.Now()
	s.open--
	g.stats.Open--
	if penalty > 0 {
		g.penalizeLocked(p.key, s, penalty, now)
	} else {
		g.keepLocked(p.key, s, now)
	}
}
