package chat

import (
	"context"
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

// A Listener hears a topic. Hear must not block, and must not call the bus.
type Listener interface {
	Hear(e *Event)
}

// A Bus carries events to those who should hear them.
//
// Every listener of a topic hears its events in one order, the same for all. What one publisher publishes, the next call made after
// the last returned, is heard in the order published, whatever the topics. An event published after Subscribe returned is
// heard; after Unsubscribe or Close has returned nothing is. All methods are safe for concurrent use.
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
	mu     sync.RWMutex // guards topics; taken before a topic's own
	topics map[Topic]*topic
}

type topic struct {
	mu        sync.Mutex // held while an event is handed out: the one order
	listeners []Listener
	index     map[Listener]int // where each stands in listeners
}

// NewMemoryBus returns a bus that lives in memory. Publish returns after every listener has heard the event.
func NewMemoryBus() Bus {
	return &memoryBus{topics: make(map[Topic]*topic)}
}

func (b *memoryBus) Publish(_ context.Context, name Topic, e *Event) error {
	b.mu.RLock()
	t := b.topics[name]
	b.mu.RUnlock()
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.listeners {
		l.Hear(e)
	}
	return nil
}

func (b *memoryBus) Subscribe(_ context.Context, name Topic, l Listener) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[name]
	if t == nil {
		t = &topic{index: make(map[Listener]int)}
		b.topics[name] = t
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.index[l]; !ok {
		t.index[l] = len(t.listeners)
		t.listeners = append(t.listeners, l)
	}
	return nil
}

func (b *memoryBus) Unsubscribe(_ context.Context, name Topic, l Listener) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[name]
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	i, ok := t.index[l]
	if !ok {
		return nil
	}
	// The last listener takes the free place: leaving a large room costs no more than leaving a small one.
	last := len(t.listeners) - 1
	t.listeners[i] = t.listeners[last]
	t.index[t.listeners[i]] = i
	t.listeners = slices.Delete(t.listeners, last, last+1)
	delete(t.index, l)
	if last == 0 {
		delete(b.topics, name)
	}
	return nil
}

func (b *memoryBus) Close(_ context.Context, name Topic) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[name]
	if t == nil {
		return nil
	}
	// Who publishes just now may hold the topic.
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listeners, t.index = nil, nil
	delete(b.topics, name)
	return nil
}
