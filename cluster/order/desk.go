package order

import (
	"maps"
	"slices"
	"time"
)

// The bounds of what the desk has numbered and no majority has yet, and of what is on the way to one replica.
const (
	maxUnapplied   = 2048
	maxFlight      = 1024
	maxFlightBytes = 256 << 10
)

// A desk numbers what is submitted, and brings it to the others.
type desk struct {
	epoch   uint64
	start   uint64 // the number at which the epoch began
	peers   map[string]*peer
	streams map[string]*intake
	roll    map[string]standing // as numbered
	beatAt  time.Duration       // when the next beat is due
	steady  time.Duration       // since when it has been in touch with a majority; negative if it is not
}

// A peer is what the desk knows of another replica.
type peer struct {
	name    string
	life    uint64
	follows bool // it follows the desk, so that where it is counts
	last    uint64
	applied uint64
	next    uint64        // the number to be sent next
	moved   time.Duration // when last, or what is on the way, changed
	contact time.Duration // when the desk, or who was to be it, sent the last that it has answered
	asked   time.Duration // when it last asked for an answer, and had one
	brought time.Duration // when it was brought up last
	due     bool          // it is to have a beat at the end of the round
}

func newPeer(name string) *peer {
	return &peer{name: name, contact: never, brought: never, asked: never}
}

// begin makes r the desk of epoch, which knows that a majority had everything up to the number applied.
func (r *Replica) begin(epoch, applied uint64, lost bool) *desk {
	r.followed = epoch
	r.apply(applied)
	d := &desk{epoch: epoch, start: r.history.last(), peers: make(map[string]*peer), streams: make(map[string]*intake),
		roll: maps.Clone(r.members), steady: -1}
	for n := r.history.applied + 1; n <= r.history.last(); n++ {
		d.count(r.history.at(n))
	}
	for _, name := range r.names {
		d.streams[name] = new(intake)
		if name != r.name {
			d.peers[name] = newPeer(name)
		}
	}
	r.role, r.began, r.goal = d, d.start, 0
	r.log.Info("the desk now", "epoch", epoch, "number", d.start)
	d.number(r, Op{Kind: Began, Replica: r.name, Lost: lost})
	d.welcome(r, r.name, r.life)
	d.beatAt = r.now
	return d
}

// number appends op as the next one.
func (d *desk) number(r *Replica, op Op) {
	h := &r.history
	op.Number, op.Epoch = h.last()+1, d.epoch
	op.Time = h.time + max(0, r.now-r.clockAt)
	r.clockAt = r.now
	h.append(op)
	d.count(&op)
}

// count keeps the roll.
func (d *desk) count(op *Op) {
	switch op.Kind {
	case Up:
		d.roll[op.Replica] = standing{op.Life, true}
	case Gone:
		d.roll[op.Replica] = standing{op.Life, false}
	}
}

// welcome counts the replica called name as up, in the given life.
func (d *desk) welcome(r *Replica, name string, life uint64) {
	at := d.roll[name]
	if at.Life >= life {
		return
	}
	if at.Up {
		d.number(r, Op{Kind: Gone, Replica: name, Life: at.Life})
	}
	speaks := r.speaks
	if name != r.name {
		speaks = r.peers[name].speaks
	}
	d.number(r, Op{Kind: Up, Replica: name, Life: life, Speaks: speaks})
}

// contact returns when the desk last was in touch with a majority.
func (d *desk) contact(r *Replica) time.Duration {
	times := []time.Duration{r.now}
	for _, p := range d.peers {
		times = append(times, p.contact)
	}
	return nth(times, r.rules.majority, never)
}

// nth returns the nth highest of values, or none if there are not so many.
func nth[T time.Duration | uint64](values []T, n int, none T) T {
	if len(values) < n {
		return none
	}
	slices.Sort(values)
	return values[len(values)-n]
}

// onAck hears where a replica is.
func (r *Replica) onAck(m *message) {
	d, ok := r.role.(*desk)
	if !ok {
		return
	}
	if m.Epoch > d.epoch {
		r.onRefuse(m)
		return
	}
	p := d.peers[m.From]
	if startOf(m.Life) > startOf(p.life) {
		*p = *newPeer(p.name) // it has started anew and remembers nothing
	}
	p.life = max(p.life, m.Life)
	if m.Epoch != d.epoch {
		return
	}
	p.contact = max(p.contact, r.echo(m))
	asks := m.Asks && r.now-p.asked >= tick
	if asks {
		p.asked, p.due = r.now, true // it will not believe anything that it was told before
	}
	switch {
	case m.Place.Followed == d.epoch:
		if !p.follows {
			p.follows, p.next, p.due = true, m.Place.Last+1, true
		}
		if m.Place.Last > p.last {
			p.last, p.moved = m.Place.Last, r.now
		}
		p.applied = max(p.applied, m.Place.Applied)
		p.next = max(p.next, p.last+1)
		if m.Life == p.life && r.fresh() && p.life != r.peers[p.name].bye {
			d.welcome(r, p.name, p.life)
		}
	case !p.follows && !m.Asks && r.now-p.brought >= r.rules.resend:
		d.bring(r, p, m.Place)
	}
}

// bring brings p from where it is to where the desk is.
func (d *desk) bring(r *Replica, p *peer, at place) {
	p.brought = r.now
	r.send(p.name, &message{Kind: kindBring, Epoch: d.epoch, Carry: r.carryFor(at), Began: d.start,
		Commit: r.history.applied, Taken: d.streams[p.name].taken(p.life),
		Age: int64(r.now - d.contact(r))})
}

// beat says to p that the desk is there, with the operations that come next for it.
func (d *desk) beat(r *Replica, p *peer) {
	p.due = false
	m := &message{Kind: kindBeat, Epoch: d.epoch, Began: d.start, Commit: r.history.applied,
		Taken: d.streams[p.name].taken(p.life), Age: int64(r.now - d.contact(r))}
	if p.follows {
		ops, ok := r.history.from(p.next, maxFlightBytes)
		if !ok {
			if r.now-p.brought >= r.rules.resend {
				d.bring(r, p, place{Applied: p.applied})
				p.next, p.moved = r.history.last()+1, r.now
			}
		} else if room := int(p.last+maxFlight+1) - int(p.next); room > 0 && len(ops) > 0 {
			m.First, m.Ops = p.next, ops[:min(room, len(ops))]
			if p.next == p.last+1 {
				p.moved = r.now // nothing else is on the way
			}
			p.next += uint64(len(m.Ops))
		}
	}
	r.send(p.name, m)
}

func (d *desk) tick(r *Replica) {
	fresh := r.fresh()
	switch {
	case !fresh:
		d.steady = -1
	case d.steady < 0:
		d.steady = r.now
	}
	for _, name := range r.names {
		p := d.peers[name]
		if p == nil {
			continue
		}
		if p.follows && p.next > p.last+1 && r.now-p.moved >= r.rules.resend {
			p.next, p.moved, p.due = p.last+1, r.now, true
		}
		at := d.roll[name]
		v := r.peers[name]
		silent := r.now-max(v.heard, d.steady) >= r.rules.silence
		if fresh && at.Up && (silent || v.bye == at.Life || startOf(p.life) > startOf(at.Life)) {
			d.number(r, Op{Kind: Gone, Replica: name, Life: at.Life})
		}
	}
	if fresh {
		d.welcome(r, r.name, r.life)
	}
}

// look returns when the desk, which is in touch, has to do something if it hears nothing more: speak, send again what
// has no answer, say that somebody is gone, or be out of touch itself.
func (d *desk) look(r *Replica) time.Duration {
	next := min(d.beatAt, d.contact(r)+r.rules.fence)
	for name, p := range d.peers {
		if p.follows && p.next > p.last+1 {
			next = min(next, p.moved+r.rules.resend)
		}
		if d.roll[name].Up {
			next = min(next, max(r.peers[name].heard, d.steady)+r.rules.silence)
		}
	}
	return next
}

// flush ends a round: what a majority has is applied, and what the others have not had yet is sent.
func (d *desk) flush(r *Replica) {
	if r.fresh() {
		lasts := []uint64{r.history.last()}
		for _, p := range d.peers {
			if p.follows {
				lasts = append(lasts, p.last)
			}
		}
		r.apply(nth(lasts, r.rules.majority, 0))
		r.submitted.taken(r, d.streams[r.name].taken(r.life))
	}
	due := r.now >= d.beatAt
	if due {
		d.beatAt = r.now + r.rules.beat
	}
	for _, name := range r.names {
		p := d.peers[name]
		if p == nil {
			continue
		}
		if due || p.due || p.follows && p.next <= r.history.last() && p.next <= p.last+maxFlight {
			d.beat(r, p)
		}
	}
}
