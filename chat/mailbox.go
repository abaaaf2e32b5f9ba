package chat

import (
	"slices"
	"sync"
	"time"
)

// MailboxBytes is how much may wait for a session that does not read.
const MailboxBytes = 256 << 10

// A mailbox holds the events that a user has not read. It takes an event at once or not at all. Memory beside its own
// it has only while there is more than one.
type mailbox struct {
	mu          sync.Mutex // guards all below
	oldest      *Event     // nil while there is none
	first, last *bundle    // the others; nil while there are none
	bytes       int
	mark        int32 // how many bytes may be in it before that is news; 0 for none, or unattended
	lost        int32 // how many events did not fit: see put
}

// A bundle is some events in a row. Bundles are used again and again, so that hearing an event allocates nothing.
type bundle struct {
	next    *bundle
	from, n int32 // of events, those that are in it
	events  [14]*Event
}

var bundles = sync.Pool{New: func() any { return new(bundle) }}

// unattended is the mark of a mailbox whose user's connection was lost.
const unattended = -1

// HeldBytes is how much may wait for a user whose connection was lost: less than for others, so that there is room
// for what is said when the user has come back.
const HeldBytes = MailboxBytes / 4 * 3

// PauseBytes is how much may wait for a session that leaves it where it is, since its user wants to read on.
const PauseBytes = MailboxBytes / 4

// put adds e. news says that the mailbox was empty, or is fuller than its mark since now; overflow that e is the first
// that did not fit; nothing gets in after that until the mailbox is taken, so that what is read has no gap but at its
// end. While nobody reads, the oldest give way instead, and what is read has no gap but at its beginning.
func (m *mailbox) put(e *Event) (news, overflow bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.putLocked(e)
}

func (m *mailbox) putLocked(e *Event) (news, overflow bool) {
	switch {
	case m.mark == unattended:
		for m.oldest != nil && m.bytes+e.size() > HeldBytes {
			m.dropLocked()
		}
	case m.lost > 0 || m.bytes+e.size() > MailboxBytes:
		m.lost++
		return false, m.lost == 1
	}
	before := m.bytes
	m.bytes += e.size()
	switch {
	case m.oldest == nil:
		m.oldest = e
		return true, false
	case m.last == nil:
		m.last = bundles.Get().(*bundle)
		m.first = m.last
	case int(m.last.n) == len(m.last.events):
		m.last.next = bundles.Get().(*bundle)
		m.last = m.last.next
	}
	m.last.events[m.last.n] = e
	m.last.n++
	return m.mark > 0 && before <= int(m.mark) && m.bytes > int(m.mark), false
}

// dropLocked forgets the oldest event, of which there is one.
func (m *mailbox) dropLocked() {
	m.bytes -= m.oldest.size()
	m.lost += int32(m.oldest.lines())
	m.oldest = nil
	b := m.first
	if b == nil {
		return
	}
	m.oldest, b.events[b.from] = b.events[b.from], nil
	if b.from++; b.from < b.n {
		return
	}
	if m.first = b.next; m.first == nil {
		m.last = nil
	}
	*b = bundle{}
	bundles.Put(b)
}

func (m *mailbox) setMark(bytes int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mark = bytes
}

// hold says that nobody reads for a while: the oldest that does not fit any more is counted.
func (m *mailbox) hold() { m.setMark(unattended) }

// resume ends that. How many events did not fit is the first that is read.
func (m *mailbox) resume() {
	m.mu.Lock()
	defer m.mu.Unlock()
	lost := int(m.lost)
	m.mark, m.lost = 0, 0
	if lost == 0 {
		return
	}
	oldest, b := m.emptyLocked()
	for _, e := range lostBefore(appendBundles(nil, oldest, b), lost) {
		m.putLocked(e)
	}
}

// lostBefore puts before events that so many were lost there.
func lostBefore(events []*Event, lost int) []*Event {
	at := time.Now()
	if len(events) > 0 {
		at = events[0].At
	}
	if len(events) > 0 && events[0].Kind == LostShouts {
		lost += events[0].Count
		events = events[1:]
	}
	return slices.Insert(events, 0, &Event{Kind: LostShouts, At: at, Count: lost})
}

// lines returns how many lines are lost with e.
func (e *Event) lines() int {
	if e.Kind == Lost || e.Kind == LostShouts {
		return e.Count
	}
	return 1
}

func (m *mailbox) unread() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bytes
}

// take empties the mailbox and appends what was in it to events, oldest first.
func (m *mailbox) take(events []*Event) []*Event {
	m.mu.Lock()
	oldest, b := m.emptyLocked()
	m.mu.Unlock()
	return appendBundles(events, oldest, b)
}

func (m *mailbox) emptyLocked() (oldest *Event, others *bundle) {
	oldest, others = m.oldest, m.first
	m.oldest, m.first, m.last, m.bytes, m.lost = nil, nil, nil, 0, 0
	return oldest, others
}

// prepend puts events before what is in the mailbox. overflow says that not all fits, or did not before: the newest are
// left out. While nobody reads the oldest are, and how many were lost before stands between what was there and events.
func (m *mailbox) prepend(events []*Event) (overflow bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lost := m.lost
	oldest, b := m.emptyLocked()
	there := appendBundles(nil, oldest, b)
	if m.mark == unattended && lost > 0 {
		there, lost = lostBefore(there, int(lost)), 0
	}
	for _, e := range slices.Concat(events, there) {
		m.putLocked(e)
	}
	m.lost += lost
	return m.lost > 0
}

// appendBundles appends what was in a mailbox to events, oldest first.
func appendBundles(events []*Event, oldest *Event, b *bundle) []*Event {
	if oldest != nil {
		events = append(events, oldest)
	}
	for b != nil {
		events = append(events, b.events[b.from:b.n]...)
		next := b.next
		*b = bundle{}
		bundles.Put(b)
		b = next
	}
	return events
}
