package telnet

// Commands, the bytes that follow IAC: RFC 854; EOF, SUSP and ABORT are from RFC 1184, EOR from RFC 885.
const (
	EOF   = 236 // end of file
	SUSP  = 237 // suspend process
	ABORT = 238 // abort process
	EOR   = 239 // end of record: here, a prompt ends
	SE    = 240 // end of subnegotiation
	NOP   = 241
	DM    = 242 // data mark, the end of a Synch
	BRK   = 243 // break
	IP    = 244 // interrupt process
	AO    = 245 // abort output
	AYT   = 246 // are you there
	EC    = 247 // erase character
	EL    = 248 // erase line
	GA    = 249 // go ahead
	SB    = 250 // subnegotiation begins
	WILL  = 251
	WONT  = 252
	DO    = 253
	DONT  = 254
	IAC   = 255 // interpret as command
)

// Options that this package knows more of than how to refuse them.
const (
	OptBinary  = 0   // 8-bit data, RFC 856
	OptEcho    = 1   // RFC 857
	OptSGA     = 3   // suppress go ahead, RFC 858
	OptTM      = 6   // timing mark, RFC 860
	OptTTYPE   = 24  // terminal type, RFC 1091
	OptEOR     = 25  // end of record, RFC 885
	OptNAWS    = 31  // negotiate about window size, RFC 1073
	OptEnviron = 39  // new environment, RFC 1572
	OptCharset = 42  // RFC 2066
	OptMSSP    = 70  // the MUD Server Status Protocol
	OptGMCP    = 201 // the Generic MUD Communication Protocol
)

// A Command is one command of the peer. The zero Command is none.
type Command struct {
	// Code is what followed IAC: SB for a whole subnegotiation, never IAC or SE.
	Code byte
	// Option is the option that WILL, WONT, DO, DONT or SB is about, otherwise 0.
	Option byte
	// Data is what a subnegotiation carries after the option, every doubled IAC made one again.
	Data []byte
}

// Append appends c to dst as it travels on the wire and returns the result. c must not be zero.
func (c Command) Append(dst []byte) []byte {
	dst = append(dst, IAC, c.Code)
	switch c.Code {
	case WILL, WONT, DO, DONT:
		dst = append(dst, c.Option)
	case SB:
		dst = appendDoubled(dst, c.Option)
		for _, b := range c.Data {
			dst = appendDoubled(dst, b)
		}
		dst = append(dst, IAC, SE)
	}
	return dst
}

func appendDoubled(dst []byte, b byte) []byte {
	if b == IAC {
		dst = append(dst, IAC)
	}
	return append(dst, b)
}
