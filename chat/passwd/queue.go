package passwd

import (
	"container/list"
	"context"
	"net/netip"
	"sync"
	"time"
)

const (
	// maxWaiting is how many may wait for a hash: each costs little more than its connection does.
	maxWaiting = 4096
	// maxWait is how long one may wait. Nobody is refused before because it would take longer: the first hashes are
	// slow where a crowd comes at once, and tell nothing of those that follow.
	maxWait = 2 * time.Minute
)

// A queue lets a few at a time begin a hash, and the others wait in rounds: in each round every source has one turn. So
// who comes from a source of which many wait does so behind all others, and where there is no more room, those go who
// stand in the last round, for others of their source are before them.
type queue struct {
	mu      sync.Mutex // guards all below
	slots   int
	free    int           // of the slots
	each    time.Duration // what a hash takes of late; zero before the first
	waiting int
	first   int          // the number of rounds[0]
	rounds  []*list.List // of *Turn; the last is not empty
	sources map[netip.Addr]*waits
}

// waits says how many of a source wait, and in which round the last of them does, or none of them behind it.
type waits struct{ n, last int }

// A Turn is a place in the queue for a hash. Safe for concurrent use.
type Turn struct {
	queue  *queue
	source netip.Addr
	over   chan struct{} // closed when the wait is over

	// Guarded by the queue's lock.
	onOver func()
	got    bool // a slot
	place  *list.Element
	round  int
	serial int // in its round
}

// Over returns what is closed when the wait is over: because the turn has come, or because there is none to come. That
// of a nil turn never is.
func (t *Turn) Over() <-chan struct{} {
	if t == nil {
		return nil
	}
	return t.over
}

// IsOver reports whether the wait is over.
func (t *Turn) IsOver() bool {
	select {
	case <-t.Over():
		return true
	default:
		return false
	}
}

// OnOver has f called when the wait is over, at once if it is. f must not block, and must not use the turn; nil calls
// off what was set, and f is not called afterwards.
func (t *Turn) OnOver(f func()) {
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	t.onOver = f
	if f != nil && t.place == nil {
		f()
	}
}

// Place returns which of those who wait this one is, from 1, and how long it takes until its hash is done, in whole
// seconds: maxWait at most, since nobody waits for longer. Others may come between, of sources of which fewer wait.
func (t *Turn) Place() (number int, about time.Duration) {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	before := 0
	if t.place != nil {
		for _, round := range q.rounds[:t.round-q.first] {
			before += round.Len()
		}
		before += t.serial - q.rounds[t.round-q.first].Front().Value.(*Turn).serial
	}
	about = q.each * time.Duration(before/q.slots+2)
	about = (about + time.Second - 1).Truncate(time.Second)
	return before + 1, min(max(time.Second, about), maxWait)
}

// Who waits is to be told its place after TellAfter, and then every TellAgain.
const (
	TellAfter = time.Second
	TellAgain = 10 * time.Second
)

// Await waits until the turn is over, and calls tell with the place meanwhile. It returns the error of ctx, or of tell.
func (t *Turn) Await(ctx context.Context, tell func(number int, about time.Duration) error) error {
	timer := time.NewTimer(TellAfter)
	defer timer.Stop()
	for {
		select {
		case <-t.over:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			if err := tell(t.Place()); err != nil {
				return err
			}
			timer.Reset(TellAgain)
		}
	}
}

// A Wait waits until a turn is over. It returns nil then; any other error gives the turn up.
type Wait func(ctx context.Context, t *Turn) error

// WaitKey is the context key of the [Wait] by which hashes wait. Without one they wait until the context ends.
type WaitKey struct{}

func waitSilently(ctx context.Context, t *Turn) error {
	return t.Await(ctx, func(int, time.Duration) error { return nil })
}

func newQueue(slots int) *queue {
	return &queue{slots: slots, free: slots, sources: make(map[netip.Addr]*waits)}
}

// await waits until a hash for somebody from source may begin, and returns what ends it. It returns ErrBusy, or the
// error of the wait.
func (q *queue) await(ctx context.Context, source netip.Addr) (done func(), err error) {
	t := q.enter(source)
	if t == nil {
		return nil, ErrBusy
	}
	err = ErrBusy // should the wait panic
	defer func() { done, err = q.begin(t, err) }()
	if !t.IsOver() {
		late := time.AfterFunc(maxWait, func() { q.leave(t) })
		defer late.Stop()
		wait, ok := ctx.Value(WaitKey{}).(Wait)
		if !ok {
			wait = waitSilently
		}
		return nil, wait(ctx, t)
	}
	return nil, nil
}

// enter returns a turn, which has a slot if one is free. It returns nil if there is no room.
func (q *queue) enter(source netip.Addr) *Turn {
	t := &Turn{queue: q, source: source, over: make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.free > 0 {
		q.free--
		t.got = true
		close(t.over)
		return t
	}
	s := q.sources[source]
	if t.round = q.first; s != nil {
		t.round = max(t.round, s.last+1)
	}
	if q.waiting >= maxWaiting {
		last := len(q.rounds) - 1
		if t.round >= q.first+last {
			return nil
		}
		q.removeLocked(q.rounds[last].Back().Value.(*Turn)) // of another source
	}
	if s == nil {
		s = new(waits)
		q.sources[source] = s
	}
	for t.round >= q.first+len(q.rounds) {
		q.rounds = append(q.rounds, list.New())
	}
	round := q.rounds[t.round-q.first]
	if last := round.Back(); last != nil {
		t.serial = last.Value.(*Turn).serial + 1
	}
	t.place = round.PushBack(t)
	q.waiting++
	s.n, s.last = s.n+1, t.round
	return t
}

// leave ends the wait of t, if it still waits.
func (q *queue) leave(t *Turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.place != nil {
		q.removeLocked(t)
	}
}

// begin returns what ends the hash of t, whose wait has ended with err. It returns err, or ErrBusy if it has no slot.
func (q *queue) begin(t *Turn, err error) (done func(), _ error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case t.got && err == nil:
		start := time.Now()
		return func() { q.end(time.Since(start)) }, nil
	case t.got:
		q.nextLocked()
	case t.place != nil:
		q.removeLocked(t)
	}
	if err == nil {
		err = ErrBusy
	}
	return nil, err
}

// end gives a slot back, after a hash that has taken so long.
func (q *queue) end(took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.each == 0 {
		q.each = took
	}
	q.each += (took - q.each) / 8
	q.nextLocked()
}

// nextLocked gives a slot to who is next.
func (q *queue) nextLocked() {
	for len(q.rounds) > 0 && q.rounds[0].Len() == 0 {
		q.rounds = q.rounds[1:]
		q.first++
	}
	if len(q.rounds) == 0 {
		q.free++
		return
	}
	t := q.rounds[0].Front().Value.(*Turn)
	t.got = true
	q.removeLocked(t)
}

// removeLocked ends the wait of t.
func (q *queue) removeLocked(t *Turn) {
	q.rounds[t.round-q.first].Remove(t.place)
	t.place = nil
	close(t.over)
	if t.onOver != nil {
		t.onOver()
	}
	for n := len(q.rounds); n > 0 && q.rounds[n-1].Len() == 0; n-- {
		q.rounds = q.rounds[:n-1]
	}
	q.waiting--
	s := q.sources[t.source]
	if t.round == s.last {
		s.last-- // so that no rounds are opened in which nobody is
	}
	if s.n--; s.n == 0 {
		delete(q.sources, t.source)
	}
}

// at returns how many hashes go on, or wait.
func (q *queue) at() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.slots - q.free + q.waiting
}

// usual returns what a hash takes of late.
func (q *queue) usual() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.each
}
