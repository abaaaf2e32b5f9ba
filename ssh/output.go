package ssh

import (
	"io"
	"os"
	"sync"
	"time"
)

// writeTime is how long a peer may take to take one write.
const writeTime = 10 * time.Second

// aliveTime is how long it is given for one write at most because it sends something.
const aliveTime = time.Minute

// A sink writes to a peer that may not take it. Only abort ends a write that waits: then the connection is gone.
type sink struct {
	abort   func()
	writes  func()      // told when a write begins, and when it ends
	sending func() bool // whether something is on its way through the network, which has a time of its own

	turn    sync.Mutex // held while something is written; guards afterCR and err
	afterCR bool       // the last byte of text was CR
	err     error      // what broke the output

	mu       sync.Mutex // guards all below
	deadline time.Time  // zero for none
	began    time.Time  // when the write under way did
	latest   time.Time  // when it is to be over; zero while there is none
	timer    *time.Timer
	late     bool
}

// write writes p to w, with every '\n' that follows no CR as CR LF if crlf is set.
func (s *sink) write(w io.Writer, p []byte, crlf bool) (int, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	if !s.begin() {
		return 0, os.ErrDeadlineExceeded
	}
	out := p
	if crlf {
		out = s.withCR(p)
	}
	err := s.inPieces(w, out)
	if s.end() {
		err = os.ErrDeadlineExceeded
	}
	if s.err = err; err != nil {
		return 0, err
	}
	return len(p), nil
}

// maxPiece is how much is written at a time: the library keeps room for the longest packet that it has sent, twice, as
// long as the connection lasts.
const maxPiece = 1 << 10

// inPieces writes p to w.
func (s *sink) inPieces(w io.Writer, p []byte) error {
	s.writes()
	defer s.writes()
	for len(p) > 0 {
		n, err := w.Write(p[:min(len(p), maxPiece)])
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// withCR returns p as a pseudo-terminal is to get it.
func (s *sink) withCR(p []byte) []byte {
	out := make([]byte, 0, len(p)+8)
	for _, b := range p {
		if b == '\n' && !s.afterCR {
			out = append(out, '\r')
		}
		out = append(out, b)
		s.afterCR = b == '\r'
	}
	return out
}

// begin says that a write begins, if there is time.
func (s *sink) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !s.deadline.IsZero() && !now.Before(s.deadline) {
		return false
	}
	s.began, s.latest = now, now.Add(writeTime)
	s.armLocked()
	return true
}

// end says that it is over, and reports whether it took too long.
func (s *sink) end() (late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latest = time.Time{}
	s.timer.Stop()
	return s.late
}

// armLocked sets when the write under way is given up.
func (s *sink) armLocked() {
	at := s.latest
	if !s.deadline.IsZero() && s.deadline.Before(at) {
		at = s.deadline
	}
	if s.timer == nil {
		s.timer = after(time.Until(at), s.giveUp)
	} else {
		s.timer.Reset(time.Until(at))
	}
}

func (s *sink) giveUp() {
	s.mu.Lock()
	now := time.Now()
	past := !s.deadline.IsZero() && !now.Before(s.deadline)
	if !past && !s.latest.IsZero() && !now.Before(s.latest) && s.sending() {
		s.extendLocked(now) // the peer may have it: on a busy machine the goroutine that wrote may wait for long
	}
	over := past || !now.Before(s.latest)
	under := !s.latest.IsZero() && over
	s.late = s.late || under
	if !over && !s.latest.IsZero() { // the peer was alive meanwhile
		s.armLocked()
	}
	s.mu.Unlock()
	if under {
		s.abort()
	}
}

// alive says that something has come of the peer, behind which it may have said that it reads: a write under way may
// take its time from now on, but no longer than aliveTime in all.
func (s *sink) alive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.latest.IsZero() {
		s.extendLocked(time.Now())
	}
}

func (s *sink) extendLocked(now time.Time) {
	if s.latest = now.Add(writeTime); s.latest.Sub(s.began) > aliveTime {
		s.latest = s.began.Add(aliveTime)
	}
}

// setDeadline sets when a write, under way or to come, is given up at the latest.
func (s *sink) setDeadline(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = at
	if !s.latest.IsZero() {
		s.armLocked()
	}
}

// after calls f when d is over, unless the timer is stopped. f does not wait.
func after(d time.Duration, f func()) *time.Timer { return time.AfterFunc(d, f) }
