package telnettest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser cuts what a terminal receives into characters, controls and sequences (ECMA-48, section 5.4), however it
// arrives in pieces. It keeps at most a sequence or a character of 64 bytes.
type parser struct {
	state parserState
	held  []byte // the sequence or character begun
}

type parserState uint8

const (
	ground parserState = iota
	escape
	control // CSI
	command // OSC, DCS and their like, up to ST or BEL
)

const maxSequence = 64

// Write shows p. It returns [ErrScreenFull] when the screen has no more room, no other error.
func (s *Screen) Write(p []byte) (int, error) {
	for _, b := range p {
		if len(s.grid) >= maxRows {
			return 0, ErrScreenFull
		}
		s.next(b)
	}
	return len(p), nil
}

func (s *Screen) next(b byte) {
	p := &s.parser
	if len(p.held) == maxSequence {
		s.dontKnow(p.held)
		p.held = append(p.held[:maxSequence-2], p.held[maxSequence-1]) // the ESC of a coming ST
	}
	switch p.state {
	case ground:
		s.nextInText(b)
	case escape:
		p.held = append(p.held, b)
		switch b {
		case '[':
			p.state = control
		case ']', 'P', 'X', '^', '_':
			p.state = command
		case '7':
			s.savedX, s.savedY = s.x, s.y-s.top
			s.endSequence()
		case '8':
			s.moveTo(s.savedX, s.savedY)
			s.endSequence()
		default:
			s.dontKnow(p.held)
			s.endSequence()
		}
	case control:
		p.held = append(p.held, b)
		if b < 0x20 || b >= 0x40 {
			if !s.controlSequence(string(p.held[2:len(p.held)-1]), b) {
				s.dontKnow(p.held)
			}
			s.endSequence()
		}
	case command:
		end := b == '\a' || b == '\\' && p.held[len(p.held)-1] == 0x1b
		p.held = append(p.held, b)
		if end {
			s.dontKnow(p.held)
			s.endSequence()
		}
	}
}

func (s *Screen) endSequence() {
	s.parser.state = ground
	s.parser.held = s.parser.held[:0]
}

// nextInText handles a byte outside of sequences; p.held is a character begun.
func (s *Screen) nextInText(b byte) {
	p := &s.parser
	if len(p.held) > 0 && utf8.RuneStart(b) {
		s.print(utf8.RuneError)
		p.held = p.held[:0]
	}
	if b < 0x20 || b == 0x7f {
		s.control(b)
		return
	}
	p.held = append(p.held, b)
	if !utf8.FullRune(p.held) {
		return
	}
	r, _ := utf8.DecodeRune(p.held)
	if r >= 0x80 && r < 0xa0 { // C1, of which CSI is one, work in UTF-8 too
		s.dontKnow(p.held)
	} else {
		s.print(r)
	}
	p.held = p.held[:0]
}

func (s *Screen) control(b byte) {
	switch b {
	case '\r':
		s.x, s.pending = 0, false
	case '\n':
		s.lineFeed()
	case '\b':
		s.x, s.pending = max(s.x-1, 0), false
	case '\t':
		s.x = min(s.x/8*8+8, s.columns-1)
	case 0x1b:
		s.parser.held = append(s.parser.held, b)
		s.parser.state = escape
	case 0, '\a', 0x18, 0x7f: // NUL, BEL, DEL; CAN, which is also how netcat shows the 24 of IAC DO TTYPE
	default:
		s.dontKnow([]byte{b})
	}
}

// controlSequence does what CSI, parameters and a final byte say, and reports whether it knew how.
func (s *Screen) controlSequence(parameters string, final byte) bool {
	if strings.HasPrefix(parameters, "?") {
		shown := parameters == "?25" || parameters == "?2004"
		return shown && (final == 'h' || final == 'l')
	}
	var n [2]int
	fields := strings.Split(parameters, ";")
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 10, 16)
		if err != nil && f != "" {
			return false
		}
		if i < len(n) {
			n[i] = int(v)
		}
	}
	if final == 'm' {
		return true
	}
	if len(fields) > 1 && final != 'H' && final != 'f' {
		return false
	}
	row, times := s.y-s.top, max(n[0], 1)
	switch final {
	case 'A':
		s.moveTo(s.x, row-times)
	case 'B':
		s.moveTo(s.x, row+times)
	case 'C':
		s.moveTo(s.x+times, row)
	case 'D':
		s.moveTo(s.x-times, row)
	case 'G':
		s.moveTo(times-1, row)
	case 'H', 'f':
		s.moveTo(max(n[1], 1)-1, times-1)
	case 'J':
		return s.eraseScreen(n[0])
	case 'K':
		return s.eraseLine(n[0])
	default:
		return false
	}
	return true
}

// eraseLine is EL. At the last column it takes the character there, as in xterm.
func (s *Screen) eraseLine(how int) bool {
	from, to := s.x, s.columns
	switch how {
	case 0:
	case 1:
		from, to = 0, s.x+1
	case 2:
		from = 0
	default:
		return false
	}
	s.pending = false
	s.clear(s.y, from, to)
	if to == s.columns {
		s.grid[s.y].wrapped = false
	}
	return true
}

// eraseScreen is ED.
func (s *Screen) eraseScreen(how int) bool {
	from, to := s.y+1, len(s.grid)
	switch how {
	case 0:
		s.eraseLine(0)
	case 1:
		s.eraseLine(1)
		from, to = s.top, s.y
	case 2:
		s.pending = false
		from = s.top
		if from > 0 {
			s.grid[from-1].wrapped = false
		}
	default:
		return false
	}
	for y := from; y < to; y++ {
		s.grid[y] = s.blank()
	}
	return true
}

func (s *Screen) dontKnow(sequence []byte) {
	if len(s.unknown) < 10 {
		s.unknown = append(s.unknown, fmt.Sprintf("%q", sequence))
	}
}
