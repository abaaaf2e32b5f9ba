package doors

import "bytes"

// maxFirst is how much of what a visitor sends first is looked at: a request line of HTTP is longer, but begins as one
// before that.
const maxFirst = 512

// first collects what a visitor sends first until it is known whether that is a protocol of the table.
type first struct{ bytes []byte }

// add adds what was received, byte by byte, so that the pieces in which it comes make no difference. It returns the
// name of the protocol, or "", and whether more may still change the answer.
func (f *first) add(received []byte) (protocol string, more bool) {
	for _, b := range received {
		if len(f.bytes) == maxFirst {
			return "", false
		}
		f.bytes = append(f.bytes, b)
		if protocol, more = Recognize(f.bytes); !more {
			return protocol, false
		}
	}
	return "", true
}

// Recognize returns the name of the protocol of which sent is the beginning, "" if it knows none. more says that what
// follows may still change that.
//
// Text that a person may type as a name or a command is none of these protocols: a single word never is, and most words
// of a request have to be as the protocol writes them.
func Recognize(sent []byte) (protocol string, more bool) {
	if len(sent) == 0 {
		return "", true
	}
	if sent[0] == iac && len(sent) > 1 && sent[1] >= endOfSubnegotiation && sent[1] < iac {
		return "", false // a client of telnet: no program of another protocol says that first
	}
	text := bytes.TrimLeft(sent, "\r\n")
	line, whole := firstLine(text)
	for i := range patterns {
		matches := patterns[i].match(sent)
		if len(text) < len(sent) {
			matches = max(matches, patterns[i].match(text))
		}
		switch matches {
		case yes:
			return patterns[i].name, false
		case maybe:
			more = true
		}
	}
	if name := recognizeLine(line, whole); name != "" {
		return name, false
	}
	return "", more || !whole
}

const (
	iac                 = 0xff // the byte with which each command of telnet begins (RFC 854)
	endOfSubnegotiation = 0xf0 // the command with the smallest code
)

// firstLine returns the first line of sent, without its end, and whether its end is there.
func firstLine(sent []byte) (line []byte, whole bool) {
	for i, b := range sent {
		if b == '\n' || b == '\r' {
			return sent[:i], true
		}
	}
	return sent, false
}
