package session

import (
	"runtime"
	"sync"
	"time"

	"parley/chat"
)

// couriers bring what came to the sessions that wait for input. They are few for all, because to start a goroutine for every session
// that hears a line costs more than to write it; and they wait for nobody: where a terminal does not take everything at once, a goroutine of its session's
// own goes on. They live while somebody is called for.
type couriers struct {
	mu          sync.Mutex // guards all up to working
	first, last *Session   // called for, and not visited yet; the next one is behind
	waiting     int        // how many these are
	before      int        // how many of them have waited since
	since       time.Time
	most        int // couriers, as of then
	working     int

	running sync.WaitGroup
}

// call makes a courier visit s soon, if it is not to come yet. It does not block.
func (c *couriers) call(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.called {
		return
	}
	s.called = true
	if c.last == nil {
		c.first = s
	} else {
		c.last.behind = s
	}
	c.last = s
	c.waiting++
	if c.before == 0 {
		c.before, c.since = c.waiting, time.Now()
		c.most = min(runtime.GOMAXPROCS(0), runtime.NumCPU()) // not for every call: it takes the scheduler's lock
	}
	if c.working < c.most {
		c.working++
		c.running.Go(c.work) // until nobody is called for
	}
}

// next returns the session to visit, or nil if the courier is to go.
func (c *couriers) next() *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.nextLocked()
	if s == nil {
		c.working--
	}
	return s
}

func (c *couriers) nextLocked() *Session {
	s := c.first
	if s == nil {
		return nil
	}
	c.first = s.behind
	if c.first == nil {
		c.last = nil
	}
	s.behind, s.called = nil, false
	c.waiting--
	c.before = max(0, c.before-1)
	return s
}

// patience is how long a session that is called for may wait before those who make couriers be called have to help. Until then
// what is said at the same time is all said, and goes out in one write.
const patience = 20 * time.Millisecond

// help does couriers' work if they are late, until they are not: who has more to say waits for that, so that no mailbox overflows because
// many speak faster than the server writes. It waits for nobody's terminal.
func (c *couriers) help() {
	s := c.nextLate()
	if s == nil {
		return
	}
	b := bags.Get().(*bag)
	for ; s != nil; s = c.nextLate() {
		s.show(b) // which survives
	}
	b.empty()
	bags.Put(b)
}

// nextLate returns the session to visit, or nil if couriers are not late.
func (c *couriers) nextLate() *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.before == 0 || time.Since(c.since) <= patience {
		return nil
	}
	return c.nextLocked()
}

func (c *couriers) work() {
	b := bags.Get().(*bag)
	for s := c.next(); s != nil; s = c.next() {
		s.show(b) // which survives
	}
	b.empty()
	bags.Put(b)
}

// A bag is what a courier has with him: memory that is used for one session after the other.
type bag struct {
	events []*chat.Event
	out    []byte
	rows   map[rendered]string
}

// rendered is an event as it looks in one view.
type rendered struct {
	event *chat.Event
	view  View
}

const (
	maxRendered = 256       // in one bag
	maxBag      = 64 * 1024 // bytes of output that are worth keeping
)

var bags = sync.Pool{New: func() any { return &bag{rows: make(map[rendered]string)} }}

// render returns e as rows, each with its end: made once for all who are visited with b and share the view.
func (b *bag) render(e *chat.Event, view View) string {
	rows, ok := b.rows[rendered{e, view}]
	if !ok {
		if len(b.rows) >= maxRendered {
			clear(b.rows)
		}
		rows = string(view.appendRows(nil, e))
		b.rows[rendered{e, view}] = rows
	}
	return rows
}

// empty lets go of what others should not have to keep.
func (b *bag) empty() {
	clear(b.events)
	b.events = b.events[:0]
	clear(b.rows)
	if cap(b.out) > maxBag {
		b.out = nil
	}
}
