package telnettest

// A Kind says which real program a [Client] behaves like.
type Kind string

// The kinds of client, as they were measured.
const (
	Xterm Kind = "xterm" // GNU inetutils telnet 2.4 in an xterm, with a port given
	Putty Kind = "putty" // plink 0.78, the telnet of PuTTY
	Mud   Kind = "mud"   // TinTin++ 2.02
	Line  Kind = "line"  // netcat at a terminal: no telnet at all
	Raw   Kind = "raw"   // sends what it is told and answers nothing
	Keys  Kind = "keys"  // a terminal that sends every key, shows what it is sent, and knows no telnet

	Dumb    Kind = "dumb"    // GNU inetutils telnet 2.4 at a terminal that knows no sequences
	BusyBox Kind = "busybox" // BusyBox telnet 1.35 in an xterm
)

// habits are what tells one kind from another.
type habits struct {
	telnet  bool   // takes telnet commands for what they are
	keys    bool   // always sends every key, and shows none by itself
	opening string // sent first, in the words of [Bytes]

	us  []byte // options it performs when asked: WILL to every DO
	him []byte // options it lets the server perform: DO to every WILL

	names      []string // answers to SB TTYPE SEND, the last one for ever
	quietWont  bool     // does not answer WONT ECHO
	echoOnce   bool     // sends every key while ECHO is agreed, says so on the screen, and agrees to that but once
	sgaAlone   bool     // sends every key already when only SGA is agreed, with local echo
	losesLine  bool     // forgets a half-typed line when the mode changes, instead of sending it
	enterLine  string   // how Enter is sent in line mode
	enterChar  string   // and in character mode
	interrupt  string   // what Ctrl-C sends in line mode, in words
	dies       bool     // Ctrl-C in line mode ends it
	endOfInput string   // what Ctrl-D on an empty line sends in line mode; "" is the end of what it sends
	stays      bool     // keeps the connection when the server has closed it
}

// inetutils returns the habits of GNU inetutils telnet at a terminal of that name.
func inetutils(terminal string) habits {
	return habits{
		telnet: true,
		us:     []byte{optTM, optTTYPE, optNAWS, optTSPEED, optLINEMODE, optNewEnviron},
		him:    []byte{optEcho, optSGA}, names: []string{terminal}, sgaAlone: true,
		enterLine: "\r\n", enterChar: "\r\x00", interrupt: "IAC IP IAC DO TM", endOfInput: `"\x04"`,
	}
}

var kinds = map[Kind]habits{
	Xterm: inetutils("XTERM"),
	Dumb:  inetutils("DUMB"),
	Putty: {
		telnet: true,
		opening: "IAC WILL NAWS IAC WILL TSPEED IAC WILL TTYPE IAC WILL NEW-ENVIRON " +
			"IAC DO ECHO IAC WILL SGA IAC DO SGA",
		us:  []byte{optTTYPE, optNAWS, optTSPEED, optNewEnviron, optSGA},
		him: []byte{optEcho, optSGA}, names: []string{"XTERM"}, sgaAlone: true,
		enterLine: "\n", enterChar: "\r\x00", dies: true, endOfInput: "IAC EOF",
	},
	Mud: {
		telnet: true,
		us:     []byte{optTTYPE, optNAWS, optNewEnviron, optCHARSET},
		him:    []byte{optEcho, optSGA, optEOR, optCHARSET},
		names:  []string{"TINTIN++", "xterm-256color", "MTTS 271"}, quietWont: true, losesLine: true,
		enterLine: "\r\n", enterChar: "\r\n",
	},
	BusyBox: {
		telnet: true,
		us:     []byte{optTTYPE, optNAWS},
		him:    []byte{optEcho, optSGA}, names: []string{"xterm"}, echoOnce: true,
		enterLine: "\r\n", enterChar: "\r\n",
	},
	Line: {enterLine: "\n", dies: true, stays: true},
	Keys: {keys: true, enterChar: "\r"},
	Raw:  {enterLine: "\r\n", stays: true},
}
