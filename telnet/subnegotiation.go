package telnet

import (
	"bytes"
	"encoding/binary"
	"time"
)

// The window sizes that are believed. Terminals of no size or of one column are told by clients that have none, and
// what draws lines needs room for a prompt.
const (
	minColumns = 40
	maxColumns = 500
	minRows    = 1
	maxRows    = 500
)

// Subnegotiation codes of CHARSET, RFC 2066.
const (
	charsetREQUEST  = 1
	charsetACCEPTED = 2
	charsetREJECTED = 3
)

const utf8Name = "UTF-8"

// subnegotiate handles what the peer tells about an option; about one that is not agreed it has nothing to tell.
func (c *Conn) subnegotiate(option byte, data []byte) {
	switch option {
	case OptNAWS:
		if c.learnSize(data) {
			changed, _ := c.notices()
			changed()
		}
	case OptTTYPE:
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.negotiator.Enabled(Him, OptTTYPE) {
			c.learnName(data)
		}
	case OptCharset:
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.negotiator.Enabled(Us, OptCharset) || c.negotiator.Enabled(Him, OptCharset) {
			c.learnCharset(data)
		}
	case OptGMCP:
		if c.learnMessage(data) {
			changed, _ := c.notices()
			changed()
		}
	case OptEnviron:
		if c.learnEnvironment(data) {
			changed, _ := c.notices()
			changed()
		}
	}
}

// Size returns the columns and rows of the peer's window, each 0 where it is unknown, otherwise 40–500 columns and
// 1–500 rows.
func (c *Conn) Size() (columns, rows int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.columns, c.rows
}

// learnSize takes a window size, RFC 1073, and reports whether it is a new one.
func (c *Conn) learnSize(data []byte) (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(data) != 4 || !c.negotiator.Enabled(Him, OptNAWS) {
		return false
	}
	columns := clamp(binary.BigEndian.Uint16(data), minColumns, maxColumns)
	rows := clamp(binary.BigEndian.Uint16(data[2:]), minRows, maxRows)
	changed = columns != c.columns || rows != c.rows
	c.columns, c.rows = columns, rows
	return changed
}

// clamp brings size between least and most; 0, an unknown size, stays.
func clamp(size uint16, least, most int) int {
	if size == 0 {
		return 0
	}
	return max(least, min(int(size), most))
}

// offerCharset asks the peer to use UTF-8. Whether it agrees or not, there is nothing else that we would send.
func (c *Conn) offerCharset() {
	c.offered = true
	data := append([]byte{charsetREQUEST, ';'}, utf8Name...)
	c.queue = Command{Code: SB, Option: OptCharset, Data: data}.Append(c.queue)
}

// learnCharset answers the peer's request to use one of several character sets: with UTF-8, if it is among them, unless
// our own request is out, for then the server's is the one that counts (RFC 2066).
func (c *Conn) learnCharset(data []byte) {
	if len(data) == 0 {
		return
	}
	if data[0] == charsetACCEPTED || data[0] == charsetREJECTED {
		c.offered = false
	}
	if data[0] != charsetREQUEST || !c.budget.take(time.Now()) {
		return
	}
	reply := []byte{charsetREJECTED}
	list := data[1:]
	// A request may begin with an offer of translation tables: the word and the version, one byte.
	if rest, ok := bytes.CutPrefix(list, []byte("[TTABLE]")); ok && len(rest) > 0 {
		list = rest[1:]
	}
	if len(list) > 1 && !c.offered {
		for name := range bytes.SplitSeq(list[1:], list[:1]) {
			if bytes.EqualFold(name, []byte(utf8Name)) {
				reply = append([]byte{charsetACCEPTED}, name...)
				break
			}
		}
	}
	c.queue = Command{Code: SB, Option: OptCharset, Data: reply}.Append(c.queue)
}
