package order

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/cluster/simnet"
)

// A judge sees what every replica applies and what every call returns, and knows what may not be. It knows nothing of
// how the order is kept.
type judge struct {
	net *simnet.Net

	mu       sync.Mutex // guards all below
	faults   []string
	applied  map[spot]stamped // what the first replica saw that got there
	began    map[uint64]time.Time
	calls    map[string]*call
	highest  map[uint64]uint64 // the highest number that a call has returned with, by lineage
	machines []*machine
	lost     int // epochs that began without all that was known
}

// A spot is a number in a lineage: an epoch that could not know everything begins another.
type spot struct{ lineage, number uint64 }

type stamped struct {
	hash, epoch uint64
	id          string
}

type call struct {
	id    string
	by    *machine
	spot  spot
	err   error
	done  bool
	after map[uint64]uint64 // the highest numbers when it began
}

func newJudge(net *simnet.Net) *judge {
	return &judge{net: net, applied: make(map[spot]stamped), began: make(map[uint64]time.Time),
		calls: make(map[string]*call), highest: make(map[uint64]uint64)}
}

func (j *judge) faultLocked(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(j.faults) < 20 {
		j.net.Logf("FAULT %s", text)
		j.faults = append(j.faults, text)
	}
}

// verdict returns what was wrong.
func (j *judge) verdict() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.faults
}

// A machine is what the replicas of the tests apply operations to. Its state is the number, the lineage and a hash of
// everything before.
type machine struct {
	judge   *judge
	replica atomic.Pointer[Replica]
	name    string
	state   machineState
	inTouch bool
	touched int          // how often Touch was called
	dead    bool         // guarded by judge.mu
	rounds  atomic.Int64 // of the replica
}

type machineState struct {
	Number, Lineage, Hash, Epoch uint64
}

// result is what a call returns.
type result struct {
	spot spot
	op   *Op
}

func (m *machine) Apply(op *Op) any {
	h := fnv.New64a()
	fmt.Fprint(h, m.state.Hash, op.Number, op.Epoch, op.Kind, op.Replica, op.Life, op.Time, string(op.Data))
	before := m.state
	m.state.Number, m.state.Hash, m.state.Epoch = op.Number, h.Sum64(), op.Epoch
	if op.Kind == Began && op.Lost {
		m.state.Lineage = op.Epoch
	}
	m.judge.sees(m, op, before)
	return result{spot{m.state.Lineage, m.state.Number}, op}
}

// sees judges that m applies op.
func (j *judge) sees(m *machine, op *Op, before machineState) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if m.dead {
		return // to be killed takes a moment
	}
	if op.Number != before.Number+1 {
		j.faultLocked("%s applies %d after %d", m.name, op.Number, before.Number)
	}
	if op.Epoch < before.Epoch {
		j.faultLocked("%s applies an operation of epoch %d after one of %d", m.name, op.Epoch, before.Epoch)
	}
	at, is := spot{m.state.Lineage, op.Number}, stamped{m.state.Hash, op.Epoch, string(op.Data)}
	if was, ok := j.applied[at]; !ok {
		j.first(m, op, at, is)
	} else if was != is {
		j.faultLocked("%s applies %v at %v, where others have applied %v", m.name, is, at, was)
	}
	r := m.replica.Load()
	if r == nil {
		return
	}
	for epoch, when := range j.began {
		if epoch > r.followed && time.Since(when) > 1600*time.Millisecond {
			j.faultLocked("%s applies %d in epoch %d, %v after epoch %d began", m.name, op.Number, r.followed,
				time.Since(when), epoch)
		}
	}
}

// first judges an operation that nobody else has applied yet.
func (j *judge) first(m *machine, op *Op, at spot, is stamped) {
	j.applied[at] = is
	switch op.Kind {
	case Began:
		j.net.Logf("%s applies %d: %s began epoch %d, lost %v", m.name, op.Number, op.Replica, op.Epoch, op.Lost)
		j.began[op.Epoch] = time.Now()
		if op.Lost {
			j.lost++
		}
	case Up:
		j.net.Logf("%s applies %d: %s is up in life %x", m.name, op.Number, op.Replica, op.Life)
	case Gone:
		j.net.Logf("%s applies %d: %s is gone in life %x", m.name, op.Number, op.Replica, op.Life)
		for _, other := range j.machines {
			r := other.replica.Load()
			if other.name == op.Replica && r != nil && !other.dead && other != m && other.inTouch &&
				r.Status().Life == op.Life && !j.net.Paused(other.name) {
				j.faultLocked("%s is declared gone and thinks that it is in touch", other.name)
			}
		}
	}
	if c := j.calls[is.id]; c != nil && op.Kind == Submitted {
		if c.spot.number != 0 && c.spot.lineage == at.lineage {
			j.faultLocked("%s is applied at %v and at %v", is.id, c.spot, at)
		}
		c.spot = at
		if c.done && (errors.Is(c.err, ErrFenced) || errors.Is(c.err, ErrBusy)) {
			j.faultLocked("%s is applied at %v, though it returned %v", is.id, at, c.err)
		}
	}
}

func (m *machine) Snapshot() []byte {
	return fmt.Appendf(nil, "%d %d %d %d", m.state.Number, m.state.Lineage, m.state.Hash, m.state.Epoch)
}

func (m *machine) Restore(state []byte, from, to uint64) error {
	m.judge.mu.Lock()
	defer m.judge.mu.Unlock()
	if from != m.state.Number {
		m.judge.faultLocked("%s restores from %d at %d", m.name, from, m.state.Number)
	}
	if to < from && m.judge.lost < 2 && !m.dead {
		m.judge.faultLocked("%s has applied %d to %d, which the others have lost", m.name, to+1, from)
	}
	m.judge.net.Logf("%s restores %d, from %d", m.name, to, from)
	_, err := fmt.Sscan(string(state), &m.state.Number, &m.state.Lineage, &m.state.Hash, &m.state.Epoch)
	return err
}

func (m *machine) Touch(inTouch bool) {
	m.judge.mu.Lock()
	defer m.judge.mu.Unlock()
	m.inTouch = inTouch
	m.touched++
	m.judge.net.Logf("%s in touch %v", m.name, inTouch)
}

// begins is told that by is about to submit id.
func (j *judge) begins(id string, by *machine) *call {
	j.mu.Lock()
	defer j.mu.Unlock()
	c := &call{id: id, by: by, after: make(map[uint64]uint64)}
	for l, n := range j.highest {
		c.after[l] = n
	}
	j.calls[id] = c
	return c
}

// returns judges what a call returned.
func (j *judge) returns(c *call, got any, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	c.done, c.err = true, err
	if err != nil {
		if c.spot.number != 0 && (errors.Is(err, ErrFenced) || errors.Is(err, ErrBusy)) {
			j.faultLocked("%s is applied at %v, though it returned %v", c.id, c.spot, err)
		}
		return
	}
	r := got.(result)
	if string(r.op.Data) != c.id {
		j.faultLocked("%s has the result of %s", c.id, r.op.Data)
	}
	if r.spot.number <= c.after[r.spot.lineage] {
		j.faultLocked("%s got %v, though %d had been returned before it began", c.id, r.spot, c.after[r.spot.lineage])
	}
	j.highest[r.spot.lineage] = max(j.highest[r.spot.lineage], r.spot.number)
}

// ends judges the whole, once nothing happens any more: all that are left agree, and nothing that was acknowledged is
// missing.
func (j *judge) ends(left []*machine) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, m := range left[1:] {
		if m.state != left[0].state {
			j.faultLocked("in the end %s is at %+v, and %s at %+v", m.name, m.state, left[0].name, left[0].state)
		}
	}
	lineage := left[0].state.Lineage
	ids := make([]string, 0, len(j.calls))
	for id := range j.calls {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		c := j.calls[id]
		if c.done && c.err == nil && (c.spot.number == 0 || c.spot.lineage == lineage &&
			c.spot.number > left[0].state.Number) {
			j.faultLocked("%s was acknowledged and is missing", id)
		}
	}
}
