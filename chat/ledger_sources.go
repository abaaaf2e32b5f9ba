package chat

import (
	"net/netip"
	"time"

	"parley/chat/budget"
)

// KnownTime is for how long a source is known from which somebody was online.
const KnownTime = 10 * time.Minute

// sources are where those come from who are online, or were a while ago, as [SourceOf] counts them.
type sources struct {
	seats map[netip.Addr]int          // how many are online from there, connected or held
	left  *budget.Buckets[netip.Addr] // of one token, which is missing where somebody has left
}

func newSources() sources { return sources{make(map[netip.Addr]int), newLeft()} }

func newLeft() *budget.Buckets[netip.Addr] { return budget.New[netip.Addr](1, KnownTime) }

func (s *sources) come(source netip.Addr) { s.seats[SourceOf(source)]++ }

// change says that a seat that was taken from one source is taken from another.
func (s *sources) change(from, to netip.Addr) {
	if from != to {
		s.forget(SourceOf(from))
		s.come(to)
	}
}

func (s *sources) leave(source netip.Addr, now time.Duration) {
	source = SourceOf(source)
	s.forget(source)
	s.left.Give(source, now) // if somebody else has left from there: what counts is the last
	s.left.Take(source, now)
}

func (s *sources) forget(source netip.Addr) {
	if s.seats[source]--; s.seats[source] == 0 {
		delete(s.seats, source)
	}
}

// Known is [Desk.Known]. For now see [budget.Buckets].
func (l *Ledger) Known(source netip.Addr, now time.Duration) bool {
	source = SourceOf(source)
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.sources.seats[source] > 0 || l.sources.left.Wait(source, now) > 0
}
