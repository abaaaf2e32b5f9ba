package telnet

import "time"

// A kind is what Conn takes the peer for.
type kind uint8

const (
	kindUnknown   kind = iota // nothing known; treated as one that edits lines
	kindLines                 // edits its lines, or refused to be switched
	kindMUD                   // the client of a MUD: edits its lines, unless its user chooses otherwise
	kindTerminal              // sends keys if asked to, which is to be done in Settle
	kindSwitching             // has been asked, and has not answered in full
	kindKeys                  // sends every key at once
)

// nameWait is how long Settle waits in all for a peer that has begun to answer.
const nameWait = time.Second

// Settle waits until the kind of peer is known: at most wait, except that a peer which answered the opening question is
// given a second in all. Text ends the wait and is kept for Read. It waits only the first time that wait is more than
// zero.
//
// A prompt may stand meanwhile: if the peer turns out to want its end marked, the mark follows.
//
// Whenever it turns out that the peer should send single keys, the switch happens in Settle: in the first call that
// waits, or in a later one, with any wait, if the peer was slower. Call it between lines, since clients mangle a line
// that is being typed. A call with a wait of zero only writes, it may be made beside a pending Read.
//
// It returns the error of reading or writing, if there was one, which Read will return again, and
// [os.ErrDeadlineExceeded] if the read deadline passed.
func (c *Conn) Settle(wait time.Duration) error {
	c.mu.Lock()
	c.followChoice()
	if c.kind == kindTerminal && !c.hidden && c.choice != inLines {
		c.startSwitch()
	}
	if wait <= 0 || c.waited {
		c.mu.Unlock()
		return c.flush()
	}
	c.settling, c.waited = true, true
	c.mu.Unlock()

	// The opening may still be waiting for a first write, and the peer cannot answer what it has not read.
	if _, err := c.send(nil, false); err != nil {
		return err
	}
	start := time.Now()
	err := c.handleUntil(func() time.Time { return c.settledBy(start, wait) })

	c.mu.Lock()
	over := !time.Now().Before(start.Add(max(wait, nameWait)))
	if over && c.kind == kindUnknown && c.negotiator.Enabled(Him, OptTTYPE) {
		// It is a Telnet client, and as good as one with a name that nobody has heard of.
		c.startSwitch()
	}
	c.settling = false
	if mark := c.promptMark(); c.unmarked && mark != 0 {
		c.queue, c.unmarked = append(c.queue, IAC, mark), false
	}
	c.mu.Unlock()
	if flushErr := c.flush(); err == nil {
		err = flushErr
	}
	return err
}

// settledBy returns until when a Settle that began at start waits for what is outstanding, zero if nothing is.
func (c *Conn) settledBy(start time.Time, wait time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	longer := start.Add(max(wait, nameWait))
	switch c.kind {
	case kindUnknown:
		if c.negotiator.Enabled(Him, OptTTYPE) {
			return longer
		}
		return start.Add(wait)
	case kindSwitching:
		return longer
	case kindMUD:
		if c.names.asking || c.negotiator.Pending(Us, OptEOR) {
			return longer
		}
	}
	return time.Time{}
}

// EditsLines reports whether the peer edits its lines itself and sends them whole. If not, it sends every key at once
// and shows only what it is sent. It changes only during Settle, Read and HideInput.
func (c *Conn) EditsLines() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kind != kindKeys
}

// A choice is what the user of the peer wants for its keyboard, beside what the kind of peer suggests.
type choice uint8

const (
	byKind choice = iota
	inLines
	inKeys
)

// ChooseInput says that the user of the peer wants to send whole lines, or single keys; or, with neither, whatever the
// kind of peer suggests. It takes effect in the next Settle. A peer that has never negotiated stays as it is, and so
// does one that refuses.
func (c *Conn) ChooseInput(lines, keys bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	chosen := byKind
	switch {
	case lines:
		chosen = inLines
	case keys:
		chosen = inKeys
	}
	if chosen != c.choice {
		c.choice, c.choosing = chosen, true
	}
}

// followChoice does what was chosen, once.
func (c *Conn) followChoice() {
	if !c.choosing || !c.negotiated || c.hidden {
		return
	}
	c.choosing = false
	lines := c.choice == inLines || c.choice == byKind && c.edits == kindMUD
	switch {
	case lines && (c.kind == kindKeys || c.kind == kindSwitching):
		c.kind, c.left = c.edits, true
		c.disable(Us, OptEcho)
		c.disable(Us, OptSGA)
	case c.choice == inKeys && (c.kind == kindLines || c.kind == kindMUD || c.kind == kindUnknown),
		c.choice == byKind && c.kind == kindLines && c.left:
		c.left = false
		c.startSwitch()
	}
}

// negotiate handles one WILL, WONT, DO or DONT of the peer and queues the answers.
func (c *Conn) negotiate(verb, option byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.negotiated = true
	echoPending := c.negotiator.Pending(Us, OptEcho)
	on := c.negotiator.Enabled(sideOf(verb), option)
	c.say(c.negotiator.Receive(verb, option), option)
	begins := !on && c.negotiator.Enabled(sideOf(verb), option)
	switch {
	case option == OptTTYPE && begins && c.names.answers == 0:
		c.askName()
		c.enable(Him, OptNAWS)
	case option == OptTTYPE && verb == WONT:
		c.names.asking = false
		if c.kind == kindUnknown {
			c.kind = kindLines
		}
	case option == OptCharset && begins && verb == DO:
		c.offerCharset()
	case option == OptCharset && verb == DONT:
		c.offered = false // that is an answer too: nothing stands against a request of the peer's own
	case option == OptEnviron && begins:
		c.askEnvironment()
	case option == OptEcho && verb == DO:
		c.echo = echoPromised
		c.followSwitch()
	case option == OptEcho && verb == DONT:
		if echoPending && !c.negotiator.Pending(Us, OptEcho) {
			c.echo = echoRefused
		}
		c.followSwitch()
	case option == OptSGA && (verb == DO || verb == DONT):
		c.followSwitch()
	}
}

// startSwitch asks the peer to send every key at once: when both ECHO and SGA are ours, nothing is left for it to edit.
func (c *Conn) startSwitch() {
	c.kind = kindSwitching
	c.enable(Us, OptEcho)
	c.enable(Us, OptSGA)
	c.followSwitch()
}

// followSwitch draws the conclusions from what the peer said about ECHO and SGA.
func (c *Conn) followSwitch() {
	echo, sga := c.negotiator.Enabled(Us, OptEcho), c.negotiator.Enabled(Us, OptSGA)
	echoPending, sgaPending := c.negotiator.Pending(Us, OptEcho), c.negotiator.Pending(Us, OptSGA)
	switch c.kind {
	case kindUnknown, kindLines:
		// PuTTY asks for both by itself; one alone says nothing.
		if c.negotiator.Asked(Us, OptEcho) && c.negotiator.Asked(Us, OptSGA) && c.choice != inLines {
			c.kind = kindTerminal
			if c.settling {
				c.startSwitch()
			}
		}
	case kindMUD:
		c.refuseAsked()
	case kindSwitching:
		if echo && sga {
			c.kind = kindKeys
			return
		}
		if !echo && !echoPending {
			c.disable(Us, OptSGA)
		}
		if !sga && !sgaPending && !c.hidden {
			c.disable(Us, OptEcho)
		}
		if !echoPending && !sgaPending {
			c.kind = c.edits
		}
	case kindKeys:
		// The user took the client back to lines ("mode line"). One without the other would echo twice.
		if !echo || !sga {
			c.kind = c.edits
			c.disable(Us, OptEcho)
			c.disable(Us, OptSGA)
		}
	}
}

// refuseAsked answers the wishes that were held while the peer might have been a terminal.
func (c *Conn) refuseAsked() {
	for _, option := range []byte{OptEcho, OptSGA} {
		if c.negotiator.Asked(Us, option) {
			c.disable(Us, option)
		}
	}
}

// enable and disable say that we want option on or off at side.
func (c *Conn) enable(side Side, option byte)  { c.say(c.negotiator.Enable(side, option), option) }
func (c *Conn) disable(side Side, option byte) { c.say(c.negotiator.Disable(side, option), option) }

// say queues a WILL, WONT, DO or DONT about option; verb 0 is nothing to say. tell queues a subnegotiation.
func (c *Conn) say(verb, option byte) {
	if verb != 0 {
		c.queue = Command{Code: verb, Option: option}.Append(c.queue)
	}
}

func (c *Conn) tell(option byte, data []byte) {
	c.queue = Command{Code: SB, Option: option, Data: data}.Append(c.queue)
}
