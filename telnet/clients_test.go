package telnet_test

import (
	"testing"
	"testing/synctest"
	"time"
)

const (
	window = `SB NAWS 0 80 0 24 SE`
	sendSB = "SB TTYPE 1 SE"
	opened = `DO TTYPE "\rWelcome\r\n"`
	// REQUEST ;UTF-8;ISO-8859-1;CP437;US-ASCII
	charset = `SB CHARSET 1 59 85 84 70 45 56 59 73 83 79 45 56 56 53 57 45 49 59 67 80 52 51 55 59 85 83` +
		` 45 65 83 67 73 73 SE`
)

// terminal answers as inetutils telnet does when a port is given.
func terminal(name string) map[string][]string {
	return map[string][]string{
		"DO TTYPE":  {"WILL TTYPE"},
		sendSB:      {`SB TTYPE 0 "` + name + `" SE`},
		"DO NAWS":   {"WILL NAWS " + window},
		"WILL ECHO": {"DO ECHO"},
		"WILL SGA":  {"DO SGA"},
	}
}

func with(answers map[string][]string, more map[string][]string) map[string][]string {
	for k, v := range more {
		answers[k] = v
	}
	return answers
}

// The clients of whom it is known, byte by byte, what they send: from connect to the prompt after a password, twice.
func TestClients(t *testing.T) {
	asksName := sendSB + " DO NAWS"
	switches := "WILL ECHO WILL SGA"
	namesOfMudlet := []string{`SB TTYPE 0 "MUDLET" SE`, `SB TTYPE 0 "ANSI-TRUECOLOR" SE`, `SB TTYPE 0 "MTTS 2349" SE`}
	mudlet := map[string][]string{
		"DO TTYPE":     {"WILL TTYPE"},
		sendSB:         namesOfMudlet,
		"DO NAWS":      {"WILL NAWS " + window},
		"WILL ECHO":    {"DO ECHO"},
		"WONT ECHO":    {"DONT ECHO"},
		"WILL EOR":     {"DO EOR"},
		"WILL CHARSET": {"DO CHARSET"},
		charset:        {`SB CHARSET 2 "UTF-8" SE`},
	}
	tintin := map[string][]string{
		"DO TTYPE":     {"WILL TTYPE"},
		sendSB:         {`SB TTYPE 0 "TINTIN++" SE`, `SB TTYPE 0 "xterm-256color" SE`, `SB TTYPE 0 "MTTS 271" SE`},
		"DO NAWS":      {"WILL NAWS " + window},
		"WILL ECHO":    {"DO ECHO"},
		"WILL EOR":     {"DO EOR"},
		"WILL CHARSET": {"DO CHARSET"},
		charset:        {`SB CHARSET 2 "UTF-8" SE`},
	}
	mudPackets := []string{asksName, "WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON " + sendSB, charset + " " + sendSB}
	// A prompt, a password and the line behind it; the second password in the same way.
	plainPrompts := []string{`"name: "`, `"password: "`, `"\r\n"`, `"password: "`, `"\r\n"`}
	mudPrompts := []string{
		`"name: " EOR`, `WILL ECHO "password: " EOR`, "WONT ECHO", `"\r\n"`, `WILL ECHO "password: " EOR`, "WONT ECHO",
		`"\r\n"`,
	}
	for _, tt := range []struct {
		name       string
		opening    string
		answers    map[string][]string
		settled    time.Duration
		packets    []string // after the banner, before the prompts
		prompts    []string
		editsLines bool
		called     string
		columns    int
		hidden     bool
	}{
		{
			name:    "inetutils",
			answers: terminal("XTERM"), called: "XTERM", columns: 80, hidden: true,
			packets: []string{asksName, switches}, prompts: plainPrompts,
		},
		{
			name: "inetutils at port 23",
			opening: `DO ENCRYPT WILL ENCRYPT DO SGA WILL TTYPE WILL NAWS WILL TSPEED WILL LFLOW WILL LINEMODE
				WILL NEW-ENVIRON DO STATUS`,
			answers: map[string][]string{
				sendSB: {`SB TTYPE 0 "XTERM-256COLOR" SE`}, "DO NAWS": {window}, "WILL ECHO": {"DO ECHO"},
			},
			called: "XTERM-256COLOR", columns: 80, hidden: true,
			packets: []string{
				"WONT ENCRYPT DONT ENCRYPT " + sendSB +
					" DO NAWS DONT TSPEED DONT LFLOW DONT LINEMODE DONT NEW-ENVIRON WONT STATUS",
				switches,
			},
			prompts: plainPrompts,
		},
		{
			name:    "plink and PuTTY",
			opening: "WILL NAWS WILL TSPEED WILL TTYPE WILL NEW-ENVIRON DO ECHO WILL SGA DO SGA",
			answers: map[string][]string{sendSB: {`SB TTYPE 0 "XTERM" SE`}, "DO NAWS": {window}},
			called:  "XTERM", columns: 80, hidden: true,
			packets: []string{"DO NAWS DONT TSPEED " + sendSB + " DONT NEW-ENVIRON DO SGA WILL ECHO WILL SGA"},
			prompts: plainPrompts,
		},
		{
			name:    "PuTTY in another order, without TTYPE",
			opening: "DO SGA WILL SGA DO ECHO WONT TTYPE", hidden: true,
			packets: []string{"DO SGA WILL ECHO WILL SGA"},
			prompts: plainPrompts,
		},
		{
			name: "BusyBox",
			// Never again in character mode after WONT ECHO: the second WILL would be answered DONT.
			answers: with(terminal("XTERM"), map[string][]string{"WILL ECHO": {"DO ECHO", "DONT ECHO"}}),
			called:  "XTERM", columns: 80, hidden: true,
			packets: []string{asksName, switches}, prompts: plainPrompts,
		},
		{
			name:    "TinTin++",
			answers: tintin, editsLines: true, called: "TINTIN++", columns: 80, hidden: true,
			packets: mudPackets, prompts: mudPrompts,
		},
		{
			name:    "Mudlet",
			answers: mudlet, editsLines: true, called: "MUDLET", columns: 80, hidden: true,
			packets: mudPackets, prompts: mudPrompts,
		},
		{
			name: "the client of a MUD without EOR and CHARSET",
			answers: map[string][]string{
				"DO TTYPE": {"WILL TTYPE"}, "DO NAWS": {"WONT NAWS"}, sendSB: {`SB TTYPE 0 "cmud" SE`},
				"WILL EOR": {"DONT EOR"}, "WILL CHARSET": {"DONT CHARSET"},
				"WILL ECHO": {"DO ECHO"}, "WONT ECHO": {"DONT ECHO"},
			},
			editsLines: true, called: "cmud", hidden: true,
			packets: []string{asksName, "WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON " + sendSB},
			prompts: []string{
				`"name: " GA`, `WILL ECHO "password: " GA`, "WONT ECHO", `"\r\n"`, `WILL ECHO "password: " GA`,
				"WONT ECHO", `"\r\n"`,
			},
		},
		{
			name: "an unknown client that supports MTTS",
			answers: with(terminal("SHINY"), map[string][]string{
				sendSB:         {`SB TTYPE 0 "SHINY" SE`, `SB TTYPE 0 "XTERM" SE`, `SB TTYPE 0 "MTTS 9" SE`},
				"WILL EOR":     {"DO EOR"},
				"WILL CHARSET": {"DONT CHARSET"},
			}),
			// The second name says that it is a terminal, as MTTS has it.
			editsLines: true, called: "SHINY", columns: 80, hidden: true,
			packets: []string{asksName, sendSB, sendSB, "WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON"},
			prompts: mudPrompts,
		},
		{
			name: "an unknown client of a MUD",
			answers: with(terminal("SHINY"), map[string][]string{
				sendSB:         {`SB TTYPE 0 "SHINY" SE`, `SB TTYPE 0 "MONO" SE`, `SB TTYPE 0 "MTTS 9" SE`},
				"WILL EOR":     {"DO EOR"},
				"WILL CHARSET": {"DONT CHARSET"},
			}),
			editsLines: true, called: "SHINY", columns: 80, hidden: true,
			packets: []string{asksName, sendSB, sendSB, "WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON"},
			prompts: mudPrompts,
		},
		{
			name:    "an unknown terminal that tells one name",
			answers: terminal("adm3a"), called: "adm3a", columns: 80, hidden: true,
			packets: []string{asksName, sendSB, switches}, prompts: plainPrompts,
		},
		{
			name:    "a terminal of no name",
			answers: terminal(""), columns: 80, hidden: true,
			packets: []string{asksName, sendSB, switches}, prompts: plainPrompts,
		},
		{
			name: "a terminal of many names",
			answers: with(terminal(""), map[string][]string{
				sendSB: {`SB TTYPE 0 "A" SE`, `SB TTYPE 0 "B" SE`, `SB TTYPE 0 "C" SE`, `SB TTYPE 0 "D" SE`,
					`SB TTYPE 0 "E" SE`},
			}),
			called: "A", columns: 80, hidden: true,
			packets: []string{asksName, sendSB, sendSB, sendSB, switches}, prompts: plainPrompts,
		},
		{
			name:    "telnetlib3",
			answers: terminal("XTERM"), called: "XTERM", columns: 80, hidden: true,
			packets: []string{asksName, switches}, prompts: plainPrompts,
		},
		{
			name:    "Windows telnet.exe",
			opening: "WILL NAWS",
			answers: with(terminal(""), map[string][]string{
				"DO NAWS": {window}, sendSB: {`SB TTYPE 0 "ANSI" SE`, `SB TTYPE 0 "VT100" SE`},
			}),
			called: "ANSI", columns: 80, hidden: true,
			packets: []string{"DO NAWS " + sendSB, switches}, prompts: plainPrompts,
		},
		{
			name: "ncat -t",
			answers: map[string][]string{
				"DO TTYPE": {"WONT TTYPE"}, "WILL ECHO": {"DONT ECHO"}, "WONT ECHO": {"DONT ECHO"},
			},
			editsLines: true,
			prompts:    []string{`"name: "`, "WILL ECHO", `"password: "`, `"\r\n"`, `"password: "`, `"\r\n"`},
		},
		{
			name: "a client without names that hides",
			answers: map[string][]string{"DO TTYPE": {"WONT TTYPE"}, "WILL ECHO": {"DO ECHO"},
				"WONT ECHO": {"DONT ECHO"}},
			editsLines: true, hidden: true,
			prompts: []string{`"name: "`, "WILL ECHO", `"password: "`, "WONT ECHO", `"\r\n"`, `WILL ECHO "password: "`,
				"WONT ECHO", `"\r\n"`},
		},
		{
			name:    "nc, ncat, socat",
			settled: 300 * time.Millisecond, editsLines: true, prompts: plainPrompts,
		},
		{
			name:    "a client that offers its names and never tells one",
			answers: with(terminal(""), map[string][]string{sendSB: nil}),
			settled: time.Second, columns: 80, hidden: true,
			packets: []string{asksName, switches}, prompts: plainPrompts,
		},
		{
			name: "DO ECHO, DONT SGA",
			answers: with(terminal("XTERM"), map[string][]string{"WILL SGA": {"DONT SGA"},
				"WONT ECHO": {"DONT ECHO"}}),
			editsLines: true, called: "XTERM", columns: 80, hidden: true,
			packets: []string{asksName, switches, "WONT ECHO"},
			prompts: []string{`"name: "`, `WILL ECHO "password: "`, "WONT ECHO", `"\r\n"`, `WILL ECHO "password: "`,
				"WONT ECHO", `"\r\n"`},
		},
		{
			name: "DONT ECHO, DO SGA",
			answers: with(terminal("XTERM"), map[string][]string{"WILL ECHO": {"DONT ECHO"},
				"WONT SGA": {"DONT SGA"}}),
			editsLines: true, called: "XTERM", columns: 80,
			packets: []string{asksName, switches, "WONT SGA"},
			prompts: plainPrompts,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.answering(tt.opening, tt.answers)
				p.writes("Welcome\n")
				synctest.Wait() // what the client answers to that is there, and read at once with what it sent before
				p.settles(300*time.Millisecond, tt.settled)
				// What comes a moment later: an answer to what Settle sent last, the size after PuTTY was switched.
				time.Sleep(time.Millisecond)
				p.pumps()
				p.got(append([]string{opened}, tt.packets...)...)
				p.editsLines(tt.editsLines)
				if got := p.conn.Name(); got != tt.called {
					t.Errorf("name %q, want %q", got, tt.called)
				}
				if columns, _ := p.conn.Size(); columns != tt.columns {
					t.Errorf("%d columns, want %d", columns, tt.columns)
				}
				p.prompts("name: ")
				for range 2 {
					p.hides(tt.hidden, 0)
					p.prompts("password: ")
					time.Sleep(time.Millisecond)
					p.pumps()
					p.sends(`"pw\r\x00"`)
					p.reads("pw\n")
					p.conn.ShowInput()
					p.writes("\n")
					time.Sleep(time.Millisecond)
					p.pumps()
				}
				p.got(tt.prompts...)
				p.editsLines(tt.editsLines)
			})
		})
	}
}
