package session

import (
	"context"
	"errors"
	"time"

	"parley/commands"
)

// paces are how fast a session may use the commands of each pace: some at once, and after that one each time.
var paces = [...]struct {
	burst int
	every time.Duration
}{
	commands.Talk:    {5, time.Second / 2},
	commands.Shout:   {2, 5 * time.Second},
	commands.Unpaced: {},
}

// pacing is what a session has used of its paces: when each would be whole again.
type pacing [len(paces)]time.Time

// take uses p once, and returns how long that has to wait.
func (g *pacing) take(p commands.Pace, now time.Time) time.Duration {
	pace := paces[p]
	if pace.burst == 0 {
		return 0
	}
	if g[p].Before(now) {
		g[p] = now
	}
	g[p] = g[p].Add(pace.every)
	return max(0, g[p].Sub(now)-time.Duration(pace.burst)*pace.every)
}

// errEnded ends a command that waited for its pace when the session was ended from outside.
var errEnded = errors.New("the session was ended")

// wait waits until the session may use a command of pace p. Nothing is read meanwhile, so that the peer's system holds what is typed ahead; what others
// say is shown. It returns errEnded.
func (s *Session) wait(ctx context.Context, p commands.Pace) error {
	if s.exempt {
		return nil
	}
	d := s.pacing.take(p, time.Now())
	if d == 0 {
		return nil
	}
	s.compose()
	if s.flush() != nil {
		return errEnded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	s.yield()
	defer s.turn.take()
	select {
	case <-timer.C:
		return nil
	case <-s.ending:
		return errEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}
