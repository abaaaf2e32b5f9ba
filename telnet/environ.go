package telnet

import (
	"bytes"
	"time"
)

// Codes of NEW-ENVIRON, RFC 1572, section 2.
const (
	environIS   = 0
	environSEND = 1
	environINFO = 2

	environVAR     = 0
	environVALUE   = 1
	environESC     = 2
	environUSERVAR = 3
)

// linksVariable is what clients of MUDs say by NEW-ENVIRON of the sequence OSC 8. Nothing else is asked for, or taken:
// the rest is about the user.
const linksVariable = "OSC_HYPERLINKS"

// Links reports whether the peer says that it shows links, by the sequence OSC 8.
func (c *Conn) Links() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mud != nil && c.mud.links && c.negotiator.Enabled(Him, OptEnviron)
}

// askEnvironment asks the peer whether it shows links.
func (c *Conn) askEnvironment() {
	c.tell(OptEnviron, append([]byte{environSEND, environUSERVAR}, linksVariable...))
}

// learnEnvironment takes the answer to that, or what the peer says of it later, and reports whether it is news.
func (c *Conn) learnEnvironment(data []byte) (news bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.negotiator.Enabled(Him, OptEnviron) || len(data) == 0 || data[0] != environIS && data[0] != environINFO {
		return false
	}
	value, told := environValue(data[1:], linksVariable)
	if !told || !c.budget.take(time.Now()) {
		return false
	}
	links := value == "1"
	if news = links != (c.mud != nil && c.mud.links); news {
		c.mudNow().links = links
	}
	return news
}

// environValue returns the value of the variable of that name in a list of RFC 1572: "" for one that has none. Of a
// variable that is there more than once the last one counts.
func environValue(list []byte, name string) (value string, told bool) {
	for len(list) > 0 {
		var what, v []byte
		isVariable := list[0] == environVAR || list[0] == environUSERVAR
		what, list = environText(list[1:])
		if !isVariable {
			continue
		}
		if len(list) > 0 && list[0] == environVALUE {
			v, list = environText(list[1:])
		}
		if string(what) == name {
			value, told = string(v), true
		}
	}
	return value, told
}

// environText returns the text that list begins with, and what follows. A byte behind ESC is text whatever it is.
func environText(list []byte) (text, rest []byte) {
	var b bytes.Buffer
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == environESC && i+1 < len(list):
			i++
			b.WriteByte(list[i])
		case c <= environUSERVAR && c != environESC:
			return b.Bytes(), list[i:]
		case c != environESC:
			b.WriteByte(c)
		}
	}
	return b.Bytes(), nil
}
