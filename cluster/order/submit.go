package order

import (
	"maps"
	"slices"
	"time"
)

const (
	maxItems  = 256  // in one message
	maxWindow = 1024 // on the way: what a replica sends ahead of what the desk has taken
)

// A submission is what somebody waits for.
type submission struct {
	item
	done     chan outcome // takes one
	within   time.Duration
	until    time.Duration
	sent     bool
	answered bool
}

type outcome struct {
	result any
	err    error
}

func (s *submission) answer(result any, err error) {
	if !s.answered {
		s.answered = true
		s.item.Data = nil
		s.done <- outcome{result, err}
	}
}

// A stream is what a replica submits in one epoch: numbered from 1 on, and taken by the desk in that order.
type stream struct {
	epoch   uint64
	next    uint64 // the next number
	had     uint64 // up to there the desk has taken it
	waiting map[uint64]*submission
	sent    uint64 // up to there it is on the way
	sentAt  time.Duration
}

func (s *stream) reset(epoch uint64) {
	*s = stream{epoch: epoch, next: 1, waiting: make(map[uint64]*submission)}
}

// accept takes what somebody has just submitted.
func (r *Replica) accept(s *submission) {
	switch {
	case !r.up() && r.now >= r.between:
		s.answer(nil, ErrFenced)
		return
	case len(r.submitted.waiting) >= maxSubmissions:
		s.answer(nil, ErrBusy)
		return
	}
	s.until = r.now + s.within
	r.submitted.add(s)
}

func (s *stream) add(sub *submission) {
	sub.Seq = s.next
	s.waiting[s.next] = sub
	s.next++
}

// offer sends what the desk has not had yet.
func (r *Replica) offer() {
	s := &r.submitted
	if !r.up() {
		return
	}
	if s.epoch != r.followed {
		if r.history.applied < r.began {
			return // what the desk before had numbered may still come
		}
		s.move(r.followed)
	}
	if r.now-s.sentAt >= r.rules.resend {
		s.sent = s.had
	}
	for s.more() {
		items := s.items()
		s.sentAt = r.now
		if d, ok := r.role.(*desk); ok {
			d.take(r, r.name, r.life, items)
		} else {
			r.send(r.role.(follower).desk, &message{Kind: kindSubmit, Epoch: r.followed, Items: items})
		}
	}
}

// more reports whether there is something to be sent that the desk has room for.
func (s *stream) more() bool { return s.sent+1 < s.next && s.sent < s.had+maxWindow }

// items returns the items that are to be sent next, and counts them as sent.
func (s *stream) items() []item {
	var items []item
	for bytes := 0; s.more() && len(items) < maxItems && bytes < maxFlightBytes; {
		s.sent++
		it := item{Seq: s.sent, Void: true}
		if sub := s.waiting[s.sent]; sub != nil && !sub.answered {
			it, sub.sent = sub.item, true
		}
		bytes += len(it.Data)
		items = append(items, it)
	}
	return items
}

// move takes what waits along to a new epoch. All that the desks before have numbered is applied, and this is not: so
// it never will be, and can be submitted again.
func (s *stream) move(epoch uint64) {
	var again []*submission
	for _, seq := range slices.Sorted(maps.Keys(s.waiting)) {
		if sub := s.waiting[seq]; !sub.answered {
			again = append(again, sub)
		}
	}
	s.reset(epoch)
	for _, sub := range again {
		s.add(sub)
	}
}

// expire answers those for whom there was no answer in time.
func (s *stream) expire(r *Replica) {
	for _, sub := range s.waiting {
		if r.now >= sub.until {
			sub.answer(nil, ErrUnknown)
		}
	}
}

// applied is told that op, which r submitted in this life, has been applied.
func (s *stream) applied(r *Replica, op *Op, result any) {
	sub := s.waiting[op.Seq]
	if op.Epoch != s.epoch || sub == nil {
		return
	}
	delete(s.waiting, op.Seq)
	sub.answer(result, nil)
}

// taken is told how many of this epoch the desk has taken.
func (s *stream) taken(r *Replica, had uint64) {
	if s.epoch != r.followed {
		return
	}
	for ; s.had < had; s.had++ {
		if sub := s.waiting[s.had+1]; sub != nil && sub.answered {
			delete(s.waiting, s.had+1) // void, and nobody waits for it
		}
	}
	s.sent = max(s.sent, s.had)
}

// skipped is told that a part of the order was skipped: whether what was sent is in it, nobody can tell.
func (s *stream) skipped() {
	for _, sub := range s.waiting {
		if sub.sent {
			sub.answer(nil, ErrUnknown)
		}
	}
}

// fail answers everybody who waits.
func (s *stream) fail(err error) {
	for _, sub := range s.waiting {
		sub.answer(nil, err)
	}
}

// An intake is where the desk takes the submissions of one replica, in order.
type intake struct {
	life  uint64
	had   uint64 // up to there they are numbered
	early map[uint64]item
}

// taken returns how many have been taken of the given life.
func (i *intake) taken(life uint64) uint64 {
	if i.life != life {
		return 0
	}
	return i.had
}

// onSubmit numbers what a replica submits.
func (r *Replica) onSubmit(m *message) {
	d, ok := r.role.(*desk)
	if ok && m.Epoch == d.epoch && r.fresh() {
		d.take(r, m.From, m.Life, m.Items)
	}
}

// take numbers items of the replica called name, if that is up in the given life.
func (d *desk) take(r *Replica, name string, life uint64, items []item) {
	if d.roll[name] != (standing{life, true}) {
		return
	}
	in := d.streams[name]
	if in.life != life {
		*in = intake{life: life, early: make(map[uint64]item)}
	}
	for _, it := range items {
		// By number, not by how many there are: however many have come early, there is room for the one they wait for.
		if it.Seq > in.had && it.Seq <= in.had+maxWindow {
			in.early[it.Seq] = it
		}
	}
	for r.history.unapplied() < maxUnapplied {
		it, ok := in.early[in.had+1]
		if !ok {
			return
		}
		delete(in.early, it.Seq)
		in.had++
		if !it.Void {
			d.number(r, Op{Kind: Submitted, Replica: name, Life: life, Seq: it.Seq, Data: it.Data})
		}
	}
}
