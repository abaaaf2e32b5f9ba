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

// send writes what is queued, then text, then the mark of a prompt if the peer wants one.
func (c *Conn) send(text []byte, prompt bool) error {
	// A channel, not a mutex: who waits for a peer that does not read may do so in a testing/synctest bubble.
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if c.writeErr != nil {
		c.mu.Lock()
		c.queue = nil
		c.mu.Unlock()
		return c.writeErr
	}
	c.mu.Lock()
	c.opened = true
	// The lock may go while queue is in use: others only append to it, and taking from it needs the turn.
	queue := c.queue
	var mark byte
	if prompt {
		mark = c.promptMark()
	}
	c.mu.Unlock()

	p := text
	if len(queue) > 0 || mark != 0 || !c.travelsAsIs(text) {
		buf := buffers.Get().(*[]byte)
		defer func() {
			if cap(*buf) <= maxPooled {
				buffers.Put(buf)
			}
		}()
		*buf = appendText(append((*buf)[:0], queue...), text, c.afterCR)
		if mark != 0 {
			*buf = append(*buf, IAC, mark)
		}
		p = *buf
	}
	if len(p) == 0 {
		return nil
	}
	c.writing.limit(time.Now().Add(c.writeTimeout), c.nc.SetWriteDeadline)
	if n, err := c.nc.Write(p); err != nil {
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			c.writeErr = err
		}
		return err
	}
	if len(text) > 0 {
		c.afterCR = text[len(text)-1] == '\r'
	}
	if len(queue) > 0 {
		c.mu.Lock()
		c.queue = append([]byte(nil), c.queue[len(queue):]...)
		c.mu.Unlock()
	}
	return nil
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
