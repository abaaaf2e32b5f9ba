package telnet

import (
	"time"

	"parley/gmcp"
)

// A mud is what only clients of MUDs say.
type mud struct {
	client gmcp.Client
	asks   gmcp.Asks // that nobody has looked at
	links  bool
}

// mudNow returns c.mud, a new one if there is none. The caller holds c.mu.
func (c *Conn) mudNow() *mud {
	if c.mud == nil {
		c.mud = new(mud)
	}
	return c.mud
}

// TakesMessages reports whether the peer has agreed to GMCP.
func (c *Conn) TakesMessages() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.negotiator.Enabled(Us, OptGMCP)
}

// Packages returns the packages of messages that the peer supports, as it says by GMCP: none if it does not take GMCP.
func (c *Conn) Packages() gmcp.Packages {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mud == nil || !c.negotiator.Enabled(Us, OptGMCP) {
		return 0
	}
	return c.mud.client.Packages
}

// Asks returns what the peer has asked for by GMCP since the last call.
func (c *Conn) Asks() gmcp.Asks {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mud == nil {
		return 0
	}
	asks := c.mud.asks
	c.mud.asks = 0
	return asks
}

// Credentials returns what the peer has sent by GMCP to log its user in, once; ok is false if there is nothing. Where
// others can read along nothing is taken. Each makes a Read that waits return.
func (c *Conn) Credentials() (sent gmcp.Credentials, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mud == nil {
		return gmcp.Credentials{}, false
	}
	sent, c.mud.client.Credentials = c.mud.client.Credentials, gmcp.Credentials{}
	return sent, sent != gmcp.Credentials{}
}

// SendMessage sends a message of GMCP, a name and a value in JSON, with the next text that is written, ahead of it; an
// empty Write sends it alone. It does not wait. A peer that does not take GMCP is sent nothing.
func (c *Conn) SendMessage(message []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.negotiator.Enabled(Us, OptGMCP) {
		c.tell(OptGMCP, message)
	}
}

// learnMessage takes a message of GMCP, and reports whether the peer asks for something, or says something new.
func (c *Conn) learnMessage(message []byte) (news bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.negotiator.Enabled(Us, OptGMCP) || !c.budget.take(time.Now()) {
		return false
	}
	m := c.mudNow()
	before := m.client
	answer, asks := m.client.Receive(message)
	m.client.Name = cleanName([]byte(m.client.Name))
	if !c.Encrypted() {
		m.client.Credentials = gmcp.Credentials{}
	}
	if m.client.Credentials != before.Credentials {
		c.presented = true
	}
	m.asks |= asks
	if answer != nil {
		c.tell(OptGMCP, answer)
	}
	return asks != 0 || m.client != before
}

// report tells the peer the status that it has agreed to be told, once.
func (c *Conn) report() {
	c.mu.Lock()
	due := c.status != nil && !c.reported && c.negotiator.Enabled(Us, OptMSSP)
	c.reported = c.reported || due
	c.mu.Unlock()
	if !due {
		return
	}
	data := c.status()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell(OptMSSP, data)
}
