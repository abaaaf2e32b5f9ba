package telnet

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"time"
)

// Write sends text in one piece, with every '\n' that follows no '\r' as CR LF. After a write that failed in the middle all
// later ones return its error, since nobody knows what the peer makes of the rest.
//
// It returns the error [os.ErrDeadlineExceeded] when the peer does not take the text before the write deadline and the write timeout.
// The number of bytes is len(p), or 0 with an error.
func (c *Conn) Write(p []byte) (int, error) {
	if err := c.send(p, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WritePrompt is Write for text that ends in a prompt, where the cursor stays. A peer that agreed to EOR is told by IAC EOR
// (RFC 885), a MUD client that did not by IAC GA.
func (c *Conn) WritePrompt(p []byte) (int, error) {
	if err := c.send(p, true); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush sends the commands that are queued, if any.
func (c *Conn) flush() error {
	c.mu.Lock()
	empty := len(c.queue) == 0
	// Nobody has asked for the opening yet: it waits for the text that it goes with.
	opening := !c.opened && !c.negotiated
	c.mu.Unlock()
	if empty || opening {
		return nil
	}
	return c.send(nil, false)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the size of a buffer that is worth keeping for the next write.
const maxPooled = 16 * 1024

// WriteNow is Write, or WritePrompt if prompt is set, as far as that takes no waiting. If the peer does not take all at once,
// rest is not nil: it waits for the remainder as Write does. It must be called, once; until it returns p must not change, and nobody
// else's writes go on. An error of WriteNow itself is that of Write.
func (c *Conn) WriteNow(p []byte, prompt bool) (rest func() error, err error) {
	c.mu.Lock()
	if c.busy {
		c.mu.Unlock()
		return func() error { return c.send(p, prompt) }, nil
	}
	return c.writeLocked(p, prompt)
}

// send writes what is queued, then text, then the mark of a prompt if the peer wants one.
func (c *Conn) send(text []byte, prompt bool) error {
	c.mu.Lock()
	if c.busy {
		// A channel, not a condition: who waits for a peer that does not read may do so in a testing/synctest bubble.
		mine := make(chan struct{})
		c.waiting = append(c.waiting, mine)
		c.mu.Unlock()
		<-mine
		c.mu.Lock()
	}
	rest, err := c.writeLocked(text, prompt)
	if rest != nil {
		err = rest()
	}
	return err
}

// writeLocked is WriteNow for when nobody else writes. It unlocks c.mu.
func (c *Conn) writeLocked(text []byte, prompt bool) (rest func() error, err error) {
	c.busy = true
	w, err := c.beginLocked(text, prompt)
	c.mu.Unlock()
	if err == nil {
		w.sent, err = c.attempt(w.p)
	}
	if err == nil && w.sent < len(w.p) {
		left := w
		return func() error { return c.end(left.wait(c)) }, nil
	}
	return nil, c.end(w, err)
}

// A packet is one write that is under way.
type packet struct {
	p      []byte  // as it travels
	sent   int     // how much of p the system has taken
	queued int     // how much of p is commands that were queued
	text   []byte  // what else is in it
	buffer *[]byte // p's memory, if it is borrowed
}

// beginLocked makes a packet of what is queued, text, and the mark of a prompt if the peer wants one. The caller has made c busy.
func (c *Conn) beginLocked(text []byte, prompt bool) (w packet, err error) {
	if c.writeErr != nil {
		c.queue = nil
		return w, c.writeErr
	}
	c.opened = true
	var mark byte
	if prompt {
		mark = c.promptMark()
	}
	w = packet{p: text, text: text, queued: len(c.queue)}
	if len(c.queue) > 0 || mark != 0 || !c.travelsAsIs(text) {
		w.buffer = buffers.Get().(*[]byte)
		w.p = appendText(append((*w.buffer)[:0], c.queue...), text, c.afterCR)
		if mark != 0 {
			w.p = append(w.p, IAC, mark)
		}
		*w.buffer = w.p
	}
	return w, nil
}

// wait writes what is left of w. Only that has a deadline: to set one for each write costs as much as a small write.
func (w packet) wait(c *Conn) (packet, error) {
	c.writing.limit(time.Now().Add(c.writeTimeout), c.nc.SetWriteDeadline)
	defer c.writing.limit(time.Time{}, c.nc.SetWriteDeadline)
	n, err := c.nc.Write(w.p[w.sent:])
	w.sent += n
	return w, err
}

// end notes what became of w, lets the next one write, and returns err.
func (c *Conn) end(w packet, err error) error {
	if w.buffer != nil && cap(*w.buffer) <= maxPooled {
		buffers.Put(w.buffer)
	}
	switch {
	case err == nil:
		if len(w.text) > 0 {
			c.afterCR = w.text[len(w.text)-1] == '\r'
		}
	case w.sent > 0 || !errors.Is(err, os.ErrDeadlineExceeded):
		c.writeErr = err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && w.queued > 0 {
		c.queue = append([]byte(nil), c.queue[w.queued:]...) // others may have appended meanwhile
	}
	if len(c.waiting) == 0 {
		c.busy, c.waiting = false, nil
		return err
	}
	close(c.waiting[0])
	c.waiting = c.waiting[1:]
	return err
}

// promptMark returns the command that ends a prompt, 0 for none. A client of a MUD that sees one such mark expects
// it behind every prompt from then on; so the answer only changes if the peer ends an option.
func (c *Conn) promptMark() byte {
	switch {
	case c.negotiator.Enabled(Us, OptEOR):
		return EOR
	case c.kind == kindMUD && !c.negotiator.Enabled(Us, OptSGA):
		return GA
	}
	return 0
}

// travelsAsIs reports whether appendText would change nothing.
func (c *Conn) travelsAsIs(text []byte) bool {
	if bytes.IndexByte(text, IAC) >= 0 {
		return false
	}
	afterCR := c.afterCR
	for i := 0; i < len(text); i++ {
		n := bytes.IndexByte(text[i:], '\n')
		if n < 0 {
			break
		}
		i += n
		if i > 0 {
			afterCR = text[i-1] == '\r'
		}
		if !afterCR {
			return false
		}
	}
	return true
}

// appendText appends text to dst as it travels on the wire: '\n' as CR LF unless a CR came before it, afterCR being about
// what came before text, and IAC doubled. A CR alone stays; every client measured takes it for a carriage return, although
// RFC 854 would have CR NUL.
func appendText(dst, text []byte, afterCR bool) []byte {
	for _, b := range text {
		switch {
		case b == '\n' && !afterCR:
			dst = append(dst, '\r', '\n')
		default:
			dst = appendDoubled(dst, b)
		}
		afterCR = b == '\r'
	}
	return dst
}
