package chat

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// A Topic names those who should hear an event.
type Topic string

// Everyone is the topic that all who are online hear.
const Everyone Topic = "all"

// RoomTopic is what the members of a room hear.
func RoomTopic(number int) Topic { return Topic("room." + strconv.Itoa(number)) }

// UserTopic is what u alone hears: not the next guest who gets the same name.
func UserTopic(u User) Topic { return Topic("user." + u.ID) }

// A Listener hears a topic. Hear must not block, and must not call the bus. Its context is that of Publish if the bus
// calls it before Publish returns, and one of the bus's own if not.
type Listener interface {
	Hear(ctx context.Context, e *Event)
}

// A Bus carries events to those who should hear them.
//
// Every listener of a topic hears its events in one order, the same for all. What one publisher publishes, the next
// call made after the last returned, is heard in the order published, whatever the topics. An event published after
// Subscribe returned is heard; after Unsubscribe or Close has returned nothing is. All methods are safe for concurrent
// use.
type Bus interface {
	// Publish hands e to all listeners of topic.
	Publish(ctx context.Context, topic Topic, e *Event) error
	// Subscribe makes l hear topic. To subscribe twice is to subscribe once.
	Subscribe(ctx context.Context, topic Topic, l Listener) error
	// Unsubscribe ends that, if it was so.
	Unsubscribe(ctx context.Context, topic Topic, l Listener) error
	// Close ends a topic: nobody hears it any more.
	Close(ctx context.Context, topic Topic) error
}

// A memoryBus is the bus of a node that is alone.
type memoryBus struct {
	mu     sync.Mutex // guards topics; may be taken while a topic's is held, not the other way round
	topics map[Topic]*audience
}

// An audience is who hears a topic.
type audience struct {
	waiting publications // of those who wait for mu

	mu        sync.Mutex // held while events are handed out: the one order
	over      bool       // the bus has forgotten it
	listeners []Listener
	// where each stands in listeners; nil while these are few, as they are for what one user alone hears
	index map[Listener]int
}

// Publications are events that nobody has heard yet. Whoever hands out events hands out all that wait: a listener who
// hears many at a time costs little more than one who hears one, for most of it is to get at the listener's memory.
type publications struct {
	mu   sync.Mutex // guards list; may be taken while a topic's is held
	list []*publication
}

type publication struct {
	ctx   context.Context
	event *Event
	heard bool // guarded by the topic's mu
}

func (p *publications) add(more *publication) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, more)
}

// take empties the list.
func (p *publications) take() []*publication {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.list
	p.list = nil
	return list
}

// fewListeners are as many as are looked through rather than indexed.
const fewListeners = 8

// manyListeners are so many that it pays to look for other events that they may hear at the same time.
const manyListeners = 1000

// findLocked returns where l stands, or -1.
func (a *audience) findLocked(l Listener) int {
	if a.index == nil {
		return slices.Index(a.listeners, l)
	}
	if i, ok := a.index[l]; ok {
		return i
	}
	return -1
}

func (a *audience) addLocked(l Listener) {
	a.listeners = append(a.listeners, l)
	switch {
	case a.index != nil:
		a.index[l] = len(a.listeners) - 1
	case len(a.listeners) > fewListeners:
		a.index = make(map[Listener]int)
		for i, l := range a.listeners {
			a.index[l] = i
		}
	}
}

// removeLocked removes the listener at i. The last one takes the free place: leaving a large room costs no more than
// leaving a small one.
func (a *audience) removeLocked(i int) {
	last := len(a.listeners) - 1
	delete(a.index, a.listeners[i])
	if i < last {
		a.listeners[i] = a.listeners[last]
		if a.index != nil {
			a.index[a.listeners[i]] = i
		}
	}
	a.listeners = slices.Delete(a.listeners, last, last+1)
}

// handOutLocked makes all listeners hear what is published, in that order.
func (a *audience) handOutLocked(list []*publication) {
	for _, l := range a.listeners {
		for _, p := range list {
			l.Hear(p.ctx, p.event)
		}
	}
	for _, p := range list {
		p.heard = true
	}
}

// publishAlone makes all listeners hear e, if they are not many and nobody else is at work with the topic.
func (a *audience) publishAlone(ctx context.Context, e *Event) bool {
	if !a.mu.TryLock() {
		return false
	}
	defer a.mu.Unlock()
	if len(a.listeners) >= manyListeners {
		return false
	}
	for _, l := range a.listeners {
		l.Hear(ctx, e)
	}
	return true
}

// NewMemoryBus returns a bus that lives in memory. Publish returns after every listener has heard the event.
func NewMemoryBus() Bus {
	return &memoryBus{topics: make(map[Topic]*audience)}
}

// find returns the topic called name; if there is none, a new one if create is set, or else nil.
func (b *memoryBus) find(name Topic, create bool) *audience {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.topics[name]
	if a == nil && create {
		a = new(audience)
		b.topics[name] = a
	}
	return a
}

func (b *memoryBus) forget(name Topic) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.topics, name)
}

func (b *memoryBus) Publish(ctx context.Context, name Topic, e *Event) error {
	a := b.find(name, false)
	if a == nil {
		return nil
	}
	if a.publishAlone(ctx, e) {
		return nil
	}
	p := &publication{ctx: ctx, event: e}
	a.waiting.add(p)
	runtime.Gosched() // who is about to publish does so first: on one processor nobody else would ever wait
	a.mu.Lock()
	defer a.mu.Unlock()
	if !p.heard {
		a.handOutLocked(a.waiting.take())
	}
	return nil
}

// change applies f to the topic of that name, which is there only while somebody hears it. A concurrent Publish may
// hold the topic.
func (b *memoryBus) change(name Topic, f func(a *audience)) error {
	for !b.changed(name, b.find(name, true), f) {
	}
	return nil
}

// changed applies f to a. It returns false if the bus has forgotten a.
func (b *memoryBus) changed(name Topic, a *audience, f func(a *audience)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return false
	}
	f(a)
	if len(a.listeners) == 0 {
		a.over = true
		b.forget(name)
	}
	return true
}

func (b *memoryBus) Subscribe(_ context.Context, name Topic, l Listener) error {
	return b.change(name, func(a *audience) {
		if a.findLocked(l) < 0 {
			a.addLocked(l)
		}
	})
}

func (b *memoryBus) Unsubscribe(_ context.Context, name Topic, l Listener) error {
	return b.change(name, func(a *audience) {
		if i := a.findLocked(l); i >= 0 {
			a.removeLocked(i)
		}
	})
}

func (b *memoryBus) Close(_ context.Context, name Topic) error {
	return b.change(name, func(a *audience) { a.listeners, a.index = nil, nil })
}
