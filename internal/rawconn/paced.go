package rawconn

import (
	"sync"
	"time"
)

// Paced returns nc as a connection that is read no faster than p. What comes faster waits in the system's buffers, and
// then its sender does. It is for who sends again and again what no rule of a session slows down: text that is no line,
// commands of a protocol, messages of nothing.
func Paced(nc Conn, p Pace) Conn { return &paced{Conn: nc, meter: Meter{Pace: p}} }

// A paced connection rests until it may be read again.
type paced struct {
	Conn
	meter Meter // the reader's own

	mu       sync.Mutex  // guards all below
	deadline time.Time   // of reading
	closed   bool        // or about to be
	ready    func()      // what is to be called when time has passed; nil while nobody rests for that
	timer    *time.Timer // that calls it
}

// held returns for how long nothing may be read; a read that would only fail is let through.
func (c *paced) held() time.Duration {
	d := c.meter.Held()
	if d == 0 {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(0, c.untilLocked(d))
}

// untilLocked returns how much of d passes before a read would fail.
func (c *paced) untilLocked(d time.Duration) time.Duration {
	if c.closed {
		return 0
	}
	if !c.deadline.IsZero() {
		d = min(d, time.Until(c.deadline))
	}
	return d
}

// Read reads, once that is allowed.
func (c *paced) Read(p []byte) (int, error) {
	for d := c.held(); d > 0; d = c.held() {
		passed := make(chan struct{})
		c.rest(d, func() { close(passed) })
		<-passed
	}
	n, err := c.Conn.Read(p)
	c.meter.Took(n)
	return n, err
}

// TryRead implements [Conn].
func (c *paced) TryRead(p []byte) (int, error) {
	if c.held() > 0 {
		return 0, nil
	}
	n, err := c.Conn.TryRead(p)
	c.meter.Took(n)
	return n, err
}

// AwaitInput implements [Conn].
func (c *paced) AwaitInput(ready func()) {
	if d := c.held(); d > 0 {
		c.rest(d, ready)
		return
	}
	c.Conn.AwaitInput(ready)
}

// rest has ready called when d has passed, or earlier where the connection is closed or the deadline changes.
func (c *paced) rest(d time.Duration, ready func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d = c.untilLocked(d) // which may have changed
	if c.ready = ready; c.timer == nil {
		c.timer = time.AfterFunc(d, c.wake)
	} else {
		c.timer.Reset(d)
	}
}

// wake calls who rests.
func (c *paced) wake() {
	c.mu.Lock()
	ready := c.ready
	if c.ready = nil; c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	if ready != nil {
		ready()
	}
}

// SetReadDeadline sets when a read gives up.
func (c *paced) SetReadDeadline(t time.Time) error {
	err := c.Conn.SetReadDeadline(t)
	c.until(t)
	return err
}

// SetDeadline sets both deadlines.
func (c *paced) SetDeadline(t time.Time) error {
	err := c.Conn.SetDeadline(t)
	c.until(t)
	return err
}

func (c *paced) until(t time.Time) {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	c.wake()
}

// Close closes the connection.
func (c *paced) Close() error {
	err := c.Conn.Close()
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.wake()
	return err
}

// CloseWrite ends the output.
func (c *paced) CloseWrite() error { return CloseWrite(c.Conn) }
