package ssh

import (
	"os"
	"sync"
	"time"
)

// An input is what a peer has sent and nobody has read yet. The zero input is empty.
type input struct {
	mu       sync.Mutex // guards all below
	text     []byte
	afterCR  bool
	err      error         // what ended it
	begun    bool          // somebody will read: who sends more than that takes is stopped elsewhere
	thrown   bool          // nobody will read it
	deadline time.Time     // zero for none
	timer    *time.Timer   // of the deadline; nil for none
	ready    func()        // to be called when there is something; nil while nobody waits
	came     chan struct{} // closed when there is something; nil while nobody waits
}

// put adds what the peer sent: every end of a line becomes '\n'. It returns false if that is too much, before anybody
// reads.
func (in *input) put(p []byte) bool {
	in.mu.Lock()
	if in.thrown {
		in.mu.Unlock()
		return true
	}
	if !in.begun && len(in.text)+len(p) > maxUnbegun {
		in.mu.Unlock()
		return false
	}
	for _, b := range p {
		if b != '\n' || !in.afterCR {
			if in.afterCR = b == '\r'; in.afterCR {
				b = '\n'
			}
			in.text = append(in.text, b)
		} else {
			in.afterCR = false
		}
	}
	in.wakeLocked()
	return true
}

// end says that nothing more comes.
func (in *input) end(err error) {
	in.mu.Lock()
	if in.err == nil {
		in.err = err
	}
	in.wakeLocked()
}

// begin says that there will be somebody who reads.
func (in *input) begin() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.begun = true
}

// discard forgets what has come, and what is to come.
func (in *input) discard() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.thrown, in.text = true, nil
}

// wakeLocked gives up the lock, and calls those who wait.
func (in *input) wakeLocked() {
	ready, came := in.ready, in.came
	if !in.anyLocked() {
		ready, came = nil, nil
	} else {
		in.ready, in.came = nil, nil
	}
	in.mu.Unlock()
	if came != nil {
		close(came)
	}
	if ready != nil {
		ready()
	}
}

// anyLocked reports whether there is something to read, if only an error.
func (in *input) anyLocked() bool { return len(in.text) > 0 || in.err != nil || in.lateLocked() }

func (in *input) lateLocked() bool { return !in.deadline.IsZero() && !time.Now().Before(in.deadline) }

// take returns what there is, and whether more is left. If there is nothing, and wait is set, it returns what is closed
// when there is.
func (in *input) take(p []byte, wait bool) (n int, left bool, came <-chan struct{}, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.lateLocked():
		return 0, len(in.text) > 0, nil, os.ErrDeadlineExceeded
	case len(p) == 0:
		return 0, len(in.text) > 0, nil, nil
	case len(in.text) > 0:
		if n = copy(p, in.text); n == len(in.text) {
			in.text = nil
		} else {
			in.text = in.text[n:]
		}
		return n, len(in.text) > 0, nil, nil
	case in.err != nil:
		return 0, false, nil, in.err
	case !wait:
		return 0, false, nil, nil
	}
	if in.came == nil {
		in.came = make(chan struct{})
	}
	return 0, false, in.came, nil
}

// kept reports whether there is text that nobody has read.
func (in *input) kept() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.text) > 0
}

// read is take that waits until there is something.
func (in *input) read(p []byte) (n int, left bool, err error) {
	for {
		n, left, came, err := in.take(p, true)
		if came == nil {
			return n, left, err
		}
		<-came
	}
}

// await has ready called when there is something to read.
func (in *input) await(ready func()) {
	in.mu.Lock()
	in.ready = ready
	in.wakeLocked()
}

// setDeadline sets when there is something to read in any case.
func (in *input) setDeadline(at time.Time) {
	in.mu.Lock()
	if in.timer != nil {
		in.timer.Stop()
		in.timer = nil
	}
	in.deadline = at
	if d := time.Until(at); !at.IsZero() && d > 0 {
		in.timer = after(d, func() {
			in.mu.Lock()
			in.wakeLocked()
		})
	}
	in.wakeLocked()
}
