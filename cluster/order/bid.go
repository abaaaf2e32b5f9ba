package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parley/chat/record"
)

// A canvass asks the others whether the desk is silent for them, too.
type canvass struct {
	until time.Duration
	yes   map[string]bool
}

// canvass begins to ask.
func (r *Replica) canvass() {
	c := &canvass{until: r.now + 2*r.rules.resend + r.jitter(), yes: map[string]bool{r.name: true}}
	r.role = c
	r.sendOthers(func() *message { return &message{Kind: kindCanvass, Epoch: r.promised} })
	c.count(r)
}

// sendOthers sends what make returns to each of the others.
func (r *Replica) sendOthers(make func() *message) {
	for _, name := range r.names {
		if name != r.name {
			r.send(name, make())
		}
	}
}

func (c *canvass) tick(r *Replica) {
	if r.now >= c.until {
		r.follow("")
		r.patience = r.now + r.jitter()
	}
}

// onCanvass says yes if there is no desk here, either.
func (r *Replica) onCanvass(m *message) {
	switch role := r.role.(type) {
	case *desk:
		if r.fresh() {
			role.beat(r, role.peers[m.From]) // here it is
			return
		}
	case follower:
		if role.desk == m.From && m.Epoch >= r.promised {
			r.lostDesk() // who asks is a later process than the desk, or has given up
		} else if role.desk != "" && r.now-r.contact < r.rules.silence {
			return
		}
	}
	r.send(m.From, &message{Kind: kindSilent, Epoch: r.promised})
}

func (r *Replica) onSilent(m *message) {
	if c, ok := r.role.(*canvass); ok {
		c.yes[m.From] = true
		c.count(r)
	}
}

// count takes an epoch if a majority hears no desk.
func (c *canvass) count(r *Replica) {
	if len(c.yes) < r.rules.majority {
		return
	}
	t := &taking{}
	r.role = t
	r.log.Info("would be the desk", "above", r.promised)
	promised, life := r.promised, r.life
	// until the store answers, or Close
	start(&r.wg, r.log, "take an epoch", func() {
		ctx, cancel := context.WithTimeout(r.ctx, r.rules.timeout)
		defer cancel()
		epoch, err := r.takeEpoch(ctx, promised, life)
		r.inbox.call(func() { t.taken(r, epoch, err) })
	})
}

// A taking waits for the store, which gives each epoch to one replica.
type taking struct{}

func (t *taking) tick(*Replica) {} // taken will be called

// taken is told what the store has said.
func (t *taking) taken(r *Replica, epoch uint64, err error) {
	if err != nil && !errors.Is(err, record.ErrConflict) {
		r.log.Warn("no epoch taken", "err", err)
	}
	if r.role != role(t) {
		return // there is a desk
	}
	if err != nil || epoch <= r.promised {
		r.follow("")
		r.patience = r.now + r.jitter()
		return
	}
	r.promised = epoch
	b := &bid{epoch: epoch, at: r.now, promises: map[string]*message{r.name: {From: r.name, Place: r.place()}}}
	r.role = b
	b.ask(r)
	b.count(r)
}

// A bid is the attempt to become the desk of an epoch.
type bid struct {
	epoch    uint64
	at       time.Duration // when it began
	asked    time.Duration
	promises map[string]*message
}

// ask asks those who have not promised yet.
func (b *bid) ask(r *Replica) {
	b.asked = r.now
	for _, name := range r.names {
		if b.promises[name] == nil {
			r.send(name, &message{Kind: kindFollow, Epoch: b.epoch})
		}
	}
}

func (b *bid) tick(r *Replica) {
	if r.now-b.asked >= r.rules.resend {
		b.ask(r)
	}
	b.count(r)
	if r.role == role(b) && r.now-b.at > r.rules.recall+r.rules.silence {
		r.follow("")
	}
}

// onFollow promises to follow nobody of a lower epoch than m's.
func (r *Replica) onFollow(m *message) {
	if m.Epoch < r.promised {
		r.send(m.From, &message{Kind: kindRefuse, Epoch: r.promised})
		return
	}
	if m.Epoch > r.promised {
		r.promised = m.Epoch
		r.follow("")
	}
	r.patience = max(r.patience, r.now+r.rules.silence+r.jitter())
	p := &message{Kind: kindPromise, Epoch: m.Epoch}
	if r.place().newerThan(m.Place) {
		p.Carry = r.carryFor(m.Place)
	}
	r.send(m.From, p)
}

func (r *Replica) onPromise(m *message) {
	if b, ok := r.role.(*bid); ok && b.epoch == m.Epoch && b.promises[m.From] == nil {
		b.promises[m.From] = m
		b.count(r)
	}
}

// count begins the epoch once enough have promised.
func (b *bid) count(r *Replica) {
	full, blank := 0, 0
	best := b.promises[r.name]
	for _, name := range r.names {
		p := b.promises[name]
		switch {
		case p == nil:
			continue
		case p.Place.Followed > 0:
			full++
		default:
			blank++
		}
		if p.Place.newerThan(best.Place) {
			best = p
		}
	}
	lost, enough := b.enough(r, full, blank)
	if !enough {
		return
	}
	if best.From != r.name && !r.install(best.Carry) {
		// r has applied something since it asked, which cannot be: so the promise is of no use.
		r.log.Error("promise does not fit", "from", best.From)
		delete(b.promises, best.From)
		return
	}
	applied := r.history.applied
	for _, p := range b.promises {
		if r.agrees(p.Place) {
			applied = max(applied, p.Place.Applied) // so a majority had it
		}
	}
	d := r.begin(b.epoch, applied, lost)
	for name, p := range b.promises {
		if name != r.name {
			d.peers[name].contact = r.echo(p)
		}
	}
}

// enough reports whether the epoch may begin when so many have promised that remember the order, and so many that have
// started since and remember nothing. If lost, more was known once than these know.
//
// What was ever applied was known to a majority. So a majority of those that remember knows it all, and so do all
// together unless so many have started since: then those who knew may be just these. If neither can be had, somebody's
// memory is gone for good, and the order goes on with what is left.
func (b *bid) enough(r *Replica, full, blank int) (lost, enough bool) {
	switch waited := r.now - b.at; {
	case full+blank == len(r.names), full >= r.rules.majority:
		return blank >= r.rules.majority, true
	case blank >= r.rules.majority:
		return true, waited >= r.rules.silence
	}
	return true, full+blank >= r.rules.majority && r.now-b.at >= r.rules.recall
}

// bucket is where the store keeps what the replicas share.
const bucket = "order"

// An owner says in the store whose the last epoch is.
type owner struct {
	Epoch   uint64 `json:"epoch"`
	Replica string `json:"replica"`
	Life    uint64 `json:"life"`
}

// takeEpoch takes an epoch higher than those taken before, and than promised.
func (r *Replica) takeEpoch(ctx context.Context, promised, life uint64) (uint64, error) {
	o, revision, err := r.lastEpoch(ctx)
	if err != nil {
		return 0, err
	}
	o = owner{max(o.Epoch, promised) + 1, r.name, life}
	b, err := json.Marshal(o)
	if err == nil {
		_, err = r.store.Put(ctx, bucket, "epoch", b, revision)
	}
	return o.Epoch, record.WriteError(bucket, "epoch", err)
}

// lastEpoch returns the epoch that was taken last, the zero owner if there was none.
func (r *Replica) lastEpoch(ctx context.Context) (o owner, revision uint64, err error) {
	rec, err := r.store.Get(ctx, bucket, "epoch")
	switch {
	case errors.Is(err, record.ErrNotFound):
		return o, 0, nil
	case err != nil:
		return o, 0, fmt.Errorf("read %s epoch: %w", bucket, err)
	}
	if err := json.Unmarshal(rec.Value, &o); err != nil {
		return o, 0, fmt.Errorf("read %s epoch: %w", bucket, err)
	}
	return o, rec.Revision, nil
}

// register counts a start of r in the store. It returns the last epoch, below which r promises nothing since it does
// not know what it promised before, and its life.
func (r *Replica) register(ctx context.Context) (epoch, life uint64, err error) {
	key := "replica/" + r.name
	for range record.MaxRetries {
		var starts uint64
		rec, err := r.store.Get(ctx, bucket, key)
		if err == nil {
			err = json.Unmarshal(rec.Value, &starts)
		}
		if err != nil && !errors.Is(err, record.ErrNotFound) {
			return 0, 0, fmt.Errorf("read %s %q: %w", bucket, key, err)
		}
		starts++
		_, err = r.store.Put(ctx, bucket, key, fmt.Append(nil, starts), rec.Revision)
		if errors.Is(err, record.ErrConflict) {
			continue
		}
		if err != nil {
			return 0, 0, record.WriteError(bucket, key, err)
		}
		o, _, err := r.lastEpoch(ctx)
		return o.Epoch, starts << lifeBits, err
	}
	return 0, 0, record.WriteError(bucket, key, record.ErrConflict)
}
