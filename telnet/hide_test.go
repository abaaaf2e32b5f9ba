package telnet_test

import (
	"testing"
	"time"
)

func TestHideWaits(t *testing.T) {
	setup := func(t *testing.T) *peer {
		p := newPeer(t, nil)
		p.sends("WONT TTYPE")
		p.settles(300*time.Millisecond, 0)
		p.got(`DO TTYPE "\r"`)
		return p
	}
	t.Run("DO", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			time.AfterFunc(100*time.Millisecond, func() { p.sends("DO ECHO") })
			p.hides(true, 100*time.Millisecond)
			p.conn.ShowInput()
			p.hides(true, 0)
			p.writes("password: ")
			p.got("WILL ECHO", "WONT ECHO", `WILL ECHO "password: "`)
		})
	})
	t.Run("text", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			time.AfterFunc(100*time.Millisecond, func() { p.sends(`"pw\n" DO ECHO`) })
			p.hides(false, 100*time.Millisecond)
			p.reads("pw\n")
			p.conn.ShowInput()
			p.got("WILL ECHO", "WONT ECHO")
		})
	})
	t.Run("silence", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			p.hides(false, time.Second)
			p.conn.ShowInput()
			// The answer is still owed, and taken back when it comes.
			p.sends("DO ECHO")
			p.pumps()
			p.got("WILL ECHO", "WONT ECHO")
		})
	})
	t.Run("no wait", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			p.sends("DO ECHO")
			if p.conn.HideInput(0) {
				t.Error("hidden, though nothing was read")
			}
		})
	})
	t.Run("asked before", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			p.sends("DO ECHO")
			p.pumps()
			p.hides(true, 0)
			p.writes("password: ")
			p.conn.ShowInput()
			p.got(`WILL ECHO "password: "`, "WONT ECHO")
		})
	})
}

// A client whose answer about the switch is outstanding, or that waits to be switched, while a password is typed.
func TestHideDuringSwitch(t *testing.T) {
	setup := func(t *testing.T) *peer {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		p.settles(300*time.Millisecond, 300*time.Millisecond)
		p.sends(`WILL TTYPE SB TTYPE 0 "XTERM" SE`)
		p.pumps()
		p.got(opened, sendSB+" DO NAWS")
		return p
	}
	t.Run("refused meanwhile", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			p.settles(0, 0)
			p.hides(true, 0)
			p.sends("DO ECHO DONT SGA")
			p.pumps()
			p.got("WILL ECHO WILL SGA")
			p.conn.ShowInput()
			p.got("WONT ECHO")
			p.editsLines(true)
		})
	})
	t.Run("not answered until it is over", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			p.settles(0, 0)
			p.hides(true, 0)
			p.conn.ShowInput()
			p.sends("DO ECHO DO SGA")
			p.pumps()
			p.got("WILL ECHO WILL SGA")
			p.editsLines(false)
		})
	})
	t.Run("not before it is over", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := setup(t)
			p.hides(true, 0)
			p.prompts("password: ")
			p.settles(0, 0)
			p.got(`WILL ECHO "password: "`)
			p.sends(`DO ECHO "pw\r\n"`)
			p.reads("pw\n")
			p.conn.ShowInput()
			p.settles(0, 0)
			p.got("WONT ECHO", "WILL ECHO WILL SGA")
			p.sends("DONT ECHO DO ECHO DO SGA")
			p.pumps()
			p.editsLines(false)
		})
	})
}
