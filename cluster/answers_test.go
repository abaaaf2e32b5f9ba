package cluster

import (
	"context"
	"testing"
	"time"

	"parley/chat"
)

// A giver answers every order with a seat.
type giver struct{}

func (giver) Do(context.Context, *chat.Order) (chat.Answer, <-chan chat.Answer) {
	return chat.Answer{Verdict: chat.Delivered, Seat: &chat.Seat{}}, nil
}

// TestSeatForgotten moves a user to another node whose answers do not arrive at first: it asks again and has the seat.
// The node before does not keep that for longer than it may be asked for.
func TestSeatForgotten(t *testing.T) {
	stage(t, func(s *scene) {
		from, to := s.views[s.rest[0]], s.views[s.rest[1]]
		from.Attach(giver{})
		e, err := to.Find(map[string]string{"a": "alice", "b": "bob", "c": "carol"}[s.rest[0]])
		s.must(err)
		e.Node = to.Node()
		s.net.Cut(from.Node(), to.Node())
		time.AfterFunc(moveWait/2, s.net.Heal)
		a, err := to.Move(s.Context(), e, s.ears[s.rest[1]].judge.newEar("moved"))
		s.must(err)
		if a.Seat == nil {
			s.Error("the user moves without the seat")
		}
		kept := func() int {
			from.mu.Lock()
			defer from.mu.Unlock()
			return len(from.given)
		}
		if n := kept(); n == 0 {
			s.Error("nothing is kept for who asks again")
		}
		time.Sleep(seatTime + time.Second)
		if n := kept(); n > 0 {
			s.Errorf("%d answers with seats are kept", n)
		}
	})
}
