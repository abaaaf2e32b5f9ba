package session

import "unicode/utf8"

// A key is a rune that was typed, printable or not, or one of the keys below. Terminals spell the same key in many
// ways; keyDecoder knows them.
type key rune

const (
	keyNone key = -iota // nothing, or nothing yet
	keyEnter
	keyInterrupt
	keyEOF // Ctrl-D, which in the middle of a line is Delete
	keyTab
	keyRedraw
	keyErase  // Backspace: the character before the cursor
	keyDelete // the character at the cursor
	keyKillWord
	keyKillStart
	keyKillEnd
	keyYank
	keyLeft
	keyRight
	keyWordLeft
	keyWordRight
	keyHome
	keyEnd
	keyUp
	keyDown
)

// controls says what the control bytes mean. What is not here means nothing: in the library behind the editor Ctrl-Z stops
// the server, Ctrl-R and Ctrl-T crash it.
var controls = [...]key{
	0x01: keyHome,
	0x02: keyLeft,
	0x03: keyInterrupt,
	0x04: keyEOF,
	0x05: keyEnd,
	0x06: keyRight,
	0x08: keyErase,
	'\t': keyTab,
	'\n': keyEnter,
	0x0B: keyKillEnd,
	0x0C: keyRedraw,
	0x0E: keyDown,
	0x10: keyUp,
	0x15: keyKillStart,
	0x17: keyKillWord,
	0x19: keyYank,
	0x7F: keyErase,
}

// sequences says what the control sequences mean that begin with ESC [ or ESC O, by what follows.
var sequences = map[string]key{
	"A": keyUp, "B": keyDown, "C": keyRight, "D": keyLeft,
	"H": keyHome, "1~": keyHome, "7~": keyHome,
	"F": keyEnd, "4~": keyEnd, "8~": keyEnd,
	"3~":   keyDelete,
	"1;5C": keyWordRight, "1;5D": keyWordLeft,
}

// alts says what ESC and one byte mean: Alt and a key.
var alts = map[byte]key{'b': keyWordLeft, 'f': keyWordRight, 0x08: keyKillWord, 0x7F: keyKillWord}

const (
	bel = 0x07
	can = 0x18 // CAN and SUB break a sequence off (ECMA-48, section 8.3.6)
	sub = 0x1A
	esc = 0x1B
	del = 0x7F
)

// A keyDecoder finds the keys in a stream of bytes, whatever the pieces it comes in. Sequences that mean nothing are
// swallowed whole, as long as they are; none takes more memory than the decoder itself.
type keyDecoder struct {
	state decoderState
	n     uint8
	buf   [8]byte // the first n bytes of a rune, or of what follows ESC [
}

type decoderState uint8

const (
	ground decoderState = iota
	inRune
	afterESC
	inCSI         // ESC [, ECMA-48 section 5.4
	inSS3         // ESC O
	inString      // ESC and one of ] P X ^ _, ECMA-48 section 5.6
	afterESCInStr // ESC in a string: the end of it, if a backslash follows
	inMouse       // ESC [ M and three bytes, an old mouse report
	inFunction    // ESC [ [ and a letter, a function key of the Linux console
)

// next takes one byte. It returns the key that is now complete, or keyNone; again says that b does not belong to what came
// before it and is to be given once more.
func (d *keyDecoder) next(b byte) (k key, again bool) {
	control := b < 0x20 || b == del
	switch d.state {
	case ground:
		return d.first(b), false
	case inRune:
		return d.rune(b)
	case afterESC:
		return d.escaped(b)
	case inCSI, inSS3:
		return d.sequence(b)
	case inString:
		switch b {
		case bel, can, sub:
			d.state = ground
		case '\n', 0x03: // no terminal sends these in a string: somebody pressed ESC and then typed on
			d.state = ground
			return keyNone, true
		case esc:
			d.state = afterESCInStr
		}
		return keyNone, false
	case afterESCInStr:
		if b == '\\' {
			d.state = ground
			return keyNone, false
		}
		d.state = afterESC
		return keyNone, true
	default: // inMouse, inFunction
		d.n--
		if d.n == 0 || control {
			d.state, d.n = ground, 0
		}
		return keyNone, control
	}
}

func (d *keyDecoder) first(b byte) key {
	switch {
	case b == esc:
		d.state = afterESC
		return keyNone
	case int(b) < len(controls) && (b < 0x20 || b == del):
		return controls[b]
	case b < utf8.RuneSelf:
		return key(b)
	}
	k, _ := d.rune(b) // a first byte is never given again
	return k
}

// rune collects the bytes of one rune. Of bytes that are no rune as many as could have begun one are one U+FFFD
// (Unicode, section 3.9, "maximal subpart").
func (d *keyDecoder) rune(b byte) (k key, again bool) {
	d.buf[d.n] = b
	p := d.buf[:d.n+1]
	if !utf8.FullRune(p) {
		d.n++
		d.state = inRune
		return keyNone, false
	}
	d.state, d.n = ground, 0
	r, size := utf8.DecodeRune(p)
	return key(r), size < len(p)
}

func (d *keyDecoder) escaped(b byte) (k key, again bool) {
	d.state, d.n = ground, 0
	switch b {
	case '[':
		d.state = inCSI
	case 'O':
		d.state = inSS3
	case ']', 'P', 'X', '^', '_':
		d.state = inString
	default:
		// Somebody who pressed ESC by mistake must not lose the next character.
		k = alts[b]
		return k, k == keyNone
	}
	return keyNone, false
}

func (d *keyDecoder) sequence(b byte) (k key, again bool) {
	switch {
	case b >= 0x20 && b < 0x40: // parameters
		if int(d.n) < len(d.buf) {
			d.buf[d.n] = b
			d.n++
		}
		return keyNone, false
	case b < 0x20 || b >= del:
		d.state, d.n = ground, 0
		return keyNone, true
	}
	state, n := d.state, int(d.n)
	d.state, d.n = ground, 0
	switch {
	case n == len(d.buf): // too long for any of ours
	case state == inCSI && n == 0 && b == '[':
		d.state, d.n = inFunction, 1
	case state == inCSI && n == 0 && b == 'M':
		d.state, d.n = inMouse, 3
	default:
		d.buf[n] = b
		k = sequences[string(d.buf[:n+1])]
	}
	return k, false
}
