package telnet

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Write sends text in one piece, with every '\n' that follows no '\r' as CR LF. After a write that failed in the middle
// all later ones return its error, since nobody knows what the peer makes of the rest.
//
// It returns the error [os.ErrDeadlineExceeded] when the peer does not take the text before the write deadline and the
// write timeout. The number of bytes is len(p), or 0 with an error.
func (c *Conn) Write(p []byte) (int, error) { return c.send(p, false) }

// WritePrompt is Write for text that ends in a prompt, where the cursor stays. A peer that agreed to EOR is told by IAC
// EOR (RFC 885), a MUD client that did not by IAC GA.
func (c *Conn) WritePrompt(p []byte) (int, error) { return c.send(p, true) }

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
	_, err := c.send(nil, false)
	return err
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the size of a buffer that is worth keeping for the next write.
const maxPooled = 16 * 1024

// TryWrite is Write, or WritePrompt if prompt is set, as far as that takes no waiting. If something is left it returns
// [io.ErrShortWrite] and how much of p has gone: Write, or WritePrompt, of the remainder sends the rest, also of an
// empty one.
func (c *Conn) TryWrite(p []byte, prompt bool) (n int, err error) {
	if !c.turn.Try() {
		return 0, io.ErrShortWrite
	}
	w, err := c.begin(p, prompt)
	if err == nil {
		w.sent, err = c.attempt(w.p)
	}
	return c.end(w, err)
}

// send writes what is queued, then text, then the mark of a prompt if the peer wants one. It returns what Write does.
func (c *Conn) send(text []byte, prompt bool) (n int, err error) {
	c.turn.Take()
	w, err := c.begin(text, prompt)
	if err == nil {
		w.sent, err = c.attempt(w.p)
	}
	if err == nil && (w.sent < len(w.p) || c.unsent) {
		w, err = w.wait(c)
	}
	if n, err = c.end(w, err); err != nil {
		n = 0
	}
	return n, err
}

// attempt writes as much of p as is taken at once: nothing, if there is a deadline to be looked at.
func (c *Conn) attempt(p []byte) (n int, err error) {
	if len(p) == 0 || c.limited.Load() {
		return 0, nil
	}
	n, err = c.nc.TryWrite(p)
	c.unsent = err == io.ErrShortWrite
	if c.unsent {
		err = nil
	}
	return n, err
}

// A packet is one write that is under way.
type packet struct {
	p      []byte  // as it travels
	sent   int     // how much of p the system has taken
	queued int     // how much of p is commands that were queued
	text   []byte  // what else is in it
	buffer *[]byte // p's memory, if it is borrowed
}

// begin makes a packet of what is queued, text, and the mark of a prompt if the peer wants one. The caller has the
// turn. A prompt without text is one whose text has gone already.
func (c *Conn) begin(text []byte, prompt bool) (w packet, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writeErr != nil {
		c.queue = nil
		return w, c.writeErr
	}
	c.opened = true
	var mark byte
	if prompt && len(text) > 0 {
		mark = c.promptMark()
	}
	if len(text) > 0 {
		c.unmarked = prompt && mark == 0
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
	c.unsent = c.unsent && err != nil
	return w, err
}

// end notes what became of w, and lets the next one write. It returns how much of the text has gone, and err, or
// io.ErrShortWrite if there was no error and not all has.
func (c *Conn) end(w packet, err error) (n int, _ error) {
	var begun []byte // of what was cut
	sent := w.queued // of the queue
	switch {
	case err == nil && (w.sent < len(w.p) || c.unsent):
		sent = min(sent, w.sent)
		n, begun = c.cut(w)
		err = io.ErrShortWrite
	case err == nil:
		if n = len(w.text); n > 0 {
			c.afterCR = w.text[n-1] == '\r'
		}
	default:
		sent = 0
		if w.sent > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			c.writeErr = err
		}
	}
	begun = bytes.Clone(begun) // before the buffer is another's
	if w.buffer != nil && cap(*w.buffer) <= maxPooled {
		buffers.Put(w.buffer)
	}
	if sent > 0 || begun != nil {
		c.mu.Lock()
		c.queue = append(begun, c.queue[sent:]...) // others may have appended meanwhile
		c.mu.Unlock()
	}
	c.turn.Give()
	return n, err
}

// cut returns how much of w's text has gone in what was sent, and the rest of a pair of bytes, or of the mark, that was
// cut: it leaves with the next write, like a command that is queued.
func (c *Conn) cut(w packet) (n int, begun []byte) {
	left := w.sent - w.queued
	if left < 0 {
		return 0, nil
	}
	for n < len(w.text) && left > 0 {
		b, at := w.text[n], w.sent-left
		switch {
		case b == IAC && left == 1:
			return n + 1, w.p[at+1 : at+2]
		case b == '\n' && !c.afterCR && left == 1: // only its CR has gone: as if that had been in the text
			c.afterCR = true
			return n, nil
		case b == IAC, b == '\n' && !c.afterCR:
			left--
		}
		left--
		n++
		c.afterCR = b == '\r'
	}
	if n == len(w.text) {
		return n, w.p[w.sent:] // of the mark
	}
	return n, nil
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

// appendText appends text to dst as it travels on the wire: '\n' as CR LF unless a CR came before it, afterCR being
// about what came before text, and IAC doubled. A CR alone stays; every client measured takes it for a carriage return,
// although RFC 854 would have CR NUL.
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
