package main

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// outletBytes is how much an outlet keeps for a reader who is late.
	outletBytes = 1 << 20
	// outletPatience is how long the program waits for that reader at the start, and once more at the end.
	outletPatience = 500 * time.Millisecond
)

// An outlet writes lines to a file that may block, such as a pipe or a terminal, without letting whoever writes wait:
// it keeps up to outletBytes and drops what comes then. A file that fails loses lines likewise. Both are counted, and
// told once lines get through again. Safe for concurrent use.
type outlet struct {
	w io.Writer
	// writes to w, by the outlet's goroutine, how many lines were lost before what comes next; nil tells nobody
	tell func(lost int)

	mu      sync.Mutex    // guards what follows
	pending []byte        // whole lines
	lost    int           // lines, since it was told
	ended   bool          // nothing more is taken
	busy    bool          // pending, or what was pending, is not yet written
	idle    chan struct{} // closed when busy ends; nil if nobody waits

	total atomic.Uint64 // lines lost so far

	wake chan struct{} // holds one
	done chan struct{} // closed when the goroutine has ended
}

// newOutlet returns an outlet to w. Close it.
func newOutlet(w io.Writer) *outlet {
	return &outlet{w: w, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// start lets o write until close.
func (o *outlet) start() *outlet {
	go o.run() // until close, which waits for it unless the file blocks for ever
	return o
}

// Write takes line, which is whole, or drops it. It returns len(line), nil.
func (o *outlet) Write(line []byte) (int, error) {
	o.mu.Lock()
	if o.ended || len(o.pending)+len(line) > outletBytes {
		o.lost++
		o.total.Add(1)
	} else {
		o.pending = append(o.pending, line...)
		o.busy = true
	}
	o.mu.Unlock()
	o.signal()
	return len(line), nil
}

func (o *outlet) signal() {
	select {
	case o.wake <- struct{}{}:
	default: // it is awake
	}
}

// run writes what is pending until close.
func (o *outlet) run() {
	defer close(o.done)
	torn := false // the file has the beginning of a line whose end is lost
	untold := 0
	for range o.wake {
		for {
			lines, lost, ended := o.take()
			if len(lines) == 0 {
				if ended {
					return
				}
				break
			}
			written, err := 0, error(nil)
			if torn {
				_, err = o.w.Write([]byte("\n"))
				torn = err != nil
			}
			if err == nil {
				written, err = o.w.Write(lines)
			}
			if err != nil {
				torn = torn || written > 0 && lines[written-1] != '\n'
				cut := bytes.Count(lines[written:], []byte("\n"))
				untold += cut
				o.total.Add(uint64(cut))
			}
			untold += lost
			if err == nil && untold > 0 && o.tell != nil {
				o.tell(untold)
				untold = 0
			}
		}
	}
}

// take returns what is pending, and how many lines were lost behind it.
func (o *outlet) take() (lines []byte, lost int, ended bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines, lost = o.pending, o.lost
	o.pending, o.lost = nil, 0
	if len(lines) == 0 {
		o.lost = lost // told behind the next lines
		o.busy = false
		if o.idle != nil {
			close(o.idle)
			o.idle = nil
		}
	}
	return lines, lost, o.ended
}

// flush waits until all that was taken is written, or for outletPatience.
func (o *outlet) flush() {
	o.mu.Lock()
	if !o.busy {
		o.mu.Unlock()
		return
	}
	if o.idle == nil {
		o.idle = make(chan struct{})
	}
	idle := o.idle
	o.mu.Unlock()
	wait(idle, outletPatience)
}

// close takes nothing more, and gives what was taken outletPatience to be written. It reports whether all was; if not,
// the goroutine is left behind in a write that blocks, which only its reader or the end of the process can end.
func (o *outlet) close() bool {
	o.mu.Lock()
	o.ended = true
	o.mu.Unlock()
	o.signal()
	return wait(o.done, outletPatience)
}

// wait reports whether c was closed within patience.
func wait(c <-chan struct{}, patience time.Duration) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c:
		return true
	case <-timer.C:
		return false
	}
}
