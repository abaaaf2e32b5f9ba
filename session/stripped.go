package session

// A strippedWatch notices that a client (BSD's and Apple's telnet) strips the eighth bit of what is typed. A key beyond
// ASCII then comes as two to four bytes at once, the first of which was the first byte of a rune (RFC 3629), the others
// below 0x40; while other keys come as one byte. The zero value is ready to use.
type strippedWatch struct {
	stripped uint8 // reads that look so
	settled  bool  // there is no more to find out
}

// read is told of all that is read from a terminal that sends every key, and reports, once, that its client strips the
// bit.
func (w *strippedWatch) read(p []byte) bool {
	for _, b := range p {
		w.settled = w.settled || b >= 0x80
	}
	switch {
	case w.settled, len(p) < 2, len(p) > 4, p[0] <= ' ':
		return false
	case !withoutBit(p): // somebody types fast, or pastes
		w.stripped = 0
		return false
	}
	w.stripped++
	w.settled = w.stripped == 3
	return w.settled
}

// withoutBit reports whether p may be one rune whose bytes have lost their eighth bit.
func withoutBit(p []byte) bool {
	first := [...][2]byte{2: {0x42, 0x5F}, 3: {0x60, 0x6F}, 4: {0x70, 0x74}}[len(p)]
	if p[0] < first[0] || p[0] > first[1] {
		return false
	}
	for _, b := range p[1:] {
		if b >= 0x40 {
			return false
		}
	}
	return true
}
