package cluster

import (
	"context"
	"slices"
	"sync"
	"time"

	"parley/chat"
)

// maxQueue bounds what waits for the janitor, and for the porter: more users than a node can have.
const maxQueue = 1 << 16

// A queue is what a goroutine of the view works through.
type queue[T any] struct {
	mu   sync.Mutex // guards list
	list []T
	wake chan struct{} // holds one element if there is something
}

// add returns false if there is too much.
func (q *queue[T]) add(t T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) >= maxQueue {
		return false
	}
	q.list = append(q.list, t)
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// remove takes out what is meant.
func (q *queue[T]) remove(meant func(T) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, meant)
}

// next waits for the next element. It returns false if ctx ends.
func (q *queue[T]) next(ctx context.Context) (t T, ok bool) {
	for {
		q.mu.Lock()
		if len(q.list) > 0 {
			t, q.list = q.list[0], q.list[1:]
			q.mu.Unlock()
			return t, ctx.Err() == nil
		}
		q.mu.Unlock()
		select {
		case <-q.wake:
		case <-ctx.Done():
			return t, false
		}
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

// janitor does the chores. What it does may be done twice, without harm; a number is given back at most once.
func (v *View) janitor() {
	for {
		c, ok := v.chores.next(v.ctx)
		if !ok {
			return
		}
		for v.replica.Status().Life == c.life {
			_, err := v.do(v.ctx, c.op, nil)
			once := c.op.Kind == chat.OpGiveNumber && err == error(chat.ErrUnsure)
			if once || err != error(chat.ErrNoDesk) && err != error(chat.ErrUnsure) {
				break
			}
			select {
			case <-time.After(askAgain):
			case <-v.ctx.Done():
				return
			}
		}
	}
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
	for {
		l, ok := v.leave.next(v.ctx)
		if !ok {
			return
		}
		v.mu.Lock()
		h := v.handler
		v.mu.Unlock()
		if h != nil {
			h.Do(v.ctx, &chat.Order{Kind: chat.Expel, User: l.user, Reason: l.reason})
		}
	}
}
