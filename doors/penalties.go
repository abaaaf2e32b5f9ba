package doors

import (
	"net/netip"
	"time"
)

// failedLocked punishes the source of p for a wrong password.
func (g *Gate) failedLocked(p *Pass) {
	if p.state != hasLeft {
		g.penalizeLocked(p.key, g.sources[p.key], penaltyFailed, time.Now())
	}
}

// penalizeLocked adds to the penalties of s.
func (g *Gate) penalizeLocked(key netip.Addr, s *source, penalty time.Duration, now time.Time) {
	s.forgive(now)
	left := penalty
	if !s.until.IsZero() {
		left += s.until.Sub(now)
	}
	left = min(left, penaltyMost)
	s.until = now.Add(left)
	s.refused = s.refused || left > penaltyLeast
	g.stats.Penalties++
	g.keepLocked(key, s, now)
}

// keepLocked keeps s in the table if there is anything to remember, and room for it or a connection: of those with a
// connection there are not more than connections.
func (g *Gate) keepLocked(key netip.Addr, s *source, now time.Time) {
	if s.forgive(now); s.forgotten() {
		delete(g.sources, key)
		return
	}
	g.sources[key] = s
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
		delete(g.sources, key)
		g.stats.Forgotten++
	}
}

// forgive forgets what has run out.
func (s *source) forgive(now time.Time) {
	if !now.Before(s.madeRoom) {
		s.madeRoom = time.Time{}
	}
	if !now.Before(s.until) {
		s.until, s.refused = time.Time{}, false
	}
}

// forgotten reports whether there is nothing to remember of s.
func (s *source) forgotten() bool { return s.open == 0 && s.until.IsZero() && s.madeRoom.IsZero() }
