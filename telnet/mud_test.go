package telnet_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"parley/gmcp"
	"parley/internal/rawconn"
	"parley/telnet"
)

// asksLinks asks whether the peer shows links: SEND USERVAR OSC_HYPERLINKS.
const asksLinks = "SB NEW-ENVIRON 1 3 79 83 67 95 72 89 80 69 82 76 73 78 75 83 SE"

// What Mudlet 4 sends in full, in the order in which it does, with a script that asks for Comm.Channel.
func TestMudletMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		told := 0
		p.conn.Notify(func() { told++ }, func() {})
		p.sends(`WILL TTYPE SB TTYPE 0 "MUDLET" SE SB TTYPE 0 "ANSI-TRUECOLOR" SE SB TTYPE 0 "MTTS 2349" SE
			DO EOR DO CHARSET`)
		p.settles(300*time.Millisecond, 0)
		p.got(`DO TTYPE "\r"`, sendSB+" DO NAWS WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB+" "+sendSB+" "+
			charset)
		p.sends(`DO GMCP SB GMCP "Core.Hello { \"client\": \"Mudlet\", \"version\": \"4.19.1\"}" SE
			SB GMCP "Core.Supports.Set [ \"Char 1\", \"Char.Skills 1\", \"Char.Items 1\", \"Room 1\", \"IRE.Rift 1\",
			\"IRE.Composer 1\", \"External.Discord 1\", \"Client.Media 1\", \"Char.Login 1\"]" SE WILL NEW-ENVIRON`)
		p.pumps()
		p.got(asksLinks)
		if p.conn.Packages() != gmcp.Logins || p.conn.Links() {
			t.Errorf("packages %v, links %v", p.conn.Packages(), p.conn.Links())
		}
		told = 0
		p.sends(`SB NEW-ENVIRON 0 3 "OSC_HYPERLINKS" 1 "1" SE SB GMCP "Core.Supports.Add [\"Comm.Channel 1\"]" SE`)
		p.pumps()
		if p.conn.Packages() != gmcp.Logins|gmcp.Channels || !p.conn.Links() || told != 2 {
			t.Errorf("packages %v, links %v, told %d times", p.conn.Packages(), p.conn.Links(), told)
		}
		// Somebody switches links off in the settings of Mudlet.
		p.sends(`SB NEW-ENVIRON 2 3 "OSC_HYPERLINKS" 1 "0" SE`)
		p.pumps()
		if p.conn.Links() || told != 3 {
			t.Errorf("links %v, told %d times", p.conn.Links(), told)
		}
		p.sends(`SB GMCP "Core.Ping 30" SE SB GMCP "Comm.Channel.Players" SE`)
		p.pumps()
		p.got(`SB GMCP 67 111 114 101 46 80 105 110 103 SE`)
		if asks := p.conn.Asks(); asks != gmcp.AsksPlayers || p.conn.Asks() != 0 || told != 4 {
			t.Errorf("asks for %v, told %d times", asks, told)
		}
		p.sends("DONT GMCP")
		p.pumps()
		if p.conn.Packages() != 0 || told != 5 {
			t.Errorf("packages %v after GMCP has ended, told %d times", p.conn.Packages(), told)
		}
		p.conn.SendMessage([]byte("Core.Goodbye \"\""))
		p.writes("x")
		p.got("WONT GMCP", `"x"`)
	})
}

// Messages leave in order, ahead of the text with which they are written, and every IAC in them is doubled.
func TestSendMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("DO GMCP")
		p.pumps()
		p.got(`DO TTYPE "\r"` + " WILL GMCP")
		p.conn.SendMessage([]byte("a 1"))
		p.conn.SendMessage([]byte("b \xff\xff"))
		p.writes("text\n")
		p.conn.SendMessage([]byte("c"))
		p.writes("")
		p.got(`SB GMCP 97 32 49 SE SB GMCP 98 32 255 255 255 255 SE "text\r\n"`, `SB GMCP 99 SE`)
	})
}

// A message that is too long is dropped whole, and the session goes on; so does one of a peer that has not agreed.
func TestMessagesBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		add := func(length int) string {
			list := `Core.Supports.Add ["Comm.Channel 1"`
			return fmt.Sprintf("SB GMCP %q SE", list+strings.Repeat(" ", length-len(list)-1)+"]")
		}
		for _, step := range []struct {
			sends string
			want  gmcp.Packages
		}{
			{add(100), 0},
			{"DO GMCP", 0},
			{add(4097), 0},
			{add(4096), gmcp.Channels},
			{`SB GMCP "Core.Supports.Set []" SE`, 0},
		} {
			p.sends(step.sends + ` "x"`)
			for range 2 { // the message fills a buffer
				if n, _ := p.conn.Read(make([]byte, 8192)); n == 1 {
					break
				}
			}
			if got := p.conn.Packages(); got != step.want {
				t.Errorf("%.60s…: got %v, want %v", step.sends, got, step.want)
			}
		}
	})
}

// Messages spend the budget of those who cost an answer.
func TestMessagesBudget(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("DO GMCP")
		p.pumps()
		p.got(`DO TTYPE "\r" WILL GMCP`)
		p.sends(strings.Repeat(`SB GMCP "Core.Ping" SE `, 300))
		for range 60 {
			p.pumps()
		}
		p.recorder.mu.Lock()
		defer p.recorder.mu.Unlock()
		answers := 0
		for _, packet := range p.recorder.packets {
			answers += strings.Count(string(packet), "Core.Ping")
		}
		if answers != 199 {
			t.Errorf("%d answers, want 199", answers)
		}
	})
}

// The status is told to who agrees to it, once, and offered only where there is one.
func TestStatus(t *testing.T) {
	bubble(t, func(t *testing.T) {
		asked := 0
		p := newPeer(t, &telnet.Options{Status: func() []byte {
			asked++
			return []byte("\x01NAME\x02x")
		}})
		p.writes("Welcome\n")
		p.got(`DO TTYPE WILL MSSP "\rWelcome\r\n"`)
		p.sends("DO MSSP")
		p.pumps()
		p.got("SB MSSP 1 78 65 77 69 2 120 SE")
		p.sends("DONT MSSP DO MSSP DO MSSP")
		p.pumps()
		p.got("WONT MSSP WONT MSSP")
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		p.sends("DO MSSP")
		p.pumps()
		p.got(opened, "WONT MSSP")
	})
}

func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		name, sends string
		want        bool
	}{
		{"one", `0 3 "OSC_HYPERLINKS" 1 "1"`, true},
		{"as a well-known variable", `0 0 "OSC_HYPERLINKS" 1 "1"`, true},
		{"zero", `0 3 "OSC_HYPERLINKS" 1 "0"`, false},
		{"no value", `0 3 "OSC_HYPERLINKS"`, false},
		{"empty value", `0 3 "OSC_HYPERLINKS" 1`, false},
		{"among others", `0 0 "USER" 1 "root" 3 "OSC_HYPERLINKS_SEND" 1 "1" 3 "OSC_HYPERLINKS" 1 "1" 3 "X"`, true},
		{"another of such a name", `0 3 "OSC_HYPERLINKS_SEND" 1 "1"`, false},
		{"in the value of another", `0 3 "X" 1 2 3 "OSC_HYPERLINKS" 2 1 "1"`, false},
		{"escaped", `0 3 2 "O" "SC_HYPERLINKS" 1 2 "1"`, true},
		{"ESC at the end", `0 3 "OSC_HYPERLINKS" 1 "1" 2`, true},
		{"the last counts", `0 3 "OSC_HYPERLINKS" 1 "1" 3 "OSC_HYPERLINKS" 1 "0"`, false},
		{"rubbish before", `0 "abc" 1 "1" 3 "OSC_HYPERLINKS" 1 "1"`, true},
		{"information", `2 3 "OSC_HYPERLINKS" 1 "1"`, true},
		{"a question", `1 3 "OSC_HYPERLINKS" 1 "1"`, false},
		{"nothing", ``, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.sends(`WILL TTYPE SB TTYPE 0 "MUDLET" SE WILL NEW-ENVIRON SB NEW-ENVIRON ` + tt.sends + ` SE`)
				p.pumps()
				if got := p.conn.Links(); got != tt.want {
					t.Errorf("links %v, want %v", got, tt.want)
				}
			})
		})
	}
	// Who is no client of a MUD is not asked, and what it says unasked is not taken.
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends(`WILL NEW-ENVIRON SB NEW-ENVIRON 0 3 "OSC_HYPERLINKS" 1 "1" SE`)
		p.pumps()
		if p.conn.Links() {
			t.Error("links")
		}
		p.got(`DO TTYPE "\r" DONT NEW-ENVIRON`)
	})
}

// sealed is a network connection that nobody can read along on.
type sealed struct{ rawconn.Conn }

func (sealed) Encrypted() bool { return true }

// Credentials are taken where nobody can read along, once, and end a Read that waits; the last ones count.
func TestCredentials(t *testing.T) {
	const sent = "\xff\xfd\xc9\xff\xfa\xc9Core.Supports.Set [\"Char.Login 1\"]\xff\xf0" +
		"\xff\xfa\xc9Char.Login.Credentials {\"account\":\"a\",\"password\":\"b\"}\xff\xf0" +
		"\xff\xfa\xc9Char.Login.Credentials {\"account\":\"alice\",\"password\":\"é\"}\xff\xf0"
	for _, encrypted := range []bool{true, false} {
		bubble(t, func(t *testing.T) {
			ours, theirs := net.Pipe()
			var nc net.Conn = ours
			if encrypted {
				nc = sealed{rawconn.Of(ours)}
			}
			conn := telnet.NewConn(nc, nil)
			defer conn.Close()
			go func() { // until the connection is closed
				_, _ = io.Copy(io.Discard, theirs)
			}()
			go func() { // until that is read
				_, _ = io.WriteString(theirs, sent)
				time.Sleep(time.Second)
				_, _ = io.WriteString(theirs, "x\r\n")
			}()
			p := make([]byte, 1024)
			n, err := conn.Read(p)
			if want := map[bool]int{false: 1}[encrypted]; n < want || encrypted && n > 0 || err != nil {
				t.Errorf("encrypted %v: read %q, %v", encrypted, p[:n], err)
			}
			got, ok := conn.Credentials()
			if ok != encrypted || ok && got != (gmcp.Credentials{Account: "alice", Password: "é"}) {
				t.Errorf("encrypted %v: %q, %v", encrypted, got, ok)
			}
			if got, ok := conn.Credentials(); ok {
				t.Errorf("%q again", got)
			}
			if !encrypted {
				return
			}
			if n, err := conn.Read(p); n == 0 || err != nil { // it waits for text again
				t.Errorf("then read %q, %v", p[:n], err)
			}
		})
	}
}
