package session

import (
	"context"
	"errors"
	"time"

	"parley/chat/passwd"
	"parley/commands"
)

// paces are how fast a session may use the commands of each pace: some at once, and after that one each time.
var paces = [...]struct {
	burst int
	every time.Duration
}{
	commands.Talk:  {5, time.Second / 2},
	commands.Shout: {2, 5 * time.Second},
	// Of all lines, whatever they say: faster than anybody types. What is answered takes the processor's time.
	commands.Unpaced: {100, time.Second / 50},
}

// pacing is what a session has used of its paces: when each would be whole again.
type pacing [len(paces)]time.Time

// take uses p once, and returns how long that has to wait.
func (g *pacing) take(p commands.Pace, now time.Time) time.Duration {
	pace := paces[p]
	if g[p].Before(now) {
		g[p] = now
	}
	g[p] = g[p].Add(pace.every)
	return max(0, g[p].Sub(now)-time.Duration(pace.burst)*pace.every)
}

// errEnded ends a command that waited for its pace when the session was ended from outside.
var errEnded = errors.New("the session was ended")

// lineBytes is what a line counts for beside its length, as something to be said: a name, the room, what the mailbox
// adds. quitBytes is what the rooms of a user hear at the end.
const lineBytes, quitBytes = 128, 256

// wait waits until the session may use a command of pace p, and say a line of so many bytes. What is typed ahead is
// read meanwhile, up to a bound, and what others say is shown. It returns errEnded, and ErrCancelled for an interrupt.
func (s *Session) wait(ctx context.Context, p commands.Pace, bytes int) error {
	if err := s.keepPace(ctx, p); err != nil {
		return err
	}
	return s.admit(bytes)
}

// keepPace is wait for what nobody else hears.
func (s *Session) keepPace(ctx context.Context, p commands.Pace) error {
	if s.exempt {
		return nil
	}
	if d := s.rare().pacing.take(p, time.Now()); d > 0 {
		return s.sleepReading(ctx, d, nil)
	}
	return nil
}

// admit waits until the session may say a line of so many bytes. It returns errEnded.
func (s *Session) admit(bytes int) error {
	for !s.server.deliverer.admit(bytes + lineBytes) {
		err := s.waiting(func() error {
			s.server.deliverer.caughtUp()
			return s.ended()
		})
		if err != nil {
			return errEnded
		}
	}
	return nil
}

// waiting calls f, which waits, in the middle of a command. What the session has shown and said so far goes out before.
func (s *Session) waiting(f func() error) error {
	s.compose()
	if s.flush() != nil {
		return errEnded
	}
	defer s.speaking.Store(true)
	s.yield()
	defer s.turn.Take()
	return f()
}

// sleep waits for d, or until the turn t, which may be nil, is over, or the session is ended from outside.
func (s *Session) sleep(ctx context.Context, d time.Duration, t *passwd.Turn) error {
	ending := make(chan struct{})
	s.ending.Store(&ending)
	defer s.ending.Store(nil)
	if s.ended() != nil { // before anybody could close that
		return errEnded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-t.Over():
		return nil
	case <-ending:
		return errEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}
