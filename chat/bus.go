package chat

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// RoomTopic is what the members of a room hear.
func RoomTopic(number int) Topic { return Topic(roomPrefix + strconv.Itoa(number)) }

const roomPrefix = "room."

// UserTopic is what u alone hears: not the next guest who gets the same name.
func UserTopic(u User) Topic { return Topic(userPrefix + u.ID) }

const userPrefix = "user."

// A Bus knows who hears what in this process, and hands out events. A [Desk] is built on one. Every listener of a topic
// hears its events in one order, the same for all. It keeps what was said last, also of topics that nobody hears in
// this process: see [Desk.Past]. Safe for concurrent use.
type Bus struct {
	pasts pasts // its lock may be taken while a topic's is held

	// seatsMu guards both below, and is held while a user hears what is for that user alone. It may be taken while a
	// topic's is held, not the other way round.
	seatsMu sync.RWMutex
	seats   map[string]Listener // by the ID of the entry
	users   map[string]Listener // the same, by the ID of the user

	mu     sync.Mutex // guards topics; may be taken while a topic's is held, not the other way round
	topics map[Topic]*audience
}

// NewBus returns a bus that nobody hears.
func NewBus() *Bus {
	return &Bus{seats: make(map[string]Listener), users: make(map[string]Listener), topics: make(map[Topic]*audience)}
}

// Enter makes l the listener of the entry e: it hears Everyone, the user's own topic, and rooms.
func (b *Bus) Enter(e Entry, l Listener, rooms []Room) {
	b.seatsMu.Lock()
	b.seats[e.ID], b.users[e.User.ID] = l, l
	l.Sit()
	b.seatsMu.Unlock()
	b.subscribe(Everyone, l)
	for _, r := range rooms {
		b.subscribe(RoomTopic(r.Number), l)
	}
}

// Quit ends that. After it has returned the listener hears nothing more.
func (b *Bus) Quit(e Entry, rooms []Room) {
	l := b.listener(e.ID)
	if l == nil {
		return
	}
	b.seatsMu.Lock()
	delete(b.seats, e.ID)
	if b.users[e.User.ID] == l {
		delete(b.users, e.User.ID)
	}
	b.seatsMu.Unlock()
	b.unsubscribe(Everyone, l)
	for _, r := range rooms {
		b.unsubscribe(RoomTopic(r.Number), l)
	}
}

// listener returns the listener of the entry of that ID, or nil if it is not in this process.
func (b *Bus) listener(id string) Listener {
	b.seatsMu.RLock()
	defer b.seatsMu.RUnlock()
	return b.seats[id]
}

// Said is [Desk.Said].
func (b *Bus) Said() uint64 { return b.pasts.said() }

// Skip forgets what was said, and goes on after the line of that order: what was said meanwhile, and who came, was
// heard on other nodes alone.
func (b *Bus) Skip(said uint64) { b.pasts.skip(said) }

// Publish makes all hear e who hear the topic. It returns when they have.
func (b *Bus) Publish(ctx context.Context, name Topic, e *Event) {
	if id, alone := strings.CutPrefix(string(name), userPrefix); alone {
		b.tellUser(ctx, id, e)
		return
	}
	for {
		a := b.find(name, false)
		if a == nil {
			b.pasts.say(name, e)
			return
		}
		if a.publishAlone(ctx, e, &b.pasts) || b.handOut(a, &publication{ctx: ctx, event: e}) {
			return
		}
	}
}

// tellUser makes the user of that ID hear e. It is one who hears it, and nothing of it is kept: that takes no topic.
func (b *Bus) tellUser(ctx context.Context, id string, e *Event) {
	b.seatsMu.RLock()
	defer b.seatsMu.RUnlock()
	if l := b.users[id]; l != nil {
		l.Hear(ctx, e)
	}
}

// Tell does what t says: some hear the topic no more, the others hear the event, and some hear the topic from then on.
func (b *Bus) Tell(ctx context.Context, t Telling) {
	if t.Goes == "" && t.Comes == "" && !t.Ends {
		if t.Event != nil {
			b.Publish(ctx, t.Topic, t.Event)
		}
		return
	}
	b.step(ctx, t.Topic, func() (Telling, bool) { return t, true })
}

// step lets apply change something and say what is told of it. Nobody hears the topic meanwhile. If apply returns false
// nothing is told.
func (b *Bus) step(ctx context.Context, name Topic, apply func() (Telling, bool)) {
	for !b.handOut(b.find(name, true), &publication{ctx: ctx, apply: apply}) {
	}
}

// holdAll is hold for several topics, which are sorted: all hold them in one order, so that none waits for another for
// ever. Whoever holds them tells what there is to tell by tellHeld, and releases them.
func (b *Bus) holdAll(names []Topic) (held []*audience) {
	for _, name := range names {
		held = append(held, b.hold(name))
	}
	return held
}

// tellHeld is Tell while some topics are held.
func (b *Bus) tellHeld(ctx context.Context, t Telling, held []*audience) {
	i := slices.IndexFunc(held, func(a *audience) bool { return a.name == t.Topic })
	if i < 0 { // that of a user: see tellUser
		b.Tell(ctx, t)
		return
	}
	b.handOutLocked(held[i], []*publication{{ctx: ctx, apply: func() (Telling, bool) { return t, true }}})
}

func (b *Bus) release(held []*audience) {
	for _, a := range held {
		b.finishLocked(a)
		a.mu.Unlock()
	}
}

// handOut hands out p, together with what others publish to a at the same time. It returns false, and has done nothing,
// if the bus has forgotten a.
func (b *Bus) handOut(a *audience, p *publication) bool {
	if b.handOutAlone(a, p) {
		return true
	}
	a.waiting.add(p)
	runtime.Gosched() // whoever is about to publish does so first: on one processor nobody else would ever wait
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case p.heard:
		return true
	case a.over:
		return false
	}
	b.handOutLocked(a, a.waiting.take())
	b.finishLocked(a)
	return true
}

// handOutAlone hands out p, if the listeners are not many and nobody else is at work with the topic.
func (b *Bus) handOutAlone(a *audience, p *publication) bool {
	if !a.mu.TryLock() {
		return false
	}
	defer a.mu.Unlock()
	if a.over || len(a.listeners) >= manyListeners {
		return false
	}
	b.handOutLocked(a, []*publication{p})
	b.finishLocked(a)
	return true
}

// handOutLocked does what waits, in that order. Events in a row are handed out together.
func (b *Bus) handOutLocked(a *audience, list []*publication) {
	done := 0 // what all have heard, of list
	for i, p := range list {
		if p.apply == nil {
			b.pasts.say(a.name, p.event)
			continue
		}
		t, ok := p.apply()
		if !ok {
			continue
		}
		p.event = t.Event
		b.pasts.tell(t)
		if p.event != nil {
			b.pasts.say(a.name, p.event)
		}
		if l := b.listener(t.Goes); l != nil { // whoever goes does not hear of it
			a.hearLocked(list[done:i])
			a.removeLocked(l)
			done = i
		}
		if t.Ends {
			a.hearLocked(list[done : i+1])
			a.listeners, a.index = nil, nil
			done = i + 1
		}
		if l := b.listener(t.Comes); l != nil {
			a.addLocked(l, i+1-done)
		}
	}
	a.hearLocked(list[done:])
	for _, p := range list {
		p.heard = true
	}
}

// finishLocked forgets a if nobody hears it.
func (b *Bus) finishLocked(a *audience) {
	if len(a.listeners) > 0 || a.over {
		return
	}
	a.over = true
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.topics, a.name)
}

// find returns the topic of that name; if there is none, a new one if create is set, or else nil.
func (b *Bus) find(name Topic, create bool) *audience {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.topics[name]
	if a == nil && create {
		a = &audience{name: name}
		b.topics[name] = a
	}
	return a
}

// hold returns the topic of that name, and makes its listeners wait. Somebody who publishes may have to be waited for.
func (b *Bus) hold(name Topic) *audience {
	for {
		a := b.find(name, true)
		a.mu.Lock()
		if !a.over {
			return a
		}
		a.mu.Unlock()
	}
}

func (b *Bus) subscribe(name Topic, l Listener) {
	a := b.hold(name)
	defer a.mu.Unlock()
	a.addLocked(l, 0)
}

func (b *Bus) unsubscribe(name Topic, l Listener) {
	a := b.hold(name)
	defer a.mu.Unlock()
	a.removeLocked(l)
	b.finishLocked(a)
}
