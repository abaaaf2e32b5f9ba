package session

import (
	"cmp"
	"time"
	"unicode/utf8"
)

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
	keyTakeBack
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
	keyPaste // pasted text begins: until keyPasted
	keyPasted
)

// controls says what the control bytes mean. What is not here means nothing.
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
	0x18: keyTakeBack,
	0x19: keyYank,
	0x7F: keyErase,
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

const (
	// escPause is how long the bytes of one key may be apart. What comes later was typed by somebody who had pressed
	// ESC.
	escPause = 50 * time.Millisecond
	// pastePause is the same for a paste that the terminal has marked, which may be long and the line slow.
	pastePause = time.Second

	maxSequence = 64  // bytes; the longest keys have about 30
	maxString   = 256 // bytes; terminals send none longer unasked
)

// A keyDecoder finds the keys in a stream of bytes, whatever the pieces it comes in. Sequences that mean nothing are
// swallowed whole, but only whole ones: of one that is broken off, too long or followed by a pause nothing but the ESC
// is lost. That was somebody who pressed ESC, or Alt and a key, and then typed on.
type keyDecoder struct {
	state  decoderState
	n      uint8
	buf    [utf8.UTFMax]byte // the first n bytes of a rune
	held   []byte            // what has come of a sequence, without its ESC
	replay []byte            // what was held and is text
	pasted bool              // what comes was pasted, says the terminal
	last   time.Time         // when the last byte came, if what follows may belong to it
	wait   time.Duration     // instead of escPause, if not zero
	// plain says that the line is sent whole, or not seen. No pause tells ESC and a word from Alt and a key then, and
	// Alt does nothing: what may be a word is one.
	plain bool
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

// begin says that input has come, end that all there was has been given to next. They take the time.
func (d *keyDecoder) begin() {
	if d.last.IsZero() {
		return
	}
	pause := time.Since(d.last)
	d.last = time.Time{}
	if d.pasted && pause >= pastePause {
		d.pasted = false
	}
	if pause >= cmp.Or(d.wait, escPause) && d.state > inRune {
		d.giveUp()
	}
}

func (d *keyDecoder) end() {
	if d.state > inRune || d.pasted {
		d.last = time.Now()
	}
}

// untouched reports whether what comes belongs to nothing that came before.
func (d *keyDecoder) untouched() bool { return d.state == ground && len(d.replay) == 0 && !d.pasted }

// letters returns how many bytes, from the first on, are keys of their own that mean themselves, as most of what is
// typed is: printable ASCII, where nothing came before that it belongs to. next need not have them.
func (d *keyDecoder) letters(p []byte) (n int) {
	if !d.untouched() {
		return 0
	}
	for n < len(p) && p[n] >= ' ' && p[n] < del {
		n++
	}
	return n
}

// next takes one byte. It returns the key that is now complete, or keyNone; again says that b does not belong to what
// came before it and is to be given once more.
func (d *keyDecoder) next(b byte) (k key, again bool) {
	if len(d.replay) == 0 {
		d.replay = nil
		k, again = d.step(b)
	} else {
		if k, again = d.step(d.replay[0]); !again {
			d.replay = d.replay[1:]
		}
		again = true
	}
	switch {
	case k == keyPaste:
		d.pasted = true
	case k == keyPasted:
		d.pasted = false
	case k == keyInterrupt: // whoever wants to hear no more of the paste says so
	case d.pasted && k == keyTab:
		return ' ', again
	case d.pasted && k != keyEnter:
		k = max(k, keyNone) // a paste presses no keys
	}
	return k, again
}

func (d *keyDecoder) step(b byte) (k key, again bool) {
	control := b < 0x20 || b == del
	switch d.state {
	case ground:
		return d.first(b), false
	case inRune:
		return d.rune(b)
	case afterESC:
		return d.escaped(b)
	case afterESCInStr:
		if b == '\\' {
			d.drop()
			return keyNone, false
		}
		d.held = append(d.held, esc)
		return d.giveUp()
	}
	switch {
	case b == can, b == sub, d.state == inString && b == bel:
		d.drop()
		return keyNone, false
	case d.state == inString && b == esc:
		d.state = afterESCInStr
		return keyNone, false
	case control, d.state != inString && (b > del || len(d.held) == maxSequence), len(d.held) == maxString:
		return d.giveUp()
	}
	return d.sequence(b)
}

// giveUp makes text of what was held.
func (d *keyDecoder) giveUp() (k key, again bool) {
	d.replay = d.held
	d.drop()
	return keyNone, true
}

func (d *keyDecoder) drop() { d.state, d.held = ground, nil }

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
	d.state = ground
	switch b {
	case '[':
		d.state = inCSI
	case 'O':
		d.state = inSS3
	case ']', 'P', 'X', '^', '_':
		d.state = inString
	default:
		// Somebody who pressed ESC by mistake must not lose the next character.
		if k = alts[b]; d.plain && b < del {
			k = keyNone
		}
		return k, k == keyNone
	}
	d.held = append(d.held, b)
	return keyNone, false
}

// sequence takes a byte that is no control character in a sequence or a string.
func (d *keyDecoder) sequence(b byte) (k key, again bool) {
	d.held = append(d.held, b)
	parameters := string(d.held[1 : len(d.held)-1])
	switch {
	case d.plain && (d.state == inCSI || d.state == inSS3) && parameters == "" && (b == ' ' || b >= 'a' && b <= 'z'):
		d.held = d.held[:len(d.held)-1]
		return d.giveUp()
	case d.state == inString:
		return keyNone, false
	case d.state == inFunction && (b < 'A' || b > 'E'):
		d.held = d.held[:len(d.held)-1]
		return d.giveUp()
	case d.state == inMouse && len(d.held) < len("[M")+3:
		return keyNone, false
	case d.state == inMouse, d.state == inFunction:
	case b == '$' && isDigits(parameters): // rxvt with Shift
	case b < 0x40: // parameters
		return keyNone, false
	case d.state == inSS3:
		if k = ss3(b); k == keyNone && !(b >= 'P' && b <= 'S') && b != 'E' {
			d.held = d.held[:len(d.held)-1]
			return d.giveUp() // Alt and O, and the next word
		}
	case parameters == "" && b == '[':
		d.state = inFunction
		return keyNone, false
	case parameters == "" && b == 'M':
		d.state = inMouse
		return keyNone, false
	default:
		k = csi(parameters, b)
	}
	d.drop()
	return k, false
}
