package telnettest

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
)

// ErrFlood is returned by [Client.Type] and its like when more than 1 MiB waits to be sent, and by [Client.Err] when
// more than 16 MiB were received.
var ErrFlood = errors.New("telnettest: flood")

const (
	maxQueued   = 1 << 20
	maxReceived = 16 << 20
)

// A Client is a person at a terminal with a program of a certain [Kind] that is connected to a server. It answers the
// server's negotiation as that program does, and its [Screen] shows what the person would see, local echo too.
//
// All methods are safe for concurrent use, and none of them waits for the server except Close, which waits for the
// client's own two goroutines. Whoever makes a Client must Close it.
type Client struct {
	nc     net.Conn
	habits habits
	wg     sync.WaitGroup

	mu       sync.Mutex // guards everything below
	changed  sync.Cond
	screen   *Screen
	received []byte
	parsed   int // how much of received was looked at
	out      []byte
	line     []byte // typed in line mode and not sent
	us, him  [256]optionState
	echoed   bool // ECHO was agreed to once
	asked    int  // how often the name was asked for
	deaf     bool // shows nothing until the server answers DO TM
	frozen   bool
	halfDone bool // no more input will be typed
	closing  bool
	ended    bool // the server closed
	err      error
}

type optionState uint8

const (
	off optionState = iota
	offered
	on
)

// NewClient starts a client of the given kind on nc, which it owns from now on, in a terminal of the given size. It
// returns an error if there is no such kind.
func NewClient(nc net.Conn, kind Kind, columns, rows int) (*Client, error) {
	h, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("telnettest: no client is called %q", kind)
	}
	c := &Client{nc: nc, habits: h, screen: NewScreen(columns, rows)}
	c.changed.L = &c.mu
	c.sendWords(h.opening)
	for p := c.out; len(p) > 0; p = p[3:] {
		if p[1] == will {
			c.us[p[2]] = offered
		} else {
			c.him[p[2]] = offered
		}
	}
	// Both end when the connection is closed.
	c.wg.Go(c.read)
	c.wg.Go(c.write)
	return c, nil
}

// Close hangs up at once, whatever is still queued, and waits for the client's goroutines.
func (c *Client) Close() {
	c.change(func() { c.closing = true })
	c.nc.Close()
	c.wg.Wait()
}

// Lose ends the connection without a word, as a dead network does, and waits for the client's goroutines.
func (c *Client) Lose() {
	if nc, ok := c.nc.(interface{ Lose() }); ok {
		nc.Lose()
	}
	c.Close()
}

// CloseWrite ends the input after what was typed, as `nc -N` does at the end of its input; the client goes on reading.
func (c *Client) CloseWrite() {
	c.change(func() { c.halfDone = true })
}

// Freeze makes the client read no more, as a stopped program; Thaw ends that.
func (c *Client) Freeze() { c.change(func() { c.frozen = true }) }

// Thaw lets a frozen client read again.
func (c *Client) Thaw() { c.change(func() { c.frozen = false }) }

// Resize changes the size of the terminal, and tells the server if NAWS (RFC 1073) is agreed, or else the connection if
// that has a method for it.
func (c *Client) Resize(columns, rows int) {
	c.change(func() {
		c.screen.Resize(columns, rows)
		if c.us[optNAWS] == on {
			c.sendSize()
		}
	})
	if nc, ok := c.nc.(interface{ Resize(columns, rows int) }); ok {
		nc.Resize(columns, rows)
	}
}

// Look calls f with the screen. f must not keep it.
func (c *Client) Look(f func(s *Screen)) { c.change(func() { f(c.screen) }) }

// Received returns all bytes received so far.
func (c *Client) Received() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.received[:c.parsed])
}

// Ended reports whether the server has closed the connection, and all it sent before is on the screen.
func (c *Client) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Err returns what made the client give up: [ErrScreenFull], [ErrFlood] or nil.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// change does something to the client that its goroutines may be waiting for.
func (c *Client) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.changed.Broadcast()
}

func (c *Client) read() {
	buf := make([]byte, 4096)
	for {
		n, err := c.nc.Read(buf)
		c.mu.Lock()
		for c.frozen && !c.closing {
			c.changed.Wait()
		}
		c.receive(buf[:n])
		failed := err != nil || c.err != nil
		c.ended = c.ended || failed
		leave := failed && (c.err != nil || !c.habits.stays)
		c.changed.Broadcast()
		c.mu.Unlock()
		if leave {
			c.nc.Close()
		}
		if failed {
			return
		}
	}
}

func (c *Client) write() {
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.halfDone && !c.closing && !c.ended {
			c.changed.Wait()
		}
		p, done := c.out, c.closing || c.ended
		c.out = nil
		c.mu.Unlock()
		if done {
			return
		}
		if len(p) == 0 {
			if half, ok := c.nc.(interface{ CloseWrite() error }); ok {
				half.CloseWrite()
			}
			return
		}
		if _, err := c.nc.Write(p); err != nil {
			return // the reader meets the same end
		}
	}
}

// receive takes in what came from the server: shows text, answers commands.
func (c *Client) receive(p []byte) {
	if len(c.received)+len(p) > maxReceived {
		c.err = ErrFlood
		return
	}
	c.received = append(c.received, p...)
	for c.parsed < len(c.received) && c.err == nil {
		p := c.received[c.parsed:]
		n := len(p)
		if c.habits.telnet {
			if n = unit(p); n == 0 {
				return
			}
		}
		c.parsed += n
		switch {
		case !c.habits.telnet || p[0] != iac:
			c.showReceived(p[:n])
		case p[1] == iac:
			c.showReceived(p[:1])
		case p[1] == sb && n > 4:
			c.subnegotiate(p[2], p[3:n-2])
		case p[1] != sb && n == 3:
			c.negotiate(p[1], p[2])
		}
	}
}

func (c *Client) showReceived(p []byte) {
	if !c.deaf {
		c.show(p)
	}
}

func (c *Client) show(p []byte) {
	if _, err := c.screen.Write(p); err != nil {
		c.err = err
	}
}

// negotiate answers one WILL, WONT, DO or DONT: changes of state only (RFC 1143), except that a refusal is repeated.
func (c *Client) negotiate(command, option byte) {
	state, may, yes, no := &c.us[option], c.habits.us, byte(will), byte(wont)
	if command == will || command == wont {
		state, may, yes, no = &c.him[option], c.habits.him, do, dont
	}
	if option == optTM && (command == will || command == wont) {
		c.deaf = false // the answer to our own DO TM
		return
	}
	before := *state
	characters := c.sendsKeys()
	switch {
	case command == wont || command == dont:
		*state = off
		if before == on && !(c.habits.quietWont && command == wont && option == optEcho) {
			c.send(iac, no, option)
		}
	case option == optTM && slices.Contains(may, option): // has no state: every one is answered (RFC 860)
		c.send(iac, yes, option)
	case before == on:
	case before == offered:
		*state = on
	case command == will && option == optEcho && c.habits.echoOnce && c.echoed:
		c.send(iac, dont, option)
	case slices.Contains(may, option):
		*state = on
		c.send(iac, yes, option)
	default:
		c.send(iac, no, option)
	}
	if option == optNAWS && before != on && *state == on {
		c.sendSize()
	}
	c.echoed = c.echoed || c.him[optEcho] == on
	if c.sendsKeys() != characters {
		if c.habits.echoOnce {
			c.announceMode()
		}
		if !c.habits.losesLine {
			c.send(c.line...)
		}
		c.line = nil
	}
}

// announceMode says on the screen what mode the client is in now, as BusyBox does.
func (c *Client) announceMode() {
	mode, escape := "line", 'C'
	if c.sendsKeys() {
		mode, escape = "character", ']'
	}
	c.show(fmt.Appendf(nil, "\r\nEntering %s mode\r\nEscape character is '^%c'.\r\n\r\n", mode, escape))
}

func (c *Client) subnegotiate(option byte, data []byte) {
	switch {
	case option == optTTYPE && len(data) == 1 && data[0] == send && c.us[option] == on:
		name := c.habits.names[min(c.asked, len(c.habits.names)-1)]
		c.asked++
		c.sendWords(fmt.Sprintf("IAC SB TTYPE IS %q IAC SE", name))
	case option == optCHARSET && len(data) > 0 && data[0] == request && c.him[option] == on:
		c.sendWords(`IAC SB CHARSET ACCEPTED "UTF-8" IAC SE`)
	}
}

func (c *Client) sendSize() {
	columns, rows := c.screen.Size()
	c.sendWords(fmt.Sprintf("IAC SB NAWS %d %d %d %d IAC SE", columns>>8, columns&255, rows>>8, rows&255))
}

// sendsKeys reports whether every key goes to the server at once: character mode.
func (c *Client) sendsKeys() bool {
	if c.habits.echoOnce {
		return c.him[optEcho] == on
	}
	return c.habits.keys || c.him[optSGA] == on && (c.him[optEcho] == on || c.habits.sgaAlone)
}

// echoes reports whether the client itself shows what is typed.
func (c *Client) echoes() bool { return c.him[optEcho] != on && !c.habits.keys }

func (c *Client) sendWords(words string) {
	p, err := Bytes(words)
	if err != nil {
		panic(err) // a word of our own
	}
	c.send(p...)
}

func (c *Client) send(p ...byte) {
	if len(c.out)+len(p) > maxQueued {
		c.err = ErrFlood
		return
	}
	c.out = append(c.out, p...)
}
