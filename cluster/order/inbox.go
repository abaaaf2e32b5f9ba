package order

import "sync"

// The bounds of what waits for a replica's attention. What does not fit is lost, and comes again.
const (
	maxInbox       = 16384
	maxInboxBytes  = 64 << 20
	maxSubmissions = 4096
)

// An inbox is where everything waits that a replica has to attend to.
type inbox struct {
	mu      sync.Mutex // guards all below
	waiting round
	bytes   int // of the messages
	closed  bool
	wake    chan struct{} // holds one element if there is something
}

// A round is what a replica attends to in one go.
type round struct {
	messages    [][]byte
	submissions []*submission
	letters     []letter
	calls       []func() // what the store has answered
	close       bool
}

// A letter is something to be mailed.
type letter struct {
	to   string
	data []byte
}

func (i *inbox) init() { i.wake = make(chan struct{}, 1) }

func (i *inbox) ring() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

func (i *inbox) message(b []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || len(i.waiting.messages) >= maxInbox || i.bytes+len(b) > maxInboxBytes {
		return
	}
	i.waiting.messages = append(i.waiting.messages, b)
	i.bytes += len(b)
	i.ring()
}

func (i *inbox) submit(s *submission) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || len(i.waiting.submissions) >= maxSubmissions {
		return false
	}
	i.waiting.submissions = append(i.waiting.submissions, s)
	i.ring()
	return true
}

func (i *inbox) mail(to string, data []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.closed && len(i.waiting.letters) < maxSubmissions {
		i.waiting.letters = append(i.waiting.letters, letter{to, data})
		i.ring()
	}
}

// call lets f be called in the next round.
func (i *inbox) call(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.waiting.calls = append(i.waiting.calls, f)
	i.ring()
}

func (i *inbox) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed, i.waiting.close = true, true
	i.ring()
}

// take empties the inbox.
func (i *inbox) take() round {
	i.mu.Lock()
	defer i.mu.Unlock()
	w := i.waiting
	i.waiting, i.bytes = round{close: i.closed}, 0
	return w
}
