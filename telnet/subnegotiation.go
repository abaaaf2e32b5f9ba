package telnet

import "encoding/binary"

// The window sizes that are believed. Terminals of no size or of one column are told by clients that have none, and
// what draws lines needs room for a prompt.
const (
	minColumns = 40
	maxColumns = 500
	minRows    = 1
	maxRows    = 500
)

// subnegotiate handles what the peer tells about an option; about one that is not agreed it has nothing to tell.
func (c *Conn) subnegotiate(option byte, data []byte) {
	news := false
	switch option {
	case OptNAWS:
		news = c.learnSize(data)
	case OptTTYPE:
		c.learnName(data)
	case OptCharset:
		news = c.learnCharset(data)
	case OptGMCP:
		news = c.learnMessage(data)
	case OptEnviron:
		news = c.learnEnvironment(data)
	}
	if news {
		changed, _ := c.notices()
		changed()
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
