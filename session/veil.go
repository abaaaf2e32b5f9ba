package session

import "strings"

// A veil covers the end of a line that holds a password, and goes on doing so whatever becomes of the line while it is
// edited: that "register" got an x in front makes no password less secret. The zero veil covers nothing.
type veil struct {
	line string
	from int // where the covered part of line begins
}

// follow says that the line is now what is given, in which a password is known to begin at from, or none if that is its
// length. It returns where the covered part begins.
func (v *veil) follow(line string, from int) int {
	if covered := v.line[v.from:]; covered != "" {
		switch {
		case strings.HasSuffix(line, covered): // the change was in front of it
			from = min(from, len(line)-len(covered))
		case strings.HasPrefix(line, v.line[:v.from]): // in it
			from = min(from, v.from)
		default: // across its beginning
			from = min(from, commonStart(line, v.line))
		}
	}
	v.line, v.from = line, from
	return from
}
