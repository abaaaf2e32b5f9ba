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
	thrown   bool          // nobody will read it
	deadline time.Time     // zero for none
	timer    *time.Timer   // of the deadline; nil for none
	ready    func()        // to be called when there is something; nil while nobody waits
	came     chan struct{} // closed when there is something; nil while nobody waits
	room     func()        // to be called when there is room; nil while nobody waits
}

// maxText is how much text is kept, and one piece more. What has come beyond is kept as it came, below.
const maxText = 1 << 10

// put adds what the peer sent: every end of a line becomes '\n'.
func (in *input) put(p []byte) {
	in.mu.Lock()
	if in.thrown {
		in.mu.Unlock()
		return
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
}

// whenRoom has more called once, when there is room for another piece, perhaps at once. more does not wait.
func (in *input) whenRoom(more func()) {
	in.mu.Lock()
	full := len(in.text) >= maxText
	if full {
		in.room = more
	}
	in.mu.Unlock()
	if !full {
		more()
	}
}

// roomLocked returns who is to be called because there is room, for who has given up the lock.
func (in *input) roomLocked() (more func()) {
	if len(in.text) < maxText {
		more, in.room = in.room, nil
	}
	return more
}

// end says that nothing more comes.
func (in *input) end(err error) {
	in.mu.Lock()
	if in.err == nil {
		in.err = err
	}
	in.wakeLocked()
}

// discard forgets what has come, and what is to come.
func (in *input) discard() {
	in.mu.Lock()
	in.thrown, in.text = true, nil
	more := in.roomLocked()
	in.mu.Unlock()
	if more != nil {
		more()
	}
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

// take returns what there is. If there is nothing, and wait is set, it returns what is closed when there is.
func (in *input) take(p []byte, wait bool) (n int, came <-chan struct{}, err error) {
	in.mu.Lock()
	var more func()
	switch {
	case in.lateLocked():
		err = os.ErrDeadlineExceeded
	case len(p) == 0:
	case len(in.text) > 0:
		if n = copy(p, in.text); n == len(in.text) {
			in.text = nil
		} else {
			in.text = in.text[n:]
		}
		more = in.roomLocked()
	case in.err != nil:
		err = in.err
	case wait:
		if in.came == nil {
			in.came = make(chan struct{})
		}
		came = in.came
	}
	in.mu.Unlock()
	if more != nil {
		more()
	}
	return n, came, err
}

// kept reports whether there is text that nobody has read.
func (in *input) kept() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.text) > 0
}

// read is take that waits until there is something.
func (in *input) read(p []byte) (n int, err error) {
	for {
		n, came, err := in.take(p, true)
		if came == nil {
			return n, err
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
