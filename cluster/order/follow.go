package order

import (
	"errors"
	"time"
)

// maxEarly is how far ahead of the last operation those are kept that came before their time.
const maxEarly = 1024

// A follower follows a desk, or waits for one.
type follower struct {
	desk string // empty: there is none
}

// tick asks the others whether the desk is silent for them, too, once it has been so here for long enough.
func (f follower) tick(r *Replica) {
	age := r.now - r.contact
	switch {
	case age >= r.rules.silence && r.now >= r.patience:
		r.canvass()
	case f.desk != "" && age >= r.rules.fence/2 && r.now-r.pinged >= r.rules.resend:
		r.pinged, r.ackTo = r.now, f.desk // one message may have been lost
	}
}

// jitter returns a time by which one replica waits longer than another.
func (r *Replica) jitter() time.Duration {
	return time.Duration(r.rand.Int64N(int64(300 * time.Millisecond)))
}

// follow makes name the desk that r follows: nobody if it is empty.
func (r *Replica) follow(name string) {
	if d, ok := r.role.(*desk); ok {
		r.log.Info("no longer the desk", "epoch", d.epoch)
	}
	r.role = follower{name}
	r.patience = r.now + r.rules.silence + r.jitter()
}

// heed reports whether m is of a desk that r may follow; then r does.
func (r *Replica) heed(m *message) bool {
	if m.Epoch < r.promised {
		r.send(m.From, &message{Kind: kindRefuse, Epoch: r.promised})
		return false
	}
	if f, ok := r.role.(follower); !ok || f.desk != m.From || m.Epoch > r.promised {
		r.promised = m.Epoch
		r.follow(m.From)
		r.contact = never
	}
	fresh, contact := r.fresh(), r.echo(m)
	if r.rules.majority > 2 {
		// The desk and this one are no majority: then it counts when the desk was in touch with one.
		contact -= time.Duration(m.Age)
	}
	if contact > r.contact {
		r.contact, r.patience = contact, max(r.now, contact+r.rules.silence)+r.jitter()
	}
	if !fresh && r.fresh() {
		r.goal = m.Place.Applied // what it missed may say that it is gone
	}
	r.ackTo = m.From
	return true
}

// echo returns when, by r's clock, r sent the last message that the sender of m had from it.
func (r *Replica) echo(m *message) time.Duration {
	if startOf(m.To) != startOf(r.life) {
		return never
	}
	return min(time.Duration(m.Echo), r.now)
}

// onBeat takes the operations that the desk sends.
func (r *Replica) onBeat(m *message) {
	if !r.heed(m) || !r.fresh() || r.followed != m.Epoch {
		return // the answer says how far r is
	}
	for i, op := range m.Ops {
		op.Number = m.First + uint64(i)
		switch last := r.history.last(); {
		case op.Number == last+1:
			delete(r.early, op.Number) // it has come again
			r.history.append(op)
			r.clockAt = r.now
		case op.Number > last+1 && op.Number <= last+maxEarly:
			if r.early == nil {
				r.early = make(map[uint64]Op)
			}
			r.early[op.Number] = op
		}
	}
	for len(r.early) > 0 {
		op, ok := r.early[r.history.last()+1]
		if !ok {
			break
		}
		delete(r.early, op.Number)
		r.history.append(op)
		r.clockAt = r.now
	}
	r.heard(m)
}

// onBring takes what brings r to where the desk is.
func (r *Replica) onBring(m *message) {
	if !r.heed(m) || !r.fresh() || m.Carry == nil {
		return
	}
	end := m.Carry.After + uint64(len(m.Carry.Ops))
	if end < m.Began || r.followed == m.Epoch && (end <= r.history.last() || m.Carry.After < r.history.applied) {
		return // late
	}
	if !r.install(m.Carry) {
		return
	}
	// From here on r has everything that the desk had when its epoch began, so this place counts.
	r.followed, r.began = m.Epoch, m.Began
	r.goal = max(r.goal, m.Began) // what the epoch began with may say that r is gone
	r.heard(m)
}

// heard applies what a majority has, as far as m says so.
func (r *Replica) heard(m *message) {
	r.commit = max(r.commit, m.Commit)
	known := r.commit
	if r.rules.majority <= 2 {
		known = r.history.last() // the desk has it, and so has r
	}
	r.apply(known)
	if m.To == r.life {
		r.submitted.taken(r, m.Taken)
	}
}

// apply applies the operations up to the given number, as far as they are there.
func (r *Replica) apply(number uint64) {
	for number = min(number, r.history.last()); r.history.applied < number && r.stopped == nil; {
		r.history.applied++
		op := r.history.at(r.history.applied)
		switch op.Kind {
		case Up:
			r.members[op.Replica] = standing{op.Life, true}
			r.wasUp = r.wasUp || op.Replica == r.name && op.Life == r.life
		case Gone:
			r.members[op.Replica] = standing{op.Life, false}
		}
		result := r.machine.Apply(op)
		if err, ok := result.(error); ok && errors.Is(err, ErrOld) {
			r.history.applied--
			r.stopped = err
			return
		}
		if op.Kind == Gone && op.Replica == r.name && op.Life == r.life {
			r.reborn()
		}
		if op.Kind == Submitted && op.Replica == r.name && op.Life == r.life {
			r.submitted.applied(r, op, result)
		}
	}
}

// reborn gives r its next life, after the others have declared it gone.
func (r *Replica) reborn() {
	r.life++
	r.wasUp, r.between = false, 0
	r.submitted.fail(ErrUnknown)
	r.submitted.reset(r.submitted.epoch)
}

// onRefuse hears that somebody has promised to follow a higher epoch.
func (r *Replica) onRefuse(m *message) {
	switch role := r.role.(type) {
	case *desk:
		if m.Epoch > role.epoch {
			// Whoever took that epoch may never begin it: then this one must try a higher one.
			r.lostDesk()
		}
	case *bid:
		if m.Epoch > role.epoch {
			r.follow("")
		}
	}
}

// onBye hears that a replica stops.
func (r *Replica) onBye(m *message) {
	r.peers[m.From].bye = m.Life
	f, ok := r.role.(follower)
	if !ok || f.desk != m.From {
		return
	}
	if r.up() {
		// For as long as if the desk had died without a word. What is submitted meanwhile waits for the next desk.
		r.between = r.contact + r.rules.fence
	}
	r.lostDesk()
	if heir := string(m.Data); heir == r.name {
		r.patience = r.now
	} else if r.isPeer(heir) {
		r.patience += r.rules.resend
	}
}

// heir returns who is to be the desk after r, which is and stops: who has the most of the order. It is empty if nobody
// follows.
func (d *desk) heir(r *Replica) (heir string) {
	var most uint64
	for _, name := range r.names {
		if p := d.peers[name]; p != nil && p.follows && p.contact > r.now-r.rules.fence && p.last > most {
			heir, most = name, p.last
		}
	}
	return heir
}

// lostDesk says that there is no desk, and no need to wait for it.
func (r *Replica) lostDesk() {
	r.follow("")
	r.contact, r.patience = never, r.now+r.jitter()
}
