package doors

import (
	"net"
	"time"
)

const (
	// MaxRefusing is how many connections there may be, beyond those of [Gate.MaxConns], that are being told why they
	// are not let in.
	MaxRefusing = 64
	// RefusalRate is how many are told that a second, once MaxRefusing have been, at a door that has a [Door.Open]:
	// telling may take a handshake there, and who comes again at once is to cost no more than an end without a word.
	RefusalRate = 50

	// A connection that is not let in is told so in refuseTime, what is still read of it included.
	refuseTime = 250 * time.Millisecond
)

// mayRefuse takes one of the places for connections that are told by d why they are not let in.
func (s *Server) mayRefuse(d Door) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Refuse == nil || s.refusing >= MaxRefusing || d.Open != nil && !s.told.Allow() {
		return false
	}
	s.refusing++
	return true
}

// refuse tells nc why it is closed.
func (s *Server) refuse(nc net.Conn, d Door, why error) {
	defer func() {
		nc.Close()
		s.mu.Lock()
		s.refusing--
		s.mu.Unlock()
		s.forget(nc)
	}()
	s.ended(nc, why)
	if nc.SetDeadline(time.Now().Add(refuseTime)) != nil {
		return
	}
	d.Refuse(nc, why)
	linger(nc)
}
