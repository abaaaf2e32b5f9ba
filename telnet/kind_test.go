package telnet_test

import (
	"io"
	"testing"
	"time"
)

func TestSettleEndsWithText(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		time.AfterFunc(100*time.Millisecond, func() { p.sends(`"bob\n"`) })
		p.settles(300*time.Millisecond, 100*time.Millisecond)
		p.settles(300*time.Millisecond, 0)
		p.reads("bob\n")
		p.editsLines(true)
		p.prompts("> ")
		p.hides(false, 0)
		p.got(opened, `"> "`)
	})
}

// A script sends everything in its first packet, commands of the protocol in between.
func TestSettleKeepsOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		p.sends(`WILL TTYPE IP "bob\r\n" SB TTYPE 0 "TINTIN++" SE "pw\r\n" DO TM EOF`)
		p.settles(300*time.Millisecond, 0)
		p.got(opened, sendSB+" DO NAWS")
		got, err := io.ReadAll(p.conn)
		if string(got) != "\x03bob\npw\n" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		p.got("WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB, "WILL TM")
		if err := p.conn.Settle(time.Second); err != nil {
			t.Errorf("a Settle without anything to wait for: %v", err)
		}
	})
}

// TIMING-MARK is answered behind what the text before it brings about, but at once behind an interrupt.
func TestTimingMarkOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("> ")
		p.sends(`"who\r\n" DO TM "b" IP DO TM "c\r\n"`)
		p.reads("who\n")
		p.writes("alice bob\n> ")
		p.got(`DO TTYPE "\r> "`, `"alice bob\r\n> "`)
		p.reads("b\x03c\n")
		p.got("WILL TM", "WILL TM")
	})
}

func TestTextBeforeOpening(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends(`"hello\n"`)
		p.reads("hello\n")
		p.writes("hello\n")
		p.prompts("> ")
		p.hides(false, 0)
		p.conn.ShowInput()
		p.settles(0, 0)
		p.got(`"hello\r\n"`, `"> "`)
		// Whoever negotiates after all is answered.
		p.sends("WILL TTYPE DO TM")
		p.pumps()
		p.got("DO TTYPE " + sendSB + " DO NAWS WILL TM")
	})
}

// An answer that comes after the wait switches the client only in the next Settle.
func TestLateTerminal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		p.settles(300*time.Millisecond, 300*time.Millisecond)
		p.prompts("name: ")
		p.sends(`"bo" WILL TTYPE`)
		p.reads("bo")
		p.sends(`SB TTYPE 0 "XTERM" SE WILL NAWS ` + window + ` "b\r\n"`)
		p.reads("b\n")
		p.got(opened, `"name: "`, sendSB+" DO NAWS")
		p.editsLines(true)
		p.settles(0, 0)
		p.got("WILL ECHO WILL SGA")
		p.editsLines(true)
		p.hides(true, 0)
		p.prompts("password: ")
		p.sends("DO ECHO DO SGA")
		p.pumps()
		p.editsLines(false)
		p.conn.ShowInput()
		p.settles(0, 0)
		p.got(`"password: "`)
	})
}

func TestLatePuTTY(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		p.settles(300*time.Millisecond, 300*time.Millisecond)
		p.sends(`"bo" DO ECHO DO SGA`)
		p.reads("bo")
		p.editsLines(true)
		p.got(opened)
		p.settles(0, 0)
		p.editsLines(false)
		p.got("WILL ECHO WILL SGA")
	})
}

func TestLateMUD(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		p.settles(300*time.Millisecond, 300*time.Millisecond)
		p.sends(`DO SGA WILL TTYPE`)
		p.pumps()
		p.sends(`SB TTYPE 0 "MUDLET" SE`)
		p.pumps()
		p.settles(0, 0)
		p.prompts("> ")
		p.sends("DO EOR DONT CHARSET DO ECHO")
		p.pumps()
		p.prompts("> ")
		p.sends("DONT EOR")
		p.pumps()
		p.prompts("> ")
		p.got(opened, sendSB+" DO NAWS", "WONT SGA WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB, `"> " GA`,
			"WONT ECHO", `"> " EOR`, "WONT EOR", `"> " GA`)
	})
}

// A name on its way is waited for longer than the first answer.
func TestSettleWaitsForName(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		time.AfterFunc(200*time.Millisecond, func() { p.sends("WILL TTYPE") })
		time.AfterFunc(500*time.Millisecond, func() { p.sends(`SB TTYPE 0 "XTERM" SE`) })
		time.AfterFunc(700*time.Millisecond, func() { p.sends("DO SGA") })
		time.AfterFunc(800*time.Millisecond, func() { p.sends("DO ECHO") })
		p.settles(300*time.Millisecond, 800*time.Millisecond)
		p.editsLines(false)
	})
}

// A user can take telnet back to line mode ("mode line") and again to character mode.
func TestModeOfTheUser(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("DO ECHO DO SGA")
		p.settles(300*time.Millisecond, 0)
		p.editsLines(false)
		p.sends("DONT SGA DONT ECHO")
		p.pumps()
		p.editsLines(true)
		p.got(`DO TTYPE "\r"`, "WILL ECHO WILL SGA", "WONT SGA WONT ECHO")
		p.sends("DO SGA DO ECHO")
		p.pumps()
		p.settles(0, 0)
		p.editsLines(false)
		p.got("WILL ECHO WILL SGA")
	})
}

// An answer about the mark of prompts is waited for, like a name: the first prompt is to be marked as all others.
func TestSettleWaitsForEOR(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends(`WILL TTYPE SB TTYPE 0 "MUDLET" SE SB TTYPE 0 "MTTS 9" SE`)
		time.AfterFunc(200*time.Millisecond, func() { p.sends("DO EOR") })
		p.settles(300*time.Millisecond, 200*time.Millisecond)
		p.prompts("> ")
		p.got(`DO TTYPE "\r"`, sendSB+" DO NAWS WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB, `"> " EOR`)
		// Its list has ended: more names are nobody's business.
		p.sends(`SB TTYPE 0 "XTERM" SE`)
		p.pumps()
		p.got()
	})
}
