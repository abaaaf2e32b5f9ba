package telnet_test

import (
	"strings"
	"testing"

	"parley/telnet"
)

// play runs a script against a Negotiator: words of the peer, "on us X" and "off him X" for Enable and Disable, each
// followed, after "->", by what is to be said, if anything, and in brackets the state of the option: on, off, asked,
// waiting.
func play(t *testing.T, n *telnet.Negotiator, script string) {
	t.Helper()
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		said, want, _ := strings.Cut(line, " ->")
		want = strings.TrimSpace(want)
		f := strings.Fields(said)
		var verb, o byte
		side := telnet.Us
		switch f[0] {
		case "on", "off":
			if f[1] == "him" {
				side = telnet.Him
			}
			o = option(t, f[2])
			if f[0] == "on" {
				verb = n.Enable(side, o)
			} else {
				verb = n.Disable(side, o)
			}
		default:
			c, _ := code(verbNames, f[0])
			if c == telnet.WILL || c == telnet.WONT {
				side = telnet.Him
			}
			o = option(t, f[1])
			verb = n.Receive(c, o)
		}
		state := "[off]"
		switch {
		case n.Enabled(side, o):
			state = "[on]"
		case n.Asked(side, o):
			state = "[asked]"
		case n.Pending(side, o):
			state = "[waiting]"
		}
		got := strings.TrimSpace(verbNames[verb] + " " + state)
		if got != want {
			t.Fatalf("%s: got %s, want %s", said, got, want)
		}
	}
}

func TestNegotiator(t *testing.T) {
	for _, tt := range []struct{ name, script string }{
		// RFC 1143, section 7, row by row; EOR stands for our options.
		{"NO, DO wanted", "DO EOR -> WILL [on]"},
		{"NO, DO not wanted", "DO NAWS -> WONT [off]"},
		{"NO, DONT", "DONT EOR -> [off]"},
		{"NO, on", "on us EOR -> WILL [waiting]"},
		{"NO, off", "off us EOR -> [off]"},
		{"YES, DO", "DO EOR -> WILL [on]\n DO EOR -> [on]"},
		{"YES, DONT", "DO EOR -> WILL [on]\n DONT EOR -> WONT [off]"},
		{"YES, on", "DO EOR -> WILL [on]\n on us EOR -> [on]"},
		{"YES, off", "DO EOR -> WILL [on]\n off us EOR -> WONT [waiting]"},
		{"WANTYES, DO", "on us EOR -> WILL [waiting]\n DO EOR -> [on]"},
		{"WANTYES, DONT", "on us EOR -> WILL [waiting]\n DONT EOR -> [off]"},
		{"WANTYES, on", "on us EOR -> WILL [waiting]\n on us EOR -> [waiting]\n DO EOR -> [on]"},
		{"WANTYES, off, DO", "on us EOR -> WILL [waiting]\n off us EOR -> [waiting]\n DO EOR -> WONT [waiting]\n " +
			"DONT EOR -> [off]"},
		{"WANTYES, off, DONT", "on us EOR -> WILL [waiting]\n off us EOR -> [waiting]\n DONT EOR -> [off]"},
		{"WANTYES, off, on", "on us EOR -> WILL [waiting]\n off us EOR -> [waiting]\n on us EOR -> [waiting]\n DO " +
			"EOR -> [on]"},
		{"WANTYES, off, off", "on us EOR -> WILL [waiting]\n off us EOR -> [waiting]\n off us EOR -> [waiting]\n " +
			"DO EOR -> WONT [waiting]"},
		{"WANTNO, DONT", "DO EOR -> WILL [on]\n off us EOR -> WONT [waiting]\n DONT EOR -> [off]"},
		{"WANTNO, DO", "DO EOR -> WILL [on]\n off us EOR -> WONT [waiting]\n DO EOR -> [off]"},
		{"WANTNO, on, DONT", "DO EOR -> WILL [on]\n off us EOR -> WONT [waiting]\n on us EOR -> [waiting]\n DONT " +
			"EOR -> WILL [waiting]\n DO EOR -> [on]"},
		{"WANTNO, on, DO", "DO EOR -> WILL [on]\n off us EOR -> WONT [waiting]\n on us EOR -> [waiting]\n DO EOR " +
			"-> [on]"},
		{"WANTNO, on, off", "DO EOR -> WILL [on]\n off us EOR -> WONT [waiting]\n on us EOR -> [waiting]\n off us " +
			"EOR -> [waiting]\n DONT EOR -> [off]"},

		// The other side, the words swapped.
		{"him, NO, WILL wanted", "WILL NAWS -> DO [on]"},
		{"him, NO, WILL not wanted", "WILL ECHO -> DONT [off]"},
		{"him, YES, WONT", "WILL NAWS -> DO [on]\n WONT NAWS -> DONT [off]"},
		{"him, WANTYES, WILL", "on him TTYPE -> DO [waiting]\n WILL TTYPE -> [on]\n WILL TTYPE -> [on]"},
		{"him, WANTYES, WONT", "on him TTYPE -> DO [waiting]\n WONT TTYPE -> [off]\n WONT TTYPE -> [off]"},
		{"him, YES, off", "WILL NAWS -> DO [on]\n off him NAWS -> DONT [waiting]\n WONT NAWS -> [off]"},
		{"the sides are two options", "WILL SGA -> DO [on]\n DO SGA -> [asked]\n on us SGA -> WILL [on]\n WONT SGA " +
			"-> DONT [off]\n DO SGA -> [on]"},

		// ECHO, which takes effect without a word of the peer.
		{"ECHO twice, never confirmed (TinTin++)", `on us ECHO -> WILL [waiting]
			DO ECHO -> [on]
			off us ECHO -> WONT [off]
			on us ECHO -> WILL [waiting]
			DO ECHO -> [on]
			off us ECHO -> WONT [off]`},
		{"ECHO twice, confirmed late (Mudlet)", `on us ECHO -> WILL [waiting]
			DO ECHO -> [on]
			off us ECHO -> WONT [off]
			on us ECHO -> WILL [waiting]
			DONT ECHO -> [waiting]
			DO ECHO -> [on]`},
		{"ECHO confirmed, then refused (BusyBox)", `on us ECHO -> WILL [waiting]
			DO ECHO -> [on]
			off us ECHO -> WONT [off]
			DONT ECHO -> [off]
			on us ECHO -> WILL [waiting]
			DONT ECHO -> [off]`},
		{"two WONTs owe two DONTs", `on us ECHO -> WILL [waiting]
			DO ECHO -> [on]
			off us ECHO -> WONT [off]
			on us ECHO -> WILL [waiting]
			off us ECHO -> [waiting]
			DONT ECHO -> [waiting]
			DO ECHO -> WONT [off]
			on us ECHO -> WILL [waiting]
			DONT ECHO -> [waiting]
			DONT ECHO -> [off]`},
		{"a DO clears what is owed", `on us ECHO -> WILL [waiting]
			DO ECHO -> [on]
			off us ECHO -> WONT [off]
			on us ECHO -> WILL [waiting]
			DO ECHO -> [on]
			DONT ECHO -> WONT [off]
			on us ECHO -> WILL [waiting]
			DONT ECHO -> [off]`},
		{"ECHO unanswered, off", "on us ECHO -> WILL [waiting]\n off us ECHO -> [waiting]\n DO ECHO -> WONT [off]"},
		{"ECHO ended by the peer", "on us ECHO -> WILL [waiting]\n DO ECHO -> [on]\n DONT ECHO -> WONT [off]"},

		// Wishes that are held.
		{"asked, on", "DO ECHO -> [asked]\n DO ECHO -> [asked]\n on us ECHO -> WILL [on]"},
		{"asked, off", "DO SGA -> [asked]\n off us SGA -> WONT [off]\n DO SGA -> [asked]\n off us SGA -> [asked]\n " +
			"on us SGA -> WILL [on]"},
		{"asked, withdrawn", "DO ECHO -> [asked]\n DONT ECHO -> [off]"},

		// What is never on.
		{"refused once", `WILL LINEMODE -> DONT [off]
			WILL LINEMODE -> [off]
			WONT LINEMODE -> [off]
			WILL LINEMODE -> [off]
			DO LINEMODE -> WONT [off]
			DO LINEMODE -> [off]
			DO 255 -> WONT [off]
			DO 255 -> [off]
			WILL 254 -> DONT [off]`},
		{"8-bit input", `WILL BINARY -> DO [on]
			WILL BINARY -> [on]
			DO BINARY -> WONT [off]
			WONT BINARY -> DONT [off]`},
		{"all that is refused", `DO BINARY -> WONT [off]
			WILL TSPEED -> DONT [off]
			WILL LFLOW -> DONT [off]
			WILL XDISPLOC -> DONT [off]
			WILL ENVIRON -> DONT [off]
			WILL NEW-ENVIRON -> DONT [off]
			WILL AUTH -> DONT [off]
			DO AUTH -> WONT [off]
			WILL ENCRYPT -> DONT [off]
			DO ENCRYPT -> WONT [off]
			DO STATUS -> WONT [off]
			DO LOGOUT -> WONT [off]
			DO MCCP -> WONT [off]
			DO CHARSET -> WONT [off]
			DO TTYPE -> WONT [off]
			WILL EOR -> DONT [off]`},
		{"a refusal is forgotten when we ask",
			"DO CHARSET -> WONT [off]\n on us CHARSET -> WILL [waiting]\n DONT CHARSET -> [off]\n DO CHARSET -> " +
				"WONT [off]"},
		{"refused, and then wanted", "DO CHARSET -> WONT [off]\n DO CHARSET -> [asked]\n off us CHARSET -> " +
			"[asked]\n on us CHARSET -> WILL [on]"},
		{"no support", "on us LINEMODE -> [off]\n off us LINEMODE -> [off]"},
		{"TIMING-MARK", "DO TM -> WILL [off]\n DO TM -> WILL [off]\n DONT TM -> [off]\n DO TM -> WILL [off]\n WILL " +
			"TM -> DONT [off]\n WILL TM -> [off]\n WONT TM -> [off]"},
	} {
		t.Run(tt.name, func(t *testing.T) { play(t, new(telnet.Negotiator), tt.script) })
	}
}

// FuzzNegotiator lets two ends talk to each other while both change their minds: they must come to an end, and agree.
func FuzzNegotiator(f *testing.F) {
	f.Add([]byte{0x00, 0x41, 0x10, 0x83, 0x3f})
	f.Add([]byte("\x00\x10\x20\x30\x40\x50\x60\x70"))
	f.Fuzz(func(t *testing.T, moves []byte) {
		options := []byte{telnet.OptEcho, telnet.OptSGA, telnet.OptTTYPE, telnet.OptEOR, telnet.OptNAWS,
			telnet.OptCharset, telnet.OptGMCP, 34}
		var ends [2]telnet.Negotiator
		var lines [2][][2]byte // what travels to each end
		said := 0
		say := func(from int, verb, o byte) {
			if verb != 0 {
				lines[1-from] = append(lines[1-from], [2]byte{verb, o})
				said++
			}
		}
		deliver := func(to int) bool {
			if len(lines[to]) == 0 {
				return false
			}
			m := lines[to][0]
			lines[to] = lines[to][1:]
			say(to, ends[to].Receive(m[0], m[1]), m[1])
			return true
		}
		for _, m := range moves {
			end, side, o := int(m&1), telnet.Side(m>>1&1), options[m>>2&7]
			switch m >> 5 {
			case 0, 1:
				say(end, ends[end].Enable(side, o), o)
			case 2, 3:
				say(end, ends[end].Disable(side, o), o)
			default:
				deliver(end)
			}
		}
		for deliver(0) || deliver(1) {
			// Each move may cost a request, its answer, and once for each option a queued change of mind with its own
			// answer.
			if said > 4*len(moves)+8*len(options) {
				t.Fatalf("%d moves, and still talking after %d words", len(moves), said)
			}
		}
		for _, o := range options {
			for us := range ends {
				if o != telnet.OptEcho && ends[us].Enabled(telnet.Us, o) != ends[1-us].Enabled(telnet.Him, o) {
					t.Errorf("end %d does not agree about option %d", us, o)
				}
			}
		}
	})
}
