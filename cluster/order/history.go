package order

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The bounds of what a replica remembers for those that missed something.
const (
	maxRing      = 4096
	maxRingBytes = 8 << 20
	maxStarts    = 64
)

// A history is what a replica knows of the order: the last operations, and how many of them are applied.
type history struct {
	ops     []Op   // in the order of their numbers, without gaps
	base    uint64 // the number before the first of ops
	bytes   int    // of ops
	applied uint64
	starts  []epochStart
	time    time.Duration // of the last operation
}

// An epochStart says that the operations from number First on are of Epoch, up to the next start.
type epochStart struct {
	Epoch uint64 `json:"e"`
	First uint64 `json:"n"`
}

// last returns the number of the last operation.
func (h *history) last() uint64 { return h.base + uint64(len(h.ops)) }

// at returns the operation of the given number, which h has.
func (h *history) at(number uint64) *Op { return &h.ops[number-h.base-1] }

// from returns the operations from the given number on, as many as fit into limit bytes, but one at least. It returns
// false if h no longer has them.
func (h *history) from(number uint64, limit int) ([]Op, bool) {
	if number <= h.base {
		return nil, false
	}
	if number > h.last() {
		return nil, true
	}
	ops := h.ops[number-h.base-1:]
	for i := range ops {
		if limit -= ops[i].size(); limit < 0 {
			return ops[:max(i, 1)], true
		}
	}
	return ops, true
}

// append adds op, whose number is the next one.
func (h *history) append(op Op) {
	if n := len(h.starts); n == 0 || h.starts[n-1].Epoch != op.Epoch {
		h.starts = append(h.starts, epochStart{op.Epoch, op.Number})
		if len(h.starts) > maxStarts {
			h.starts = slices.Delete(h.starts, 0, 1)
		}
	}
	h.ops = append(h.ops, op)
	h.bytes += op.size()
	h.time = op.Time
}

// trim forgets the oldest operations that are applied, until what is left is within the bounds.
func (h *history) trim() {
	for len(h.ops) > 0 && h.base < h.applied && (len(h.ops) > maxRing || h.bytes > maxRingBytes) {
		h.bytes -= h.ops[0].size()
		h.ops[0] = Op{}
		h.ops = h.ops[1:]
		h.base++
	}
}

// cut forgets the operations that are not applied.
func (h *history) cut() {
	keep := int(h.applied - h.base)
	for i := range h.ops[keep:] {
		h.bytes -= h.ops[keep+i].size()
	}
	h.ops = slices.Clip(h.ops[:keep])
	for len(h.starts) > 0 && h.starts[len(h.starts)-1].First > h.applied {
		h.starts = h.starts[:len(h.starts)-1]
	}
}

// unapplied returns how many operations wait to be applied.
func (h *history) unapplied() int { return int(h.last() - h.applied) }

// epochAt returns the epoch of the operation of the given number: zero if that is not known.
func (h *history) epochAt(number uint64) uint64 {
	for _, s := range slices.Backward(h.starts) {
		if number >= s.First {
			return s.Epoch
		}
	}
	return 0
}

// A snapshot stands for all operations up to Number.
type snapshot struct {
	Number  uint64              `json:"n"`
	Time    time.Duration       `json:"t"`
	Starts  []epochStart        `json:"s"`
	Members map[string]standing `json:"m"`
	State   []byte              `json:"d"`
}

// A carry brings a replica that has applied everything up to After to where its sender is: with a snapshot first, if
// there is one.
type carry struct {
	After    uint64    `json:"a"`
	Snapshot *snapshot `json:"s,omitempty"`
	Ops      []Op      `json:"o,omitempty"`
}

// agrees reports whether all that somebody at p has applied is in r's history.
func (r *Replica) agrees(p place) bool {
	return p.Applied <= r.history.last() && r.history.epochAt(p.Applied) == p.Epoch
}

// carryFor returns what brings somebody at p to the end of what r knows.
func (r *Replica) carryFor(p place) *carry {
	h := &r.history
	if r.agrees(p) {
		if ops, ok := h.from(p.Applied+1, maxRingBytes*2); ok {
			return &carry{After: p.Applied, Ops: ops}
		}
	}
	s := &snapshot{Number: h.applied, Members: maps.Clone(r.members), State: r.machine.Snapshot()}
	for _, start := range h.starts {
		if start.First <= h.applied {
			s.Starts = append(s.Starts, start)
		}
	}
	s.Time = h.time
	if h.applied > h.base {
		s.Time = h.at(h.applied).Time
	}
	ops, _ := h.from(h.applied+1, maxRingBytes*2)
	return &carry{After: h.applied, Snapshot: s, Ops: ops}
}

// install takes over what c brings: what r has not applied is replaced. It returns false, and changes nothing, if c
// does not follow what r has applied.
func (r *Replica) install(c *carry) bool {
	if c == nil || c.Snapshot == nil && c.After != r.history.applied || !c.contiguous() {
		return false
	}
	h := &r.history
	if s := c.Snapshot; s != nil {
		if err := r.restore(s); err != nil {
			r.log.Error("snapshot not restored", "number", s.Number, "err", err)
			if errors.Is(err, ErrOld) {
				r.stopped = err
			}
			return false
		}
	}
	h.cut()
	for _, op := range c.Ops {
		h.append(op)
	}
	r.early = nil
	r.clockAt = r.now
	return true
}

// contiguous reports whether no number is missing in c.
func (c *carry) contiguous() bool {
	if c.Snapshot != nil && c.Snapshot.Number != c.After {
		return false
	}
	for i := range c.Ops {
		if c.Ops[i].Number != c.After+1+uint64(i) {
			return false
		}
	}
	return true
}

// restore replaces everything that r has applied by s.
func (r *Replica) restore(s *snapshot) error {
	before := r.history
	if err := r.machine.Restore(s.State, before.applied, s.Number); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	r.history = history{base: s.Number, applied: s.Number, starts: s.Starts, time: s.Time}
	r.members = make(map[string]standing)
	maps.Copy(r.members, s.Members)
	if at := r.members[r.name]; r.wasUp && at != (standing{r.life, true}) || at == (standing{r.life, false}) {
		r.reborn()
	}
	r.submitted.skipped() // nobody can tell what of it is in the snapshot
	return nil
}
