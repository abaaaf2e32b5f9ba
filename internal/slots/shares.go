package slots

import (
	"net/netip"
	"sync"
)

// Shares are slots of which those from one source hold a few at most. Safe for concurrent use.
type Shares struct {
	all  Slots
	each int

	mu   sync.Mutex // guards held
	held map[netip.Addr]int
}

// NewShares returns so many slots in all, of which each source holds so many at most.
func NewShares(all, each int) *Shares {
	return &Shares{all: make(Slots, all), each: each, held: make(map[netip.Addr]int)}
}

// All returns the slots for those who may hold all of them.
func (s *Shares) All() Slots { return s.all }

// Of returns the slots for those from source.
func (s *Shares) Of(source netip.Addr) Share { return Share{s, source} }

// A Share is what those from one source may hold.
type Share struct {
	shares *Shares
	source netip.Addr
}

// Try takes a slot if one is free and the source may hold one more, and reports whether it has.
func (s Share) Try() bool {
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	if s.shares.held[s.source] >= s.shares.each || !s.shares.all.Try() {
		return false
	}
	s.shares.held[s.source]++
	return true
}

// Give gives a slot back.
func (s Share) Give() {
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	s.shares.all.Give()
	if s.shares.held[s.source]--; s.shares.held[s.source] == 0 {
		delete(s.shares.held, s.source)
	}
}
