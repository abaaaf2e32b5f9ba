package chat

import "sync"

// MailboxBytes is how much may wait for a session that does not read.
const MailboxBytes = 256 << 10

// A mailbox holds the events that a user has not read. It takes an event at once or not at all.
type mailbox struct {
	mu     sync.Mutex // guards all below
	events []*Event
	bytes  int
	full   bool // something did not fit
}

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
	m.events = append(m.events, e)
	return len(m.events) == 1, false
}

// take empties the mailbox and returns what was in it, oldest first.
func (m *mailbox) take() []*Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := m.events
	m.events, m.bytes, m.full = nil, 0, false
	return events
}
