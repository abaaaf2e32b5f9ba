package cluster

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"parley/chat"
	"parley/internal/turn"
)

// maxQueue bounds what waits for the janitor, and for the porter: more users than a node can have.
const maxQueue = 1 << 16

// A queue is what a goroutine of the view works through.
type queue[T any] struct {
	turn turn.Turn     // held while an element is being done, or some are taken out
	wake chan struct{} // holds one element if there is something

	mu   sync.Mutex // guards list
	list []T
}

func newQueue[T any]() queue[T] {
	return queue[T]{wake: make(chan struct{}, 1)}
}

// add returns false if there is too much.
func (q *queue[T]) add(t T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) >= maxQueue {
		return false
	}
	q.list = append(q.list, t)
	q.ringLocked()
	return true
}

// remove takes out what is meant. What is being done just now is done then.
func (q *queue[T]) remove(meant func(T) bool) {
	q.turn.Take() // waits while one element is being done, at most
	defer q.turn.Give()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, meant)
}

// first does the first element, if there is one. It takes that out unless do returns false.
func (q *queue[T]) first(do func(T) bool) (done bool) {
	q.turn.Take() // waits while one element is being done, at most
	defer q.turn.Give()
	q.mu.Lock()
	if len(q.list) == 0 {
		q.mu.Unlock()
		return true
	}
	t := q.list[0]
	q.mu.Unlock()
	if !do(t) {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = q.list[1:]
	if len(q.list) > 0 {
		q.ringLocked()
	}
	return true
}

// serve does one element after the other, until ctx ends. What do returns false for comes again after a while.
func (q *queue[T]) serve(ctx context.Context, do func(T) bool) {
	for {
		var again <-chan time.Time
		if !q.first(do) {
			again = time.After(askAgain)
		}
		select {
		case <-q.wake:
		case <-again:
		case <-ctx.Done():
			return
		}
	}
}

// ringLocked says that there is something.
func (q *queue[T]) ringLocked() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// A chore is an operation that nobody waits for, and that has to be done all the same: a user has quit while the others
// could not be reached, or what was done for a call came after the call had been given up.
type chore struct {
	op   *chat.Op
	life uint64 // of this node: when it is another, the desk has seen to it
}

// later has op done, as soon as it can be.
func (v *View) later(op *chat.Op) {
	if !v.chores.add(chore{op, v.replica.Status().Life}) {
		v.log.Error("too much to make up for", "op", op.Kind)
	}
}

// handIn has op done, as of then, after d.
func (v *View) handIn(d time.Duration, op chat.Op) {
	v.start("hand in", func() { // until Close, at most
		select {
		case <-time.After(d):
			op.At = time.Now()
			v.later(&op)
		case <-v.ctx.Done():
		}
	})
}

// janitor does the chores. What it does may be done twice, without harm; a number is given back at most once.
func (v *View) janitor() {
	v.chores.serve(v.ctx, func(c chore) bool {
		if v.Status().Life != c.life {
			return true
		}
		_, err := v.do(v.ctx, c.op, nil)
		unsure := errors.Is(err, chat.ErrUnsure) && c.op.Kind != chat.OpGiveNumber
		return !errors.Is(err, chat.ErrNoDesk) && !unsure
	})
}

// A leaver has to be sent away.
type leaver struct {
	user   chat.User
	reason *chat.Refusal
}

// expel sends u away, who is no longer online as far as the desk is concerned.
func (v *View) expel(u chat.User, reason *chat.Refusal) {
	if !v.leave.add(leaver{u, reason}) {
		v.log.Error("too many to be sent away", "user", u.Name)
	}
}

// porter sends away who has to leave.
func (v *View) porter() {
	v.leave.serve(v.ctx, func(l leaver) bool {
		v.mu.Lock()
		h := v.handler
		v.mu.Unlock()
		if h != nil {
			h.Do(v.ctx, &chat.Order{Kind: chat.Expel, User: l.user, Reason: l.reason})
		}
		return true
	})
}
