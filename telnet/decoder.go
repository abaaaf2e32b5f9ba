package telnet

import (
	"errors"

	"parley/gmcp"
)

// ErrSubnegotiation is returned when a peer opens a subnegotiation and sends more than 16 KiB without closing it.
var ErrSubnegotiation = errors.New("telnet: subnegotiation without end")

const (
	maxKept           = 512       // bytes of a subnegotiation that are kept, but for GMCP; a longer one is dropped
	maxSubnegotiation = 16 * 1024 // bytes without SE after which the peer is not worth listening to
)

// A Decoder separates the text of a peer from its commands. The zero Decoder is ready to use.
//
// It remembers where it is across calls: the same bytes in other pieces give the same text and commands. It does no I/O
// and is not safe for concurrent use.
type Decoder struct {
	state   state
	afterCR bool   // a line has ended with CR; the LF or NUL that belongs to it may follow
	verb    byte   // WILL, WONT, DO or DONT, in stateOption
	kept    []byte // the subnegotiation so far, option first; nil where none is open or it is too long
	length  int    // the bytes of the subnegotiation so far, kept or not
}

type state uint8

const (
	stateText   state = iota
	stateIAC          // after IAC
	stateOption       // after WILL, WONT, DO, DONT
	stateSB           // in a subnegotiation
	stateSBIAC        // in a subnegotiation, after IAC
)

// Decode reads src until it is used up, a command is complete, or text has no more room in dst. It returns the number
// of bytes written to dst, the number read from src, and the command, which is zero if there is none; call it again
// with the rest of src. Text is never longer than what it is made of, so dst and src may begin at the same byte of
// memory.
//
// Every line of the text ends with '\n', however the peer spells it: CR LF, CR NUL, CR alone and LF alone are all in
// use. The '\n' is given at the CR, without waiting for what follows. NUL is dropped (RFC 854, "The NVT printer and
// keyboard"), IAC IAC is the byte 0xFF. Two bytes that are no known command are ignored. The Data of a command is the
// caller's to keep.
//
// Decode returns ErrSubnegotiation, then and ever after, when a subnegotiation passes all bounds.
func (d *Decoder) Decode(dst, src []byte) (nDst, nSrc int, cmd Command, err error) {
	if d.length > maxSubnegotiation {
		return 0, 0, Command{}, ErrSubnegotiation
	}
	for nSrc < len(src) {
		b := src[nSrc]
		switch d.state {
		case stateText:
			switch {
			case b == IAC:
				d.state = stateIAC
			case b == 0, b == '\n' && d.afterCR:
				d.afterCR = false
			case nDst == len(dst):
				return nDst, nSrc, Command{}, nil
			case b == '\r':
				d.afterCR = true
				dst[nDst] = '\n'
				nDst++
			default:
				d.afterCR = false
				dst[nDst] = b
				nDst++
			}
		case stateIAC:
			// A command leaves afterCR alone: the LF of a line may stand behind it.
			switch {
			case b == IAC:
				if nDst == len(dst) {
					return nDst, nSrc, Command{}, nil
				}
				d.state, d.afterCR = stateText, false
				dst[nDst] = IAC
				nDst++
			case b >= WILL:
				d.state, d.verb = stateOption, b
			case b == SB:
				d.state, d.kept, d.length = stateSB, nil, 0
			case b >= EOF && b != SE:
				d.state = stateText
				return nDst, nSrc + 1, Command{Code: b}, nil
			default:
				d.state = stateText
			}
		case stateOption:
			d.state = stateText
			return nDst, nSrc + 1, Command{Code: d.verb, Option: b}, nil
		case stateSB:
			if b == IAC {
				d.state = stateSBIAC
			} else if err := d.keep(b); err != nil {
				return nDst, nSrc, Command{}, err
			}
		case stateSBIAC:
			switch b {
			case IAC:
				if err := d.keep(IAC); err != nil {
					return nDst, nSrc, Command{}, err
				}
				d.state = stateSB
			case SE:
				data := d.kept
				d.state, d.kept = stateText, nil
				if len(data) > 0 {
					return nDst, nSrc + 1, Command{Code: SB, Option: data[0], Data: data[1:]}, nil
				}
			default:
				// Its SE was forgotten: the command is worth more than a subnegotiation that may be cut.
				d.state, d.kept = stateIAC, nil
				continue
			}
		}
		nSrc++
	}
	return nDst, nSrc, Command{}, nil
}

// keep adds b to the open subnegotiation.
func (d *Decoder) keep(b byte) error {
	d.length++
	switch {
	case d.length <= maxKept, len(d.kept) > 0 && d.kept[0] == OptGMCP && d.length <= 1+gmcp.MaxMessage:
		d.kept = append(d.kept, b)
	case d.length <= maxSubnegotiation:
		d.kept = nil
	default:
		return ErrSubnegotiation
	}
	return nil
}
