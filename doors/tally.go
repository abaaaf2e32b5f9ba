package doors

import (
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"parley/internal/crash"
)

// tallyTime is how long connections that end for the same reason are counted before the log is told of them.
const tallyTime = 10 * time.Second

// A tally counts why connections ended. The log is told of the first at once, and of those that follow how many they
// were, in one line for each reason and tallyTime: a crowd that goes must not fill the log.
type tally struct {
	mu      sync.Mutex        // guards all below
	counts  map[string]uint64 // all since the start
	untold  map[string]untold
	telling bool // a goroutine tells the log
}

// untold are those that ended for one reason since the log was last told.
type untold struct {
	count int
	last  net.Addr
}

// maxReasons bounds the reasons that are told apart.
const maxReasons = 64

// note counts one that ended. now says that the log is to be told at once, begin that somebody is needed who tells it
// of those to come.
func (t *tally) note(reason string, from net.Addr) (now, begin bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts, t.untold = make(map[string]uint64), make(map[string]untold)
	}
	if _, known := t.counts[reason]; !known && len(t.counts) >= maxReasons {
		reason = "another reason"
	}
	t.counts[reason]++
	if u, counting := t.untold[reason]; counting {
		t.untold[reason] = untold{u.count + 1, from}
		return false, false
	}
	t.untold[reason] = untold{}
	begin = !t.telling
	t.telling = true
	return true, begin
}

// take returns what the log was not told, and forgets the reasons of which there was nothing new. more says that there
// may be more.
func (t *tally) take() (all map[string]untold, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all = make(map[string]untold)
	for reason, u := range t.untold {
		if u.count == 0 {
			delete(t.untold, reason)
			continue
		}
		all[reason] = u
		t.untold[reason] = untold{}
	}
	t.telling = t.telling && len(t.untold) > 0
	return all, t.telling
}

// ended counts a connection that ends.
func (s *Server) ended(nc net.Conn, why error) {
	reason := s.why(why)
	now, begin := s.ends.note(reason, nc.RemoteAddr())
	if now {
		s.logger().Info("connection ended", "reason", reason, "remote", nc.RemoteAddr())
	}
	if !begin {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Go(func() { // until nothing has ended for a while, or the server is closed
			defer s.survive(nc, "tally")
			s.tell()
		})
	}
}

// tell tells the log from time to time how many connections ended.
func (s *Server) tell() {
	ticker := time.NewTicker(tallyTime)
	defer ticker.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-ticker.C:
			if !s.flush() {
				return
			}
		}
	}
}

// flush tells the log what it was not yet told, and reports whether there may be more.
func (s *Server) flush() (more bool) {
	all, more := s.ends.take()
	for _, reason := range slices.Sorted(maps.Keys(all)) {
		s.logger().Info("connections ended", "reason", reason, "count", all[reason].count, "last", all[reason].last)
	}
	return more
}

func (s *Server) why(err error) string {
	if s.Why != nil {
		if reason := s.Why(err); reason != "" {
			return reason
		}
	}
	return Why(err)
}

// Why says in a few words why a connection ended, by what the network or the gate made of it.
func Why(err error) string {
	refused, isRefusal := errors.AsType[Refusal](err)
	switch {
	case err == nil:
		return "left"
	case isRefusal:
		return refused.Reason.String()
	case errors.Is(err, errHeader):
		return "no header of the proxy"
	case errors.Is(err, crash.ErrPanic):
		return "panic"
	case errors.Is(err, io.EOF):
		return "closed by the peer"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset by the peer"
	case errors.Is(err, syscall.ETIMEDOUT), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "the peer has vanished"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "out of time"
	case errors.Is(err, net.ErrClosed):
		return "closed"
	}
	return "an error"
}

// Stats are figures of a server, as sql.DBStats are of a database.
type Stats struct {
	Open int // connections, those included that are being refused or closed
	// Ended is how many connections ended since the start, by reason.
	Ended map[string]uint64
}

// Stats returns the server's figures.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	open := len(s.conns)
	s.mu.Unlock()
	s.ends.mu.Lock()
	defer s.ends.mu.Unlock()
	return Stats{Open: open, Ended: maps.Clone(s.ends.counts)}
}
