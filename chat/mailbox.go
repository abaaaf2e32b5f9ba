package chat

import "sync"

// MailboxBytes is how much may wait for a session that does not read.
const MailboxBytes = 256 << 10

// A mailbox holds the events that a user has not read. It takes an event at once or not at all.
type mailbox struct {
	mu     sync.Mutex // guards all below
	events []*Event
	bytes  int
}

// put adds e. first says that the mailbox was empty; ok is false if it was full, and e is not in it.
func (m *mailbox) put(e *Event) (first, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bytes += e.size(); m.bytes > MailboxBytes {
		m.bytes -= e.size()
		return false, false
	}
	m.events = append(m.events, e)
	return len(m.events) == 1, true
}

// take empties the mailbox and returns what was in it, oldest first.
func (m *mailbox) take() []*Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := m.events
	m.events, m.bytes = nil, 0
	return events
}
