package telnet_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"parley/telnet"
)

// What the keys of clients in line mode send, and what becomes of it.
func TestConnRead(t *testing.T) {
	for _, tt := range []struct {
		name    string
		sends   string
		reads   string
		answers []string
		ends    bool
	}{
		{"Ctrl-C of inetutils", `IP DO TM "b\r\n"`, "\x03b\n", []string{"DO TTYPE \"\\r\" WILL TM"}, false},
		{"Ctrl-\\ of inetutils", "BRK DO TM", "\x03", []string{"DO TTYPE \"\\r\" WILL TM"}, false},
		{"Ctrl-Z of inetutils", `SUSP DO TM "b"`, "b", []string{"DO TTYPE \"\\r\" WILL TM"}, false},
		{"Ctrl-O of inetutils", `AO DO TM "b\r\n"`, "b\n", []string{"DO TTYPE \"\\r\" WILL TM"}, false},
		{"Ctrl-D of inetutils", `"\x04"`, "\x04", nil, false},
		{"Ctrl-D of plink", `"ab" EOF "c\n" DO TM`, "ab", nil, true},
		{"Ctrl-U of PuTTY", `"ab" EL "c"`, "ab\x15c", nil, false},
		{"erase of PuTTY", `"ab" EC "c"`, "ab\x7fc", nil, false},
		{"a paste", `"a\nb\r\nc\r\x00d"`, "a\nb\nc\nd", nil, false},
		{"what means nothing", `"a" ABORT NOP GA EOR DM "b"`, "ab", nil, false},
		{"IAC IAC", `"a\xff\xffb"`, "a\xffb", nil, false},
		{"a subnegotiation that was not agreed", `SB NAWS 0 80 0 24 SE SB TTYPE 0 "XTERM" SE SB CHARSET 1 ";UTF-8" SE "a"`, "a", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for room := 1; room <= 8; room++ {
				bubble(t, func(t *testing.T) {
					p := newPeer(t, nil)
					p.sends(tt.sends)
					p.conn.SetReadDeadline(time.Now().Add(time.Second))
					var got []byte
					buf := make([]byte, room)
					var err error
					for n := 0; err == nil; got = append(got, buf[:n]...) {
						n, err = p.conn.Read(buf)
					}
					if string(got) != tt.reads {
						t.Errorf("by %d: read %q, want %q", room, got, tt.reads)
					}
					want := os.ErrDeadlineExceeded
					if tt.ends {
						want = io.EOF
					}
					if !errors.Is(err, want) {
						t.Errorf("by %d: %v", room, err)
					}
					if room > 3 || len(tt.answers) == 0 {
						p.got(tt.answers...)
					}
					if p.conn.Name() != "" {
						t.Errorf("name %q", p.conn.Name())
					}
				})
			}
		})
	}
}

func TestConnWrite(t *testing.T) {
	for _, tt := range []struct {
		name  string
		texts []string
		want  string
	}{
		{"LF", []string{"a\nb\n"}, "a\r\nb\r\n"},
		{"LF first", []string{"\n"}, "\r\n"},
		{"CR LF", []string{"a\r\nb\r\n"}, "a\r\nb\r\n"},
		{"CR LF LF", []string{"a\r\n\n"}, "a\r\n\r\n"},
		{"CR and LF in two texts", []string{"a\r", "\nb"}, "a\r\nb"},
		{"CR, then LF later", []string{"a\r", "b\n"}, "a\rb\r\n"},
		{"CR alone", []string{"a\rb"}, "a\rb"},
		{"IAC", []string{"a\xffb\xff\xff"}, "a\xff\xffb\xff\xff\xff\xff"},
		{"nothing", []string{""}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.writes("x")
				p.got(`DO TTYPE "\rx"`)
				for _, text := range tt.texts {
					p.writes(text)
				}
				var got []byte
				for _, packet := range p.recorder.packets {
					got = append(got, packet...)
				}
				if string(got) != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

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
		p.got("WILL EOR WILL CHARSET " + sendSB + " WILL TM")
		if err := p.conn.Settle(time.Second); err != nil {
			t.Errorf("a Settle without anything to wait for: %v", err)
		}
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
		p.got(opened, sendSB+" DO NAWS", "WONT SGA WILL EOR WILL CHARSET "+sendSB, `"> " GA`, "WONT ECHO", `"> " EOR`,
			"WONT EOR", `"> " GA`)
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

// The read deadline of the user comes first, whoever sets it and whenever.
func TestReadDeadline(t *testing.T) {
	type call struct {
		name string
		do   func(c *telnet.Conn) error
	}
	for _, call := range []call{
		{"Read", func(c *telnet.Conn) error { _, err := c.Read(make([]byte, 8)); return err }},
		{"Settle", func(c *telnet.Conn) error { return c.Settle(time.Minute) }},
		{"HideInput", func(c *telnet.Conn) error {
			if c.HideInput(time.Minute) {
				return errors.New("hidden")
			}
			_, err := c.Read(make([]byte, 8))
			return err
		}},
	} {
		t.Run(call.name, func(t *testing.T) {
			for _, tt := range []struct {
				name string
				set  func(c *telnet.Conn)
				want time.Duration
			}{
				{"before", func(c *telnet.Conn) { c.SetReadDeadline(time.Now().Add(2 * time.Second)) }, 2 * time.Second},
				{"past", func(c *telnet.Conn) { c.SetReadDeadline(time.Now().Add(-time.Second)) }, 0},
				{"meanwhile", func(c *telnet.Conn) {
					time.AfterFunc(time.Second, func() { c.SetReadDeadline(time.Unix(1, 0)) })
				}, time.Second},
			} {
				t.Run(tt.name, func(t *testing.T) {
					bubble(t, func(t *testing.T) {
						p := newPeer(t, nil)
						if call.name != "Settle" {
							p.sends("WONT TTYPE")
							p.pumps()
						}
						tt.set(p.conn)
						start := time.Now()
						if err := call.do(p.conn); !errors.Is(err, os.ErrDeadlineExceeded) {
							t.Errorf("got %v", err)
						}
						if took := time.Since(start); took != tt.want {
							t.Errorf("after %v, want %v", took, tt.want)
						}
					})
				})
			}
		})
	}
	t.Run("restored", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			p.conn.SetReadDeadline(time.Now().Add(time.Minute))
			p.settles(300*time.Millisecond, 300*time.Millisecond)
			start := time.Now()
			if _, err := p.conn.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			if took := time.Since(start); took != time.Minute-300*time.Millisecond {
				t.Errorf("read for %v", took)
			}
			p.sends(`"a"`)
			p.conn.SetReadDeadline(time.Time{})
			p.reads("a")
		})
	})
	t.Run("kept text", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			p.sends(`"a"`)
			p.settles(300*time.Millisecond, 0)
			p.conn.SetReadDeadline(time.Now())
			if _, err := p.conn.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			p.conn.SetReadDeadline(time.Time{})
			p.reads("a")
		})
	})
}

func TestSettleErrors(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.Close()
		if err := p.conn.Settle(time.Second); err == nil {
			t.Error("nothing was written and read, and Settle is content")
		}
	})
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("EOF")
		for range 2 {
			if _, err := p.conn.Read(make([]byte, 8)); err != io.EOF {
				t.Error(err)
			}
		}
		if err := p.conn.Settle(time.Second); err != io.EOF {
			t.Error(err)
		}
		p.writes("still there\n")
	})
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		go io.Copy(io.Discard, p)
		p.Write([]byte("\xff\xfa" + strings.Repeat("x", 20*1024)))
		for range 2 {
			if _, err := p.conn.Read(make([]byte, 99)); !errors.Is(err, telnet.ErrSubnegotiation) {
				t.Error(err)
			}
		}
		if _, err := p.conn.Write([]byte("a")); err == nil {
			t.Error("the connection is still open")
		}
	})
}

func TestSize(t *testing.T) {
	for _, tt := range []struct {
		name, sends     string
		columns, rows   int
		resized, before int
	}{
		{"ordinary", "WILL NAWS SB NAWS 0 80 0 24 SE", 80, 24, 1, 0},
		{"twice", "WILL NAWS SB NAWS 0 80 0 24 SE SB NAWS 0 80 0 24 SE", 80, 24, 1, 0},
		{"changed", "WILL NAWS SB NAWS 0 80 0 24 SE SB NAWS 0 81 0 24 SE", 81, 24, 2, 0},
		{"255 columns", `WILL NAWS SB NAWS 0 "\xff\xff" 0 24 SE`, 255, 24, 1, 0},
		{"the largest", `WILL NAWS SB NAWS "\xff\xff\xff\xff\xff\xff\xff\xff" SE`, 500, 500, 1, 0},
		{"1 by 1", "WILL NAWS SB NAWS 0 1 0 1 SE", 40, 1, 1, 0},
		{"unknown", "WILL NAWS SB NAWS 0 0 0 0 SE", 0, 0, 0, 0},
		{"unknown again", "WILL NAWS SB NAWS 0 80 0 24 SE SB NAWS 0 0 0 0 SE", 0, 0, 2, 0},
		{"unknown columns", "WILL NAWS SB NAWS 0 0 0 24 SE", 0, 24, 1, 0},
		{"short", "WILL NAWS SB NAWS 0 80 0 SE", 0, 0, 0, 0},
		{"long", "WILL NAWS SB NAWS 0 80 0 24 0 SE", 0, 0, 0, 0},
		{"empty", "WILL NAWS SB NAWS SE", 0, 0, 0, 0},
		{"not agreed", "SB NAWS 0 80 0 24 SE", 0, 0, 0, 0},
		{"no longer agreed", "WILL NAWS WONT NAWS SB NAWS 0 80 0 24 SE", 0, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				resized := 0
				p.conn.Notify(func() { resized++ }, nil)
				p.sends(tt.sends)
				p.pumps()
				if columns, rows := p.conn.Size(); columns != tt.columns || rows != tt.rows || resized != tt.resized {
					t.Errorf("%d by %d after %d calls, want %d by %d after %d", columns, rows, resized, tt.columns, tt.rows, tt.resized)
				}
			})
		})
	}
}

func TestAreYouThere(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("AYT")
		p.pumps()
		asked := 0
		p.conn.Notify(nil, func() { asked++ })
		p.sends("AYT WILL NAWS " + window)
		p.pumps()
		p.Write([]byte(strings.Repeat("\xff\xf6", 1000)))
		for range 20 {
			p.pumps()
		}
		if asked != 198 {
			t.Errorf("asked %d times, want what the budget allows", asked)
		}
	})
}

func TestName(t *testing.T) {
	for _, tt := range []struct{ name, sends, want string }{
		{"plain", `SB TTYPE 0 "xterm" SE`, "xterm"},
		{"cleaned", `SB TTYPE 0 "xt\x1b[2J\x00\x80\xc3\xa9erm" SE`, "xt[2Jerm"},
		{"long", `SB TTYPE 0 "` + strings.Repeat("vt", 50) + `" SE`, strings.Repeat("vt", 20)},
		{"empty", `SB TTYPE 0 SE`, ""},
		{"no IS", `SB TTYPE 1 "xterm" SE`, ""},
		{"nothing", `SB TTYPE SE`, ""},
		{"not asked for", `SB TTYPE 0 "xterm" SE SB TTYPE 0 "vt100" SE`, "xterm"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.sends("WILL TTYPE " + tt.sends)
				p.pumps()
				if got := p.conn.Name(); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestCharset(t *testing.T) {
	const mud = `WILL TTYPE SB TTYPE 0 "MUDLET" SE WILL CHARSET `
	for _, tt := range []struct{ name, sends, want string }{
		{"accepted", `SB CHARSET 1 ";ISO-8859-1;utf-8" SE`, `SB CHARSET 2 117 116 102 45 56 SE`},
		{"rejected", `SB CHARSET 1 ";ISO-8859-1" SE`, `SB CHARSET 3 SE`},
		{"with tables", `SB CHARSET 1 "[TTABLE]" 1 " UTF-8 ISO-8859-1" SE`, `SB CHARSET 2 85 84 70 45 56 SE`},
		{"empty list", `SB CHARSET 1 SE`, `SB CHARSET 3 SE`},
		{"ours goes first", `DO CHARSET SB CHARSET 1 ";UTF-8" SE`, charset + ` SB CHARSET 3 SE`},
		{"after ours was answered", `DO CHARSET SB CHARSET 2 "UTF-8" SE SB CHARSET 1 ";UTF-8" SE`,
			charset + ` SB CHARSET 2 85 84 70 45 56 SE`},
		{"ours is not repeated", `DO CHARSET DO CHARSET`, charset},
		{"an answer", `SB CHARSET 2 "UTF-8" SE`, ""},
		{"nothing", `SB CHARSET SE`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.writes("x")
				p.sends(mud)
				p.pumps()
				p.got(`DO TTYPE "\rx"`, sendSB+" DO NAWS WILL EOR WILL CHARSET "+sendSB+" DO CHARSET")
				p.sends(tt.sends)
				p.pumps()
				if tt.want == "" {
					p.got()
				} else {
					p.got(tt.want)
				}
			})
		})
	}
}

// Of a flood of questions, only as many are answered as the budget allows; but every DO TIMING-MARK is.
func TestBudget(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		go io.Copy(io.Discard, p)
		for range 300 {
			p.sends("WILL NAWS WONT NAWS DO TM")
		}
		for range 20 {
			p.pumps()
		}
		synctest.Wait()
		got := map[string]int{}
		for _, packet := range p.recorder.packets {
			for _, word := range []string{"DO NAWS", "DONT NAWS", "WILL TM"} {
				got[word] += strings.Count(words(packet), word)
			}
		}
		if got["DO NAWS"] != 100 || got["DONT NAWS"] != 100 || got["WILL TM"] != 300 {
			t.Errorf("got %v", got)
		}
		time.Sleep(10 * time.Second)
		p.recorder.packets = nil
		p.sends("WILL NAWS")
		p.pumps()
		p.got("DO NAWS")
	})
}

// An answer follows all that was written before the question was read.
func TestTimingMarkKeepsOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("one\n")
		p.sends("IP DO TM")
		p.reads("\x03")
		p.writes("two\n")
		p.got(`DO TTYPE "\rone\r\n"`, "WILL TM", `"two\r\n"`)
	})
}

func TestPeerThatDoesNotRead(t *testing.T) {
	flood := func(p *peer) (err error) {
		for range 100 {
			if _, err = p.conn.Write(make([]byte, 1024)); err != nil {
				break
			}
		}
		return err
	}
	t.Run("Write", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			start := time.Now()
			if err := flood(p); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 10*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			// The last piece was cut: nothing may follow it.
			go io.Copy(io.Discard, p)
			synctest.Wait()
			if _, err := p.conn.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("after a cut: %v", err)
			}
		})
	})
	t.Run("shorter deadline", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, &telnet.Options{WriteTimeout: time.Minute})
			start := time.Now()
			time.AfterFunc(2*time.Second, func() { p.conn.SetWriteDeadline(time.Now().Add(time.Second)) })
			if err := flood(p); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 3*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("longer deadline", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, &telnet.Options{WriteTimeout: time.Second})
			p.conn.SetWriteDeadline(time.Now().Add(time.Minute))
			start := time.Now()
			if err := flood(p); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("nothing written", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			p.writes("a")
			p.conn.SetWriteDeadline(time.Now().Add(-1))
			if _, err := p.conn.Write([]byte("b")); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			p.conn.SetWriteDeadline(time.Time{})
			p.writes("c")
		})
	})
	t.Run("answer", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			for n := 64*1024 - 4; n > 0; n -= min(n, 1024) {
				p.writes(strings.Repeat("x", min(n, 1024)))
			}
			p.sends(`"a" DO TM "b"`)
			p.reads("ab")
			start := time.Now()
			_, err := p.conn.Read(make([]byte, 8))
			if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read: %v after %v", err, time.Since(start))
			}
		})
	})
}

// Text that came before the peer vanished is read, even though its questions cannot be answered any more.
func TestPeerThatIsGone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("Welcome\n")
		p.sends(`WILL TTYPE "bob\r\nsay 0 bye\r\n" DO TM "quit\r\n"`)
		p.Close()
		p.conn.Settle(time.Second)
		got, err := io.ReadAll(p.conn)
		if string(got) != "bob\nsay 0 bye\nquit\n" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.answering("", terminal("XTERM"))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					p.conn.Write([]byte("hello\n"))
					p.conn.WritePrompt([]byte("> "))
					p.conn.SetWriteDeadline(time.Now().Add(time.Minute))
					p.conn.SetReadDeadline(time.Now().Add(time.Minute))
					p.conn.Settle(0)
					p.conn.Size()
					p.conn.Name()
					p.conn.EditsLines()
					p.conn.ShowInput()
					p.conn.Notify(func() {}, func() {})
				}
			})
		}
		wg.Go(func() {
			p.conn.Settle(time.Second)
			p.conn.Read(make([]byte, 8))
		})
		time.Sleep(time.Second)
		p.sends(`"x" AYT ` + window)
		wg.Wait()
		if p.conn.EditsLines() || p.conn.Name() != "XTERM" {
			t.Error("not a terminal")
		}
	})
}

// An idle connection is a small thing.
func TestConnSize(t *testing.T) {
	if size := unsafe.Sizeof(telnet.Conn{}); size > 640 {
		t.Errorf("a Conn takes %d bytes", size)
	}
}

// FuzzConn plays a peer that sends anything, in any pieces, to a server that goes through all of its moves.
func FuzzConn(f *testing.F) {
	f.Add([]byte("\xff\xfb\x18\xff\xfa\x18\x00XTERM\xff\xf0\xff\xfd\x01\xff\xfd\x03a\r\x00"), byte(7))
	f.Add([]byte("\xff\xfb\x18\xff\xfa\x18\x00MUDLET\xff\xf0\xff\xfd\x19\xff\xfd\x2a\xff\xfd\x01bob\r\npw\r\n"), byte(100))
	f.Add([]byte("\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0\xff\xf4\xff\xfd\x06\xff\xec"), byte(1))
	f.Add([]byte("\xff\xfc\x18bob\n\xff\xfd\x01pw\n"), byte(3))
	f.Fuzz(func(t *testing.T, input []byte, piece byte) {
		if len(input) > 8*1024 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			p := newPeer(t, nil)
			var wg sync.WaitGroup
			defer wg.Wait()
			defer p.Close()
			wg.Go(func() { io.Copy(io.Discard, p) })
			wg.Go(func() {
				defer p.Conn.(interface{ CloseWrite() error }).CloseWrite()
				for rest := input; len(rest) > 0; {
					n := min(len(rest), int(piece)+1)
					if _, err := p.Write(rest[:n]); err != nil {
						return
					}
					rest = rest[n:]
					time.Sleep(50 * time.Millisecond)
				}
			})
			start := time.Now()
			buf := make([]byte, 16)
			p.conn.Write([]byte("Welcome\n"))
			p.conn.Settle(300 * time.Millisecond)
			for n := 0; ; n++ {
				p.conn.WritePrompt([]byte("> "))
				if n%4 == 1 {
					p.conn.HideInput(100 * time.Millisecond)
				}
				read, err := p.conn.Read(buf)
				if read > 0 && n%4 == 1 {
					p.conn.ShowInput()
				}
				if err != nil {
					break
				}
				p.conn.Settle(0)
				if columns, rows := p.conn.Size(); columns != 0 && (columns < 40 || columns > 500) || rows < 0 || rows > 500 {
					t.Errorf("%d by %d", columns, rows)
				}
			}
			// All that was ever waited for: the pieces, Settle, and HideInput at each of them.
			limit := time.Duration(len(input)+1)*150*time.Millisecond + 2*time.Second
			if took := time.Since(start); took > limit {
				t.Errorf("took %v", took)
			}
		})
	})
}
