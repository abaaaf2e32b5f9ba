package telnet

import "time"

// An echoAnswer is what the peer last said about our doing its echo.
type echoAnswer uint8

const (
	echoUnknown  echoAnswer = iota
	echoPromised            // DO ECHO
	echoRefused             // DONT ECHO to our WILL; it is not asked again, which it might show as garbage
)

// HideInput stops the peer from showing what is typed, for a password, and reports whether it can. Call it right before
// the prompt is written, which then carries what is sent for it; ShowInput ends it.
//
// A peer that sends keys shows nothing by itself. One that edits lines is sent WILL ECHO (RFC 857), by which all
// clients stop showing what is typed, whoever echoes it. It is believed to obey if it did before, or if it is a Telnet
// client that offers its name; any other is waited for, at most wait or until it sends text, which is kept for Read.
// One that has never negotiated, or has refused before, is sent nothing.
func (c *Conn) HideInput(wait time.Duration) (hidden bool) {
	c.mu.Lock()
	switch {
	case c.kind == kindKeys || c.kind == kindSwitching:
		c.hidden = true
		c.mu.Unlock()
		return true
	case !c.negotiated, c.echo == echoRefused:
		c.mu.Unlock()
		return false
	}
	c.hidden = true
	c.enable(Us, OptEcho)
	believed := c.negotiator.Enabled(Us, OptEcho) || c.echo == echoPromised || c.negotiator.Enabled(Him, OptTTYPE)
	c.mu.Unlock()
	if believed {
		return true
	}

	if c.flush() == nil {
		end := time.Now().Add(wait)
		// Why the wait ended does not matter, only what was said till then.
		_ = c.handleUntil(func() time.Time {
			c.mu.Lock()
			defer c.mu.Unlock()
			if !c.negotiator.Pending(Us, OptEcho) {
				return time.Time{}
			}
			return end
		})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.negotiator.Enabled(Us, OptEcho)
}

// ShowInput lets the peer show again what is typed. Call it after the hidden line, before any output. The end of that
// line was shown by nobody: it is the caller's to write.
func (c *Conn) ShowInput() {
	c.mu.Lock()
	if c.hidden && c.kind != kindKeys && c.kind != kindSwitching {
		c.disable(Us, OptEcho)
	}
	c.hidden = false
	c.mu.Unlock()
	// An error of writing is the next Write's to report.
	_ = c.flush()
}
