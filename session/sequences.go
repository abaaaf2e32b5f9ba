package session

import (
	"strconv"
	"strings"
	"unicode"
)

// The modifiers of a key as terminals number them: the sum of these and 1. Caps Lock (64) and Num Lock (128) make no
// difference here; a key with any other is none of ours.
const (
	withShift = 1
	withAlt   = 2
	withCtrl  = 4
	locks     = 64 | 128
)

// released is the number of the event that a key is let go (kitty's keyboard protocol).
const released = 3

// ss3 says what ESC O and a letter mean: keys in application mode, and those of the keypad beside them.
func ss3(final byte) key {
	switch final {
	case 'A', 'B', 'C', 'D', 'F', 'H':
		return arrow(final, 0)
	case 'a', 'b', 'c', 'd': // rxvt with Ctrl
		return arrow(final-'a'+'A', withCtrl)
	case 'M':
		return keyEnter
	case 'X':
		return '='
	}
	if final >= 'j' && final <= 'y' {
		return key(final - 'j' + '*')
	}
	return keyNone
}

// csi says what ESC [, parameters and a final byte mean.
func csi(parameters string, final byte) key {
	fields := strings.Split(parameters, ";")
	// at returns a number of field i, whose parts are separated by colons, 0 where there is none, -1 for what is no
	// number.
	at := func(i, part int) int {
		if i >= len(fields) {
			return 0
		}
		parts := strings.Split(fields[i], ":")
		if part >= len(parts) || parts[part] == "" {
			return 0
		}
		n, err := strconv.ParseUint(parts[part], 10, 21)
		if err != nil {
			return -1
		}
		return int(n)
	}
	n, modifiers := at(0, 0), (max(at(1, 0), 1)-1)&^locks
	if n < 0 || at(1, 1) == released {
		return keyNone
	}
	switch final {
	case 'A', 'B', 'C', 'D', 'F', 'H':
		return arrow(final, modifiers)
	case 'u':
		shifted := at(0, 1)
		if text := at(2, 0); text >= ' ' && modifiers&(withAlt|withCtrl) == 0 && unicode.IsPrint(rune(text)) {
			return key(text) // what the key has typed, of which the terminal tells too
		}
		if n >= 0x80 && modifiers&withCtrl != 0 && at(0, 2) > 0 {
			n = at(0, 2) // the key that is there on a Latin keyboard
		}
		return typedWith(modifiers, n, shifted)
	case '~':
		switch n {
		case 1, 7:
			return keyHome
		case 4, 8:
			return keyEnd
		case 3:
			return keyDelete
		case 27:
			return typedWith(modifiers, at(2, 0), 0)
		case 200:
			return keyPaste
		case 201:
			return keyPasted
		}
	}
	return keyNone
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func arrow(final byte, modifiers int) key {
	word := modifiers&(withAlt|withCtrl) != 0
	switch {
	case final == 'A':
		return keyUp
	case final == 'B':
		return keyDown
	case final == 'C' && word:
		return keyWordRight
	case final == 'C':
		return keyRight
	case final == 'D' && word:
		return keyWordLeft
	case final == 'D':
		return keyLeft
	case final == 'F':
		return keyEnd
	}
	return keyHome
}

// keypad says what the keys of the keypad mean in kitty's protocol, from 57399 on: the digits come first.
var keypad = [...]key{
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '/', '*', '-', '+', keyEnter, '=', ',',
	keyLeft, keyRight, keyUp, keyDown, keyNone, keyNone, keyHome, keyEnd, keyNone, keyDelete,
}

// typedWith returns the key of a terminal that tells character and modifiers apart: in a mode of xterm
// (modifyOtherKeys) or of kitty that a program before us has left on. shifted is the character with Shift, 0 if it is
// not told.
func typedWith(modifiers, code, shifted int) key {
	const firstKeypad = 57399
	switch {
	case code <= 0 || modifiers&^(withShift|withAlt|withCtrl) != 0:
		return keyNone
	case code >= firstKeypad && code < firstKeypad+len(keypad):
		return keypad[code-firstKeypad]
	case code >= 57344 && code <= 63743: // other keys: F13, the volume, Shift alone
		return keyNone
	case code == 0x08 || code == del:
		if modifiers&(withAlt|withCtrl) != 0 {
			return keyKillWord
		}
		return keyErase
	case code == '\r':
		return keyEnter
	case code < ' ':
		return controls[code]
	case modifiers&withCtrl != 0:
		switch control := code & 0x1F; {
		case code < '@' || code >= del:
			return keyNone
		case control == '\r':
			return keyEnter
		default:
			return controls[control]
		}
	case modifiers&withAlt != 0 && code < del && alts[byte(code)] != keyNone:
		return alts[byte(code)]
	case !unicode.IsPrint(rune(code)) && !unicode.IsSpace(rune(code)):
		return keyNone
	case modifiers&withShift != 0 && unicode.IsPrint(rune(shifted)):
		return key(shifted)
	case modifiers&withShift != 0:
		return key(unicode.ToUpper(rune(code)))
	}
	return key(code)
}
