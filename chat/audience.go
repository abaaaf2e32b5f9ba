package chat

import (
	"context"
	"slices"
	"sync"
)

// An audience is who hears a topic, in this process.
type audience struct {
	name    Topic
	waiting publications // of those who wait for mu

	mu        sync.Mutex // held while events are handed out: the one order
	over      bool       // the bus has forgotten it
	listeners []Listener
	// where each stands in listeners; nil while these are few, as they are for what one user alone hears
	index map[Listener]int
	// how many of the events that are about to be heard came before each of the last listeners
	fresh []int
}

// Publications are events that nobody has heard yet. Whoever hands out events hands out all that wait: a listener who
// hears many at a time costs little more than one who hears one, for most of it is to get at the listener's memory.
type publications struct {
	mu   sync.Mutex // guards list; may be taken while a topic's is held
	list []*publication
}

type publication struct {
	ctx   context.Context
	apply func() (Telling, bool) // says what is told when it is time; nil for a mere event
	event *Event                 // nil if nothing is told
	heard bool                   // guarded by the topic's mu
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

// addLocked makes l hear the topic, but not the first events, so many, of those that are about to be heard.
func (a *audience) addLocked(l Listener, missed int) {
	if a.findLocked(l) >= 0 {
		return
	}
	if missed > 0 {
		a.fresh = append(a.fresh, missed)
	}
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

// removeLocked makes l hear the topic no more. The last listener takes the free place: leaving a large room costs no
// more than leaving a small one.
func (a *audience) removeLocked(l Listener) {
	i := a.findLocked(l)
	if i < 0 {
		return
	}
	last := len(a.listeners) - 1
	delete(a.index, l)
	if i < last {
		a.listeners[i] = a.listeners[last]
		if a.index != nil {
			a.index[a.listeners[i]] = i
		}
	}
	a.listeners = slices.Delete(a.listeners, last, last+1)
}

// hearLocked makes all listeners hear what is published, in that order.
func (a *audience) hearLocked(list []*publication) {
	old := len(a.listeners) - len(a.fresh)
	if !slices.ContainsFunc(list, func(p *publication) bool { return p.event != nil }) {
		a.fresh = a.fresh[:0]
		return // most who come into a large room are only counted
	}
	for i, l := range a.listeners {
		missed := 0
		if i >= old {
			missed = a.fresh[i-old]
		}
		for _, p := range list[missed:] {
			if p.event != nil {
				l.Hear(p.ctx, p.event)
			}
		}
	}
	a.fresh = a.fresh[:0]
}

// publishAlone makes all listeners hear e, if they are not many and nobody else is at work with the topic.
func (a *audience) publishAlone(ctx context.Context, e *Event, kept *pasts) bool {
	if !a.mu.TryLock() {
		return false
	}
	defer a.mu.Unlock()
	if a.over || len(a.listeners) >= manyListeners {
		return false
	}
	kept.say(a.name, e)
	for _, l := range a.listeners {
		l.Hear(ctx, e)
	}
	return true
}
