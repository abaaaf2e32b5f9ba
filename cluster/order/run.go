package order

import (
	"strconv"
	"time"
)

// tick is how often a replica looks at the time while it waits for something. One at rest has none: see rest.
const tick = 50 * time.Millisecond

// A role is what a replica does about the desk now: it follows one or none, it asks whether there is one, it tries to
// become it, or it is it.
type role interface {
	// tick does what has to be done at r.now.
	tick(r *Replica)
}

// run is the one goroutine that owns the state. It ends at Close, or when another process has taken the name.
func (r *Replica) run() {
	defer r.stop()
	timer := time.NewTimer(tick)
	defer timer.Stop()
	alarm := tick // when the timer rings, by r.now
	for r.stopped == nil {
		select {
		case <-r.inbox.wake:
		case <-timer.C:
			alarm = 0
		}
		r.before()
		r.now = time.Since(r.start)
		w := r.inbox.take()
		r.attend(&w)
		r.settle()
		if w.close && r.stopped == nil {
			r.stopped = ErrClosed
		}
		// It is never put off: one that rings in vain now and then is cheaper than to set it for each line.
		if look := r.look(); look < alarm || alarm < r.now {
			alarm = look
			timer.Reset(alarm - r.now)
		}
	}
}

// look returns when r is to look at the time next if nothing comes before. While something has to be sent again where
// it is not answered, or there is no desk, that is in a tick. At rest a desk looks when it is to speak, and a follower
// once the desk has been silent for a while.
func (r *Replica) look() time.Duration {
	soon := r.now + tick
	if !r.up() || len(r.submitted.waiting) > 0 || r.history.unapplied() > 0 {
		return soon
	}
	switch role := r.role.(type) {
	case follower:
		return max(soon, r.contact+r.rules.fence/2)
	case *desk:
		return max(soon, role.look(r))
	}
	return soon
}

// attend does what w asks for.
func (r *Replica) attend(w *round) {
	for _, f := range w.calls {
		f()
	}
	for _, b := range w.messages {
		r.now = time.Since(r.start)
		r.receive(b)
	}
	r.now = time.Since(r.start)
	for _, l := range w.letters {
		if l.to == r.name {
			r.mail(r.name, l.data)
		} else if r.isPeer(l.to) {
			r.send(l.to, &message{Kind: kindMail, Data: l.data})
		}
	}
	for _, s := range w.submissions {
		r.accept(s)
	}
}

// settle ends a round: everything that follows from what it brought is done, and sent.
func (r *Replica) settle() {
	r.role.tick(r)
	r.submitted.expire(r)
	r.offer()
	if d, ok := r.role.(*desk); ok {
		d.flush(r)
	}
	if r.ackTo != "" {
		r.send(r.ackTo, &message{Kind: kindAck, Epoch: r.promised, Asks: r.asks()})
		r.ackTo = ""
	}
	r.history.trim()
	r.publish()
}

// publish shows others how r stands.
func (r *Replica) publish() {
	up := r.up()
	if up {
		r.between = 0
	}
	up = up || r.now < r.between
	s := Status{Epoch: r.followed, Applied: r.history.applied, InTouch: up, Life: r.life}
	switch role := r.role.(type) {
	case follower:
		s.Desk = role.desk
	case *desk:
		s.Desk = r.name
	}
	if old := r.state.Load(); old == nil || *old != s {
		r.state.Store(&s)
	}
	r.gate.set(up)
	if up != r.inTouch {
		r.inTouch = up
		r.machine.Touch(up)
	}
}

// up reports whether r is in touch with the desk, or with a majority if it is the desk, and counts as being there.
func (r *Replica) up() bool {
	return r.fresh() && r.followed == r.promised && r.history.applied >= r.goal &&
		r.members[r.name] == standing{r.life, true}
}

// fresh reports whether what r hears now can be trusted to be of now.
func (r *Replica) fresh() bool {
	switch role := r.role.(type) {
	case follower:
		return role.desk != "" && r.now-r.contact < r.rules.fence
	case *desk:
		return r.now-role.contact(r) < r.rules.fence
	}
	return false
}

// asks reports whether r needs an answer at once.
func (r *Replica) asks() bool {
	_, ok := r.role.(follower)
	return ok && r.now-r.contact >= r.rules.fence/2
}

// stop answers everybody who waits.
func (r *Replica) stop() {
	if r.stopped == nil {
		r.stopped = ErrBroken // what the state is, nobody knows
	}
	if r.stopped != ErrSuperseded {
		var heir []byte
		if d, ok := r.role.(*desk); ok {
			heir = []byte(d.heir(r))
		}
		r.sendOthers(func() *message { return &message{Kind: kindBye, Data: heir} })
	}
	r.gate.set(false)
	s := r.Status()
	s.InTouch, s.Desk = false, ""
	r.state.Store(&s)
	r.submitted.fail(r.stopped)
	r.cancel()
	close(r.ended)
	if r.inTouch {
		r.machine.Touch(false)
	}
}

// send sends m to the replica of the given name.
func (r *Replica) send(to string, m *message) {
	m.Version, m.From, m.Life, m.Stamp, m.Speaks = version, r.name, r.life, int64(r.now), r.speaks
	m.To, m.Echo, m.Place = r.peers[to].life, r.peers[to].stamp, r.place()
	r.link.Send(to, m.encode())
}

// place returns how far r is.
func (r *Replica) place() place {
	return place{r.followed, r.history.last(), r.history.applied, r.history.epochAt(r.history.applied)}
}

// receive attends to one message.
func (r *Replica) receive(b []byte) {
	m, err := decode(b)
	if err != nil {
		r.log.Warn("message not understood", "err", err)
		return
	}
	v := r.peers[m.From]
	if v == nil || m.To != 0 && startOf(m.To) < startOf(r.life) {
		return // nobody that this replica was told of, or for the process that had the name before
	}
	if startOf(m.Life) < startOf(v.life) {
		// With the start that is meant: the later process hears this too.
		r.send(m.From, &message{Kind: kindOld, Data: strconv.AppendUint(nil, startOf(m.Life), 10)})
		return
	}
	if startOf(m.Life) > startOf(v.life) {
		*v = voice{}
	}
	v.life, v.stamp, v.heard, v.speaks = max(v.life, m.Life), max(v.stamp, m.Stamp), r.now, m.Speaks
	r.handle(m)
}

// handle does what m asks for. A kind of message that is not here is of a later version.
func (r *Replica) handle(m *message) {
	switch m.Kind {
	case kindBeat:
		r.onBeat(m)
	case kindBring:
		r.onBring(m)
	case kindAck:
		r.onAck(m)
	case kindSubmit:
		r.onSubmit(m)
	case kindCanvass:
		r.onCanvass(m)
	case kindSilent:
		r.onSilent(m)
	case kindFollow:
		r.onFollow(m)
	case kindPromise:
		r.onPromise(m)
	case kindRefuse:
		r.onRefuse(m)
	case kindBye:
		r.onBye(m)
	case kindOld:
		r.onOld(m)
	case kindMail:
		r.mail(m.From, m.Data)
	}
}

// onOld hears that a process with this replica's name is not the latest: this one, or an earlier one whose message came
// late.
func (r *Replica) onOld(m *message) {
	if old, err := strconv.ParseUint(string(m.Data), 10, 64); err != nil || old < startOf(r.life) {
		return
	}
	r.log.Error("another process has this name: this one stops", "name", r.name)
	r.stopped = ErrSuperseded
}
