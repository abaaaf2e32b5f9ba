package main

import (
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"testing"

	"parley/internal/testenv"
	"parley/telnet/telnettest"
	"parley/words"
)

// telnetAt is the port at which the servers of plays speak plain telnet.
const telnetAt = 4000

// httpDoor is the door for browsers, for who speaks HTTP there: programs, in a play whose configuration opens it.
const httpDoor = "http"

// A playDoor is a way in that plays may be performed by.
type playDoor struct {
	at   int      // the port
	args []string // what opens it
	// dial returns what a terminal is connected to, over a connection to the port.
	dial func(nc net.Conn) net.Conn
	// seat is dial that knows what sits at the terminal, and returns how it behaves by this door; nil where dial does.
	seat func(nc net.Conn, kind telnettest.Kind, columns, rows int) (net.Conn, telnettest.Kind)
	// ends says that input ends together with the connection.
	ends bool
}

// playDoors are those that a play can name.
var playDoors = map[string]playDoor{
	telnetDoor: {at: telnetAt, dial: func(nc net.Conn) net.Conn { return nc }},
	tlsDoor: {at: 4001, args: []string{"--tls-listen", "127.0.0.1:4001"}, dial: func(nc net.Conn) net.Conn {
		return tls.Client(nc, &tls.Config{InsecureSkipVerify: true}) // the first read or write shakes hands
	}},
	sshDoor:  {at: 4003, args: []string{"--ssh-listen", "127.0.0.1:4003"}, seat: sitBySSH},
	httpDoor: {at: 4002, dial: func(nc net.Conn) net.Conn { return nc }},
	webDoor: {at: 4002, args: []string{"--web-listen", "127.0.0.1:4002"}, ends: true, dial: func(nc net.Conn) net.Conn {
		return dialSocket(tls.Client(nc, &tls.Config{InsecureSkipVerify: true}))
	}},
}

// TestTranscriptsByOtherDoors performs every play once more with all users coming by another door. The same is seen,
// but for what stands in the banner about encryption. Excepted are plays that name the bytes on the wire, or a door,
// and those that say "by ssh:" or "by web:" and why. By SSH nobody is asked for a proof here, but for a name and a
// password as at the other doors. All plays are performed where there is time (PARLEY_LONG), else a sample.
func TestTranscriptsByOtherDoors(t *testing.T) {
	sampled := !testenv.IsLong()
	for name, door := range playDoors {
		if name == telnetDoor || name == httpDoor {
			continue
		}
		t.Run(name, func(t *testing.T) {
			count := 0
			forAllPlays(t, func(t *testing.T, p *play) {
				if p.several {
					t.Skip("TestTranscripts performs it on three servers")
				}
				if p.namesWire() {
					t.Skip("it names the wire")
				}
				if slices.Contains(p.otherwise, name) {
					t.Skip("it is seen otherwise by this door")
				}
				if door.seat != nil && p.namesTelnet() {
					t.Skip("it names a program that speaks telnet")
				}
				if door.ends && p.endsInput() {
					t.Skip("it has somebody read on at the end of the input, or leave without a word")
				}
				if door.ends && p.byAddress {
					t.Skip("a page is not refused as a newcomer is")
				}
				if count++; sampled && count%sample > 0 {
					t.Skip("it is not in the sample")
				}
				t.Parallel()
				p = p.encrypted()
				if name != tlsDoor {
					p = p.by(name)
				}
				p.door = &door
				p.check(t, perform(t, p, serveProgram))
			})
		})
	}
}

// sample says that of so many plays one is performed by each other door where time is short.
const sample = 8

// namesWire reports whether p is about what travels, or the door by which somebody comes.
func (p *play) namesWire() bool {
	return slices.ContainsFunc(p.scenes, func(sc scene) bool {
		if sc.step.op != "connect" {
			return sc.step.op == ">>" || sc.step.op == "lose" // which resets what is beneath
		}
		for word := range strings.FieldsSeq(sc.step.text) {
			if _, ok := playDoors[word]; ok || word == "raw" {
				return true
			}
		}
		return false
	})
}

// by returns the play as it is seen where all come by another door: "who -l" says so.
func (p *play) by(door string) *play {
	other := *p
	other.scenes = slices.Clone(p.scenes)
	for i, sc := range p.scenes {
		other.scenes[i].lines = slices.Clone(sc.lines)
		for j, line := range sc.lines {
			if strings.Contains(line, " by telnet") || strings.HasSuffix(line, "     telnet.") {
				other.scenes[i].lines[j] = strings.Replace(line, "telnet", door, 1)
			}
		}
	}
	return &other
}

// namesTelnet reports whether somebody comes with a program that is known for its telnet.
func (p *play) namesTelnet() bool {
	return slices.ContainsFunc(p.scenes, func(sc scene) bool {
		return sc.step.op == "connect" && slices.ContainsFunc(strings.Fields(sc.step.text), func(word string) bool {
			return slices.Contains([]telnettest.Kind{telnettest.Putty, telnettest.Mud, telnettest.Dumb,
				telnettest.BusyBox}, telnettest.Kind(word))
		})
	})
}

// endsInput reports whether somebody's input ends before the connection does, or the connection without a word: a page
// that is gone may come again, so a browser's seat is kept.
func (p *play) endsInput() bool {
	return slices.ContainsFunc(p.scenes, func(sc scene) bool { return sc.step.op == "eof" || sc.step.op == "hangup" })
}

// encrypted returns the play as it is seen by who comes encrypted: the banner lacks a line.
func (p *play) encrypted() *play {
	safe := strings.Split(words.English.Say("encrypted banner"), "\n")
	warning := slices.DeleteFunc(strings.Split(words.English.Say("banner"), "\n"), func(line string) bool {
		return slices.Contains(safe, line)
	})[0]
	other := *p
	other.scenes = slices.Clone(p.scenes)
	for i, sc := range p.scenes {
		other.scenes[i].lines = slices.DeleteFunc(slices.Clone(sc.lines), func(line string) bool {
			return strings.HasSuffix(line, " < "+warning)
		})
	}
	return &other
}
