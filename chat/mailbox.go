package chat

import "sync"

// MailboxBytes is how much may wait for a session that does not read.
const MailboxBytes = 256 << 10

// A mailbox holds the events that a user has not read. It takes an event at once or not at all. While it is empty it has no memory but its own.
type mailbox struct {
	mu          sync.Mutex // guards all below
	first, last *bundle    // nil while there are none
	bytes       int
	full        bool // something did not fit
}

// A bundle is some events in a row. Bundles are used again and again, so that hearing an event allocates nothing.
type bundle struct {
	next   *bundle
	n      int
	events [14]*Event
}

var bundles = sync.Pool{New: func() any { return new(bundle) }}

// put adds e. first says that the mailbox was empty, overflow that e is the first that did not fit; nothing gets in after that
// until the mailbox is taken, so that what is read has no gap but at its end.
func (m *mailbox) put(e *Event) (first, overflow bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full {
		return false, false
	}
	if m.bytes+e.size() > MailboxBytes {
		m.full = true
		return false, true
	}
	m.bytes += e.size()
	first = m.last == nil
	switch {
	case first:
		m.last = bundles.Get().(*bundle)
		m.first = m.last
	case m.last.n == len(m.last.events):
		m.last.next = bundles.Get().(*bundle)
		m.last = m.last.next
	}
	m.last.events[m.last.n] = e
	m.last.n++
	return first, false
}

// take empties the mailbox and appends what was in it to events, oldest first.
func (m *mailbox) take(events []*Event) []*Event {
	m.mu.Lock()
	b := m.first
	m.first, m.last, m.bytes, m.full = nil, nil, 0, false
	m.mu.Unlock()
	for b != nil {
		events = append(events, b.events[:b.n]...)
		next := b.next
		*b = bundle{}
		bundles.Put(b)
		b = next
	}
	return events
}
