package session

import (
	"sync"
	"sync/atomic"
	"time"

	"parley/chat"
)

// A deliverer shows sessions what came for them. It works in passes, one at a time: what is said during a pass goes out
// in the next, in one write for each session. It never waits for a terminal: where one does not take everything at
// once, a goroutine of its session waits.
//
// A speaker causes a pass when its input is used up, before it writes its own answer, and goes round itself if few are
// waiting. Everybody else's events start a pass at once.
type deliverer struct {
	waiting atomic.Pointer[Session] // a stack of the sessions to visit, linked by next
	working atomic.Bool             // a pass is under way, or about to begin
	said    atomic.Int64            // bytes admitted since the last pass began

	mu     sync.Mutex // guards passes
	passes uint64     // how many have ended
	ended  sync.Cond  // one more has

	running sync.WaitGroup // the goroutine that makes passes while there are sessions to visit

	list *Session // what is left of this pass, linked by next; owned by whoever works
}

// few is how many sessions a speaker visits on its own goroutine.
const few = 32

// enqueue makes the next pass visit s. It does not block, and starts no pass.
func (d *deliverer) enqueue(s *Session) {
	if s.queued.Swap(true) {
		return
	}
	for {
		top := d.waiting.Load()
		s.next = top
		if d.waiting.CompareAndSwap(top, s) {
			return
		}
	}
}

// idle reports whether somebody waits and no pass is under way.
func (d *deliverer) idle() bool { return d.waiting.Load() != nil && !d.working.Load() }

// run makes a pass if somebody waits and no pass is under way: on the caller's goroutine, or, if more than few wait, on
// one of its own. A pass that is under way is followed by another if it has to be.
func (d *deliverer) run() {
	switch {
	case d.waiting.Load() == nil || !d.working.CompareAndSwap(false, true):
	case d.gather() > few:
		d.spawn()
	default:
		d.pass()
		d.rest()
	}
}

// start is run on another goroutine in any case.
func (d *deliverer) start() {
	if d.waiting.Load() != nil {
		d.startPass()
	}
}

// startPass starts a pass, even if nobody waits, unless one is under way.
func (d *deliverer) startPass() {
	if d.working.CompareAndSwap(false, true) {
		d.gather()
		d.spawn()
	}
}

// maxBreath is the longest time between two passes.
const maxBreath = 5 * time.Millisecond

// spawn makes the pass that was gathered, and those that follow until nobody waits, on another goroutine. Between two
// passes it waits for a quarter of the time that the first took: by then many of those who answer what they were shown
// have answered, and all of it goes out in one write for each session. To wait longer saves nothing more, and a room
// takes fewer lines.
func (d *deliverer) spawn() {
	d.running.Go(func() {
		for more := true; more; more = d.gather() > 0 {
			began := time.Now()
			d.pass()
			time.Sleep(min(time.Since(began)/4, maxBreath))
		}
		d.rest()
	})
}

// rest ends the work. Who came since the last look is visited by a new goroutine. If nobody did, that is as good as a
// pass to those who wait for one: they may have begun to when the last one was over, and started none, since there was
// still somebody at work.
func (d *deliverer) rest() {
	d.working.Store(false)
	if d.waiting.Load() != nil {
		d.startPass()
	} else {
		d.passed()
	}
}

// gather begins a pass: it takes those who wait, in the order in which they came, and returns how many.
func (d *deliverer) gather() (n int) {
	d.said.Store(0)
	for s := d.waiting.Swap(nil); s != nil; n++ {
		below := s.next
		s.next, d.list = d.list, s
		s = below
	}
	return n
}

// pass visits those who were gathered.
func (d *deliverer) pass() {
	b := scratches.Get().(*scratch)
	for s := d.list; s != nil; s = d.list {
		d.list, s.next = s.next, nil
		s.queued.Store(false) // before the visit: what comes from now on is for the next
		s.show(b)             // which survives a panic
	}
	b.giveBack()
	d.passed()
}

// passed tells those who wait for it that a pass has ended.
func (d *deliverer) passed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.passes++
	if d.ended.L != nil { // else nobody has ever waited
		d.ended.Broadcast()
	}
}

// maxSaid is how many bytes may be said from the beginning of one pass to that of the next, or to its end. So a session
// that reads never has more than twice that in its mailbox, and what those who spoke at that moment were saying.
const maxSaid = chat.MailboxBytes / 4

// admit asks whether so many bytes may be said now. If not, the caller is to wait by caughtUp and ask again.
func (d *deliverer) admit(bytes int) bool {
	if d.said.Add(int64(bytes)) <= maxSaid {
		return true
	}
	d.said.Add(-int64(bytes))
	return false
}

// caughtUp waits until a pass has ended, or nobody waits to be visited. It waits for nobody's terminal.
func (d *deliverer) caughtUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended.L = &d.mu
	before := d.passes
	d.startPass() // there may be none, if what was said had no listeners
	for d.passes == before {
		d.ended.Wait()
	}
}

// A scratch is memory that is used for one session after the other: by a pass, or by sessions that show what came
// themselves.
type scratch struct {
	events []*chat.Event
	out    []byte
	view   View     // of the session before
	recent []recent // what it was shown, in that order: the next is likely to be shown the same
}

// scratches are those that nobody uses. The collector of garbage takes them, and what they remember, if that lasts.
var scratches = sync.Pool{New: func() any { return new(scratch) }}

const maxScratch = 64 * 1024 // bytes of output that are worth keeping

func (b *scratch) giveBack() {
	if cap(b.out) > maxScratch {
		b.out = nil
	}
	scratches.Put(b)
}

type recent struct {
	event *chat.Event
	rendering
}

// show begins with the next session, which sees things as view says.
func (b *scratch) show(view View) {
	if view != b.view {
		b.view, b.recent = view, b.recent[:0]
	}
}

// of returns the rendering of e, the i-th event that the session is shown. It is good until the next call.
func (b *scratch) of(i int, e *chat.Event, r *renderings) *rendering {
	if i >= len(b.recent) || b.recent[i].event != e {
		b.recent = append(b.recent[:min(i, len(b.recent))], recent{e, r.of(e, b.view)})
	}
	return &b.recent[min(i, len(b.recent)-1)].rendering
}

// renderings are events as rows, made once for all who share a view. Safe for concurrent use; the zero value is empty.
type renderings struct {
	mu   sync.Mutex // guards both below
	made map[rendered]rendering
	rows []byte // where the next is made
}

type rendered struct {
	event *chat.Event
	view  View
}

// A rendering is an event as rows, each with its end, and as a message, if any, and the names that may be in what was
// said.
type rendering struct {
	rows    string
	names   chat.Names
	message []byte
}

// maxRendered is how many renderings are kept.
const maxRendered = 256

// of returns the rendering of e.
func (r *renderings) of(e *chat.Event, view View) rendering {
	r.mu.Lock()
	defer r.mu.Unlock()
	made, ok := r.made[rendered{e, view}]
	if ok {
		return made
	}
	if r.made == nil {
		r.made = make(map[rendered]rendering)
	}
	if len(r.made) >= maxRendered {
		clear(r.made)
	}
	r.rows = view.appendRows(r.rows[:0], e, "")
	made.rows = string(r.rows)
	made.message = view.message(e, "")
	if e.Kind.Talk() {
		made.names = e.Text.Names()
	}
	r.made[rendered{e, view}] = made
	return made
}
