package telnet

import (
	"slices"
	"strconv"
	"strings"
)

// names is the dialogue about the peer's names (RFC 1091): each request is answered with the next one of its list.
type names struct {
	first   string
	last    string // the one before, while we ask on
	answers uint8
	asking  bool // a request is out
	claims  int  // what the peer said by "MTTS n"
}

const (
	maxNames      = 4  // answers that are asked for; lists that tell more are a matter of the peer alone
	maxNameLength = 40 // bytes of a name that are kept
)

// Subnegotiation codes of TERMINAL-TYPE, RFC 1091.
const (
	ttypeIS   = 0
	ttypeSEND = 1
)

// mudClients begin the names of programs that edit lines and would lose aliases, history and triggers without them.
var mudClients = []string{
	"MUDLET", "TINTIN++", "TT++", "MUSHCLIENT", "CMUD", "ZMUD", "BLIGHTMUD", "KILDCLIENT", "BEIP", "ATLANTIS", "POTATO",
	"BLOWTORCH", "MUDRAMMER", "SAVITAR", "PORTAL",
}

// terminals begin the names of terminals. They are asked for one name only: Windows takes a second request as a refusal
// of the first and goes on to VTNT.
var terminals = []string{"XTERM", "VT", "ANSI", "SCREEN", "TMUX", "RXVT", "PUTTY", "LINUX", "DUMB", "UNKNOWN"}

// Name returns the name of the peer's terminal or program as it told it, such as "XTERM-256COLOR", its first one if it
// has several, that of GMCP if it told no other, or "" if it told none: printable ASCII, at most 40 bytes. Telnet names
// have no letter case.
func (c *Conn) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.names.first == "" && c.mud != nil {
		return c.mud.client.Name
	}
	return c.names.first
}

// Claims returns what the peer says that it can, as the bits of the MUD Terminal Type Standard: 0 if it says nothing.
func (c *Conn) Claims() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(c.names.claims, 0)
}

// askName asks the peer for its next name.
func (c *Conn) askName() {
	c.names.asking = true
	c.tell(OptTTYPE, []byte{ttypeSEND})
}

// learnName takes an answer to askName.
func (c *Conn) learnName(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.negotiator.Enabled(Him, OptTTYPE) || !c.names.asking || len(data) == 0 || data[0] != ttypeIS {
		return
	}
	name := cleanName(data[1:])
	c.names.asking = false
	c.names.answers++
	if c.names.answers == 1 {
		c.names.first = name
	}
	// MTTS, the MUD Terminal Type Standard, ends a list of names with "MTTS n" or by telling a name twice.
	mtts := beginsWith(name, "MTTS ")
	if mtts {
		c.names.claims, _ = strconv.Atoi(strings.TrimSpace(name[len("MTTS "):])) // what is no number claims nothing
	}
	end := mtts || c.names.answers == maxNames || c.names.answers > 1 && strings.EqualFold(name, c.names.last)
	if c.kind == kindUnknown {
		switch {
		case mtts || beginsWith(name, mudClients...):
			c.meetMUD()
		// a client of a MUD names its terminal second
		case end || c.names.answers == 1 && beginsWith(name, terminals...):
			c.kind = kindTerminal
			if c.settling {
				c.startSwitch()
			}
		}
	}
	if (c.kind == kindUnknown || c.kind == kindMUD) && !end {
		c.names.last = name
		c.askName()
	} else {
		c.names.last = ""
	}
}

// meetMUD settles that the peer is the client of a MUD, and offers what such clients understand.
func (c *Conn) meetMUD() {
	c.kind, c.edits = kindMUD, kindMUD
	c.refuseAsked()
	c.enable(Us, OptEOR)
	c.enable(Us, OptCharset)
	c.enable(Us, OptGMCP)
	c.enable(Him, OptEnviron)
}

// beginsWith reports whether name begins with one of prefixes, which are in upper case.
func beginsWith(name string, prefixes ...string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// cleanName returns the printable ASCII of name, cut to what is kept.
func cleanName(name []byte) string {
	clean := make([]byte, 0, maxNameLength)
	for _, b := range name {
		if b >= ' ' && b <= '~' && len(clean) < maxNameLength {
			clean = append(clean, b)
		}
	}
	return string(clean)
}
