package telnet_test

import (
	"testing"
	"time"
)

// TestChooseInput tests that the user's choice takes effect in the next Settle, once, and that it can be taken back.
func TestChooseInput(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("DO ECHO DO SGA")
		p.settles(300*time.Millisecond, 0)
		p.editsLines(false)
		p.got(`DO TTYPE "\r"`, "WILL ECHO WILL SGA")
		p.conn.ChooseInput(true, false)
		p.editsLines(false)
		p.settles(0, 0)
		p.editsLines(true)
		p.got("WONT ECHO WONT SGA")
		p.sends("DONT ECHO DONT SGA")
		p.pumps()
		p.settles(0, 0)
		p.editsLines(true)
		p.got()
		p.sends("DO ECHO DO SGA") // a wish of the client's does not outweigh that of its user
		p.pumps()
		p.settles(0, 0)
		p.editsLines(true)
		p.conn.ChooseInput(false, false)
		p.settles(0, 0)
		p.sends("DO ECHO DO SGA")
		p.pumps()
		p.editsLines(false)
		p.got("WILL ECHO WILL SGA")
	})
}

// TestChooseKeys tests that a peer that edits its lines is asked for keys if its user wants that, once, and never if it
// has not negotiated anything.
func TestChooseKeys(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends(`"hello\n"`)
		p.reads("hello\n")
		p.conn.ChooseInput(false, true)
		p.settles(0, 0)
		p.editsLines(true)
		p.got()
	})
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("WONT TTYPE")
		p.pumps()
		p.conn.ChooseInput(false, true)
		p.settles(0, 0)
		p.got(`DO TTYPE "\r"`, "WILL ECHO WILL SGA")
		p.sends("DONT ECHO DONT SGA")
		p.pumps()
		p.settles(0, 0)
		p.editsLines(true)
		p.got()
	})
}

// TestChooseMUD tests that the client of a MUD stays one when its user wants keys: if it refuses, its prompts are still
// marked, and it goes back to lines where its user no longer wants keys.
func TestChooseMUD(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends(`WILL TTYPE SB TTYPE 0 "MUDLET" SE SB TTYPE 0 "MTTS 9" SE DONT EOR`)
		p.settles(300*time.Millisecond, 0)
		p.prompts("> ")
		p.conn.ChooseInput(false, true)
		p.settles(0, 0)
		p.sends("DO ECHO DONT SGA")
		p.pumps()
		p.editsLines(true)
		p.prompts("> ")
		p.got(`DO TTYPE "\r"`, sendSB+" DO NAWS WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB, `"> " GA`,
			"WILL ECHO WILL SGA", "WONT ECHO", `"> " GA`)
	})
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends(`WILL TTYPE SB TTYPE 0 "TINTIN++" SE SB TTYPE 0 "MTTS 9" SE DONT EOR`)
		p.settles(300*time.Millisecond, 0)
		p.conn.ChooseInput(false, true)
		p.settles(0, 0)
		p.sends("DO ECHO DO SGA")
		p.pumps()
		p.editsLines(false)
		p.conn.ChooseInput(false, false)
		p.settles(0, 0)
		p.editsLines(true)
		p.prompts("> ")
		p.got(`DO TTYPE "\r"`, sendSB+" DO NAWS WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB,
			"WILL ECHO WILL SGA", "WONT ECHO WONT SGA", `"> " GA`)
	})
}
