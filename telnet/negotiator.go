package telnet

import "slices"

// A Side is one of the two ends of an option (RFC 1143, section 4).
type Side uint8

const (
	// Us is what we do: we say WILL and WONT, the peer says DO and DONT.
	Us Side = iota
	// Him is what the peer does: he says WILL and WONT, we say DO and DONT.
	Him
)

// positive and negative are what we say for and against an option.
func (s Side) positive() byte { return [...]byte{Us: WILL, Him: DO}[s] }
func (s Side) negative() byte { return [...]byte{Us: WONT, Him: DONT}[s] }

// sideOf returns the side that the peer speaks of by verb: WILL, WONT, DO or DONT.
func sideOf(verb byte) Side {
	if verb == WILL || verb == WONT {
		return Him
	}
	return Us
}

// policy is the answer to a peer who wants an option on that is off.
type policy uint8

const (
	refuse policy = iota
	accept
	hold // say nothing yet: the answer is the caller's next Enable or Disable
)

// known lists the options that are ever on. All others are refused.
var known = [...]struct {
	option   byte
	policies [2]policy
}{
	// ECHO and SGA of us decide together how the peer's keyboard works, so neither is answered for itself.
	{OptEcho, [2]policy{Us: hold, Him: refuse}},
	{OptSGA, [2]policy{Us: hold, Him: accept}},
	// Input always is taken as it comes; but some clients strip its eighth bit until they may say that they do not.
	{OptBinary, [2]policy{Us: refuse, Him: accept}},
	{OptTTYPE, [2]policy{Us: refuse, Him: accept}},
	{OptEOR, [2]policy{Us: accept, Him: refuse}},
	{OptNAWS, [2]policy{Us: refuse, Him: accept}},
	// CHARSET of us is ours to offer, and only some peers are offered it; so is MSSP.
	{OptCharset, [2]policy{Us: refuse, Him: accept}},
	{OptMSSP, [2]policy{Us: refuse, Him: refuse}},
	// A peer that offers GMCP unasked is the client of a MUD too.
	{OptGMCP, [2]policy{Us: accept, Him: refuse}},
	// The environment is asked for, of some peers, and never taken from others: it says who they are.
	{OptEnviron, [2]policy{Us: refuse, Him: refuse}},
}

// optionState is the state of one side of an option, named as in RFC 1143, section 7; "on" and "off" mean a queue that
// is not empty.
type optionState uint8

const (
	no         optionState = iota
	asked                  // no, and the peer's wish was not answered: not in the RFC
	yes                    // both ends agree
	wantYes                // we asked for it
	wantYesOff             // we asked for it and want it off again
	wantNo                 // we asked for its end
	wantNoOn               // we asked for its end and want it on again
)

// A Negotiator keeps the state of all options of a connection by the method of RFC 1143, so that two ends never answer
// each other's answers for ever. The zero Negotiator has every option off. It does no I/O and is not safe for
// concurrent use.
//
// Three things are not in the RFC. A refusal is given once for an option and side; a peer that asks again gets no
// answer until we want the option too. WONT ECHO takes effect at once and need not be confirmed, for some clients
// (TinTin++, telnetlib3) never do; a DONT that still comes is told from the refusal of a newer WILL by counting what is
// owed. And a peer's DO ECHO or DO SGA, where it is not an answer, waits for our Enable or Disable, see Asked.
type Negotiator struct {
	states  [2][len(known)]optionState
	refused [2][256 / 64]uint64 // a bit for each option that was refused
	owed    uint8               // DONT ECHOs that may still come to confirm our WONT ECHOs
}

// find returns the policy and the state of option on side, a nil state for an option that is not known.
func (n *Negotiator) find(side Side, option byte) (policy, *optionState) {
	for i := range known {
		if known[i].option == option {
			return known[i].policies[side], &n.states[side][i]
		}
	}
	return refuse, nil
}

// Receive takes what the peer said, verb being WILL, WONT, DO or DONT, and returns what to answer about the same
// option, or 0 for nothing.
func (n *Negotiator) Receive(verb, option byte) (reply byte) {
	side := sideOf(verb)
	if side == Us && option == OptTM {
		// Not a state but a question, answered as often as it is asked: RFC 860.
		if verb == DO {
			return WILL
		}
		return 0
	}
	policy, state := n.find(side, option)
	on := verb == WILL || verb == DO
	if state == nil {
		if on {
			return n.refuse(side, option)
		}
		return 0
	}
	if side == Us && option == OptEcho {
		if on {
			n.owed = 0
		} else if n.owed > 0 && *state != yes {
			n.owed--
			return 0
		}
	}
	if !on {
		switch *state {
		case yes:
			*state = no
			return side.negative()
		case wantNoOn:
			*state = wantYes
			return side.positive()
		}
		*state = no
		return 0
	}
	switch *state {
	case no:
		switch policy {
		case accept:
			*state = yes
			return side.positive()
		case hold:
			*state = asked
			return 0
		}
		if reply = n.refuse(side, option); reply == 0 {
			*state = asked
		}
		return reply
	case wantYes, wantNoOn:
		*state = yes
	case wantYesOff:
		return n.end(side, option, state)
	case wantNo:
		*state = no
	}
	return 0
}

// Enable says that we want option on at side and returns what to send about it, or 0 for nothing. An option that this
// package does not support stays off.
func (n *Negotiator) Enable(side Side, option byte) (verb byte) {
	_, state := n.find(side, option)
	if state == nil {
		return 0
	}
	n.refused[side][option/64] &^= 1 << (option % 64)
	switch *state {
	case no:
		*state = wantYes
		return side.positive()
	case asked:
		*state = yes
		return side.positive()
	case wantYesOff:
		*state = wantYes
	case wantNo:
		*state = wantNoOn
	}
	return 0
}

// Disable says that we want option off at side and returns what to send about it, or 0 for nothing.
func (n *Negotiator) Disable(side Side, option byte) (verb byte) {
	_, state := n.find(side, option)
	if state == nil {
		return 0
	}
	switch *state {
	case asked:
		if verb = n.refuse(side, option); verb != 0 {
			*state = no
		}
		return verb
	case yes:
		return n.end(side, option, state)
	case wantYes:
		*state = wantYesOff
	case wantNoOn:
		*state = wantNo
	}
	return 0
}

// Enabled reports whether both ends agree that option is on at side.
func (n *Negotiator) Enabled(side Side, option byte) bool {
	return n.in(side, option, yes)
}

// Asked reports whether the peer's wish to have option on at side waits for our Enable or Disable.
func (n *Negotiator) Asked(side Side, option byte) bool {
	return n.in(side, option, asked)
}

// Pending reports whether an answer of the peer is outstanding.
func (n *Negotiator) Pending(side Side, option byte) bool {
	return n.in(side, option, wantYes, wantYesOff, wantNo, wantNoOn)
}

func (n *Negotiator) in(side Side, option byte, states ...optionState) bool {
	_, state := n.find(side, option)
	return state != nil && slices.Contains(states, *state)
}

// end says that an option which is on goes off.
func (n *Negotiator) end(side Side, option byte, state *optionState) byte {
	*state = wantNo
	if side == Us && option == OptEcho {
		*state = no
		if n.owed < 255 {
			n.owed++
		}
	}
	return side.negative()
}

// refuse says no to an option that is off, once.
func (n *Negotiator) refuse(side Side, option byte) byte {
	bit := uint64(1) << (option % 64)
	if n.refused[side][option/64]&bit != 0 {
		return 0
	}
	n.refused[side][option/64] |= bit
	return side.negative()
}
