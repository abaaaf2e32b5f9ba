package telnet

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// Subnegotiation codes of CHARSET, RFC 2066.
const (
	charsetREQUEST  = 1
	charsetACCEPTED = 2
	charsetREJECTED = 3
)

// A charset is a character set that may be agreed upon by CHARSET (RFC 2066).
type charset uint8

// The character sets that a peer is offered, in that order. The zero charset means that none was agreed upon.
const (
	noCharset charset = iota
	charsetUTF8
	charsetLatin1 // ISO 8859-1
	charsetCP437
	charsetASCII
)

// charsetNames are what the character sets are called, in any letter case: by the name that a peer is offered, and by
// others that the list of IANA has, or that are in use.
var charsetNames = [...][]string{
	charsetUTF8: {"UTF-8", "UTF8"},
	charsetLatin1: {"ISO-8859-1", "ISO_8859-1", "ISO_8859-1:1987", "ISO8859-1", "LATIN1", "LATIN-1", "L1", "IBM819",
		"CP819"},
	charsetCP437: {"CP437", "IBM437", "437"},
	charsetASCII: {"US-ASCII", "ASCII", "ANSI_X3.4-1968", "ISO646-US", "US"},
}

// charsetNamed returns the character set of that name, noCharset for an unknown one.
func charsetNamed(name []byte) charset {
	name = bytes.TrimSpace(name)
	for set, names := range charsetNames {
		if slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(known, string(name)) }) {
			return charset(set)
		}
	}
	return noCharset
}

// AgreedCharset returns the name of the character set that was agreed upon with the peer: "UTF-8", "ISO-8859-1",
// "CP437" or "US-ASCII", "" if none was.
func (c *Conn) AgreedCharset() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.charset == noCharset {
		return ""
	}
	return charsetNames[c.charset][0]
}

// offerCharset asks the peer to choose a character set. Nothing waits for the answer.
func (c *Conn) offerCharset() {
	c.offered = true
	data := []byte{charsetREQUEST}
	for _, names := range charsetNames[charsetUTF8:] {
		data = append(append(data, ';'), names[0]...)
	}
	c.tell(OptCharset, data)
}

// learnCharset takes what the peer says about the character set, and reports whether it is another one than before. A
// request is rejected while our own is out: the server's is the one that counts (RFC 2066).
func (c *Conn) learnCharset(data []byte) (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(data) == 0 || !c.negotiator.Enabled(Us, OptCharset) && !c.negotiator.Enabled(Him, OptCharset) {
		return false
	}
	before := c.charset
	switch what, rest := data[0], data[1:]; {
	case what == charsetACCEPTED && c.offered:
		c.offered = false
		if set := charsetNamed(rest); set != noCharset {
			c.charset = set
		}
	case what == charsetREJECTED:
		c.offered = false
	case what == charsetREQUEST && c.budget.take(time.Now()):
		set, name := noCharset, []byte(nil)
		if !c.offered {
			set, name = chosenCharset(rest)
		}
		reply := []byte{charsetREJECTED}
		if set != noCharset {
			c.charset = set
			reply = append([]byte{charsetACCEPTED}, name...)
		}
		c.tell(OptCharset, reply)
	}
	return c.charset != before
}

// chosenCharset returns what to take of a peer's list, and what the peer calls it: UTF-8, or the first that is known.
func chosenCharset(list []byte) (set charset, name []byte) {
	// A request may begin with an offer of translation tables: the word and the version, one byte.
	if rest, ok := bytes.CutPrefix(list, []byte("[TTABLE]")); ok && len(rest) > 0 {
		list = rest[1:]
	}
	if len(list) < 2 {
		return noCharset, nil
	}
	for one := range bytes.SplitSeq(list[1:], list[:1]) {
		if known := charsetNamed(one); known == charsetUTF8 || set == noCharset && known != noCharset {
			set, name = known, one
		}
		if set == charsetUTF8 {
			break
		}
	}
	return set, name
}
