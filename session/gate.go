package session

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"parley/chat"
)

// What a Gate allows. The ways of counting are those of OpenSSH: MaxStartups and PerSourcePenalties in sshd_config(5).
const (
	// Of the connections that come while dropFrom others are not logged in, dropRate per cent are refused, and more the more there
	// are, until at dropAll it is every one. Chance makes that some of those who mean it get in, however many do not.
	dropFrom = 64
	dropRate = 30
	dropAll  = 256

	maxWaiting = 4  // connections of one source that are not logged in
	maxOpen    = 16 // connections of one source

	penaltyFailed = 5 * time.Second  // for a wrong password
	penaltyLeft   = time.Second      // for leaving without having logged in
	penaltyLate   = 10 * time.Second // for having been sent away because it took too long
	penaltyLeast  = 15 * time.Second // the sum over which a source is refused
	penaltyMost   = 10 * time.Minute // the sum at which it ends to grow

	maxSources = 1 << 16 // sources without a connection whose penalties are remembered
)

// A Gate decides which connections are let in, so that those who do not log in leave room for those who do, and guessing passwords is slow. A source is
// an IPv4 address or 64 bits of an IPv6 address (see [chat.SourceOf]). The penalties of a source add up, and run out in real time;
// once the sum is over 15 s the source is refused until nothing is left of it.
//
// The zero Gate is ready. All methods are safe for concurrent use.
type Gate struct {
	mu      sync.Mutex // guards all below
	sources map[netip.Addr]*source
	swept   time.Time // when sources without a penalty were last looked for
	stats   GateStats

	roll func() int // a number from 0 to 99; nil means chance
}

// A source is where connections come from. It is kept while it has a connection or a penalty.
type source struct {
	open, waiting int
	until         time.Time // when the penalties have run out
	refused       bool      // until then
}

// GateStats are figures of a [Gate], as sql.DBStats are of a database. All but the first three count since the gate was made.
type GateStats struct {
	Open    int // connections that were let in and are still there
	Waiting int // of these, those that are not logged in
	Sources int // sources that have a connection or a penalty

	Penalties uint64 // penalties imposed
	Forgotten uint64 // penalties not remembered because there were too many sources

	// Connections refused: because of their source's penalties, because their source had as many as one may have, and by chance because too
	// many were not logged in.
	RefusedPenalty, RefusedSource, RefusedDrop uint64
}

// Stats returns the gate's figures.
func (g *Gate) Stats() GateStats {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.stats
	s.Sources = len(g.sources)
	return s
}

// A visit is one connection that was let in. nil is one that no gate has to do with. It belongs to its session's goroutine.
type visit struct {
	gate    *Gate
	source  netip.Addr
	waiting bool // not logged in
}

// enter lets a connection in that comes from addr; leave it when it ends. It returns ErrPenalty, ErrManyFromSource, ErrManyWaiting or ErrManyConnecting.
func (g *Gate) enter(addr netip.Addr) (*visit, error) {
	addr = chat.SourceOf(addr)
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.sources == nil {
		g.sources = make(map[netip.Addr]*source)
	}
	s := g.sources[addr]
	if s == nil {
		s = new(source)
	}
	s.forgive(now)
	switch {
	case s.refused:
		g.stats.RefusedPenalty++
		return nil, chat.ErrPenalty.With(chat.FormatDuration(s.until.Sub(now) + time.Second - 1)) // rounded up
	case s.open >= maxOpen:
		g.stats.RefusedSource++
		return nil, chat.ErrManyFromSource.With(maxOpen)
	case s.waiting >= maxWaiting:
		g.stats.RefusedSource++
		return nil, chat.ErrManyWaiting.With(maxWaiting)
	case g.dropLocked():
		g.stats.RefusedDrop++
		return nil, chat.ErrManyConnecting
	}
	g.sources[addr] = s
	s.open++
	s.waiting++
	g.stats.Open++
	g.stats.Waiting++
	return &visit{gate: g, source: addr, waiting: true}, nil
}

// dropLocked decides whether a connection is refused because too many others are not logged in.
func (g *Gate) dropLocked() bool {
	roll := g.roll
	if roll == nil {
		roll = func() int { return rand.IntN(100) }
	}
	return roll() < dropChance(g.stats.Waiting)
}

// dropChance returns of how many connections in a hundred one is to be refused while waiting others are not logged in.
func dropChance(waiting int) int {
	switch {
	case waiting < dropFrom:
		return 0
	case waiting >= dropAll:
		return 100
	}
	return dropRate + (100-dropRate)*(waiting-dropFrom)/(dropAll-dropFrom)
}

// loggedIn says that the visitor has logged in, if only as a guest.
func (v *visit) loggedIn() {
	if v == nil || !v.waiting {
		return
	}
	g := v.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	v.waiting = false
	g.sources[v.source].waiting--
	g.stats.Waiting--
}

// failed says that the visitor had a password wrong.
func (v *visit) failed() {
	if v == nil {
		return
	}
	g := v.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	g.penalizeLocked(v.source, g.sources[v.source], penaltyFailed, time.Now())
}

// leave says that the connection ends: late, because its user took too long to log in. To be called once.
func (v *visit) leave(late bool) {
	if v == nil {
		return
	}
	penalty := penaltyLeft
	if late {
		penalty = penaltyLate
	}
	waiting := v.waiting
	v.loggedIn()
	g := v.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	s, now := g.sources[v.source], time.Now()
	s.open--
	g.stats.Open--
	if waiting {
		g.penalizeLocked(v.source, s, penalty, now)
	} else {
		g.keepLocked(v.source, s, now)
	}
}

// penalizeLocked adds to the penalties of s.
func (g *Gate) penalizeLocked(addr netip.Addr, s *source, penalty time.Duration, now time.Time) {
	s.forgive(now)
	left := penalty
	if !s.until.IsZero() {
		left += s.until.Sub(now)
	}
	left = min(left, penaltyMost)
	s.until = now.Add(left)
	s.refused = s.refused || left > penaltyLeast
	g.stats.Penalties++
	g.keepLocked(addr, s, now)
}

// keepLocked keeps s in the table if there is anything to remember, and room for it or a connection: of those with a connection there are not more than
// connections.
func (g *Gate) keepLocked(addr netip.Addr, s *source, now time.Time) {
	if s.forgive(now); s.forgotten() {
		delete(g.sources, addr)
		return
	}
	g.sources[addr] = s
	if s.open > 0 || len(g.sources) <= maxSources {
		return
	}
	if now.Sub(g.swept) >= time.Second {
		g.swept = now
		for other, s := range g.sources {
			if s.forgive(now); s.forgotten() {
				delete(g.sources, other)
			}
		}
	}
	if len(g.sources) > maxSources {
		delete(g.sources, addr)
		g.stats.Forgotten++
	}
}

// forgive forgets penalties that have run out.
func (s *source) forgive(now time.Time) {
	if !now.Before(s.until) {
		s.until, s.refused = time.Time{}, false
	}
}

// forgotten reports whether there is nothing to remember of s.
func (s *source) forgotten() bool { return s.open == 0 && s.until.IsZero() }
