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
		{"Ctrl-D of plink", `"ab" EOF "c\n" DO TM`, "ab\n", nil, true},
		{"Ctrl-U of PuTTY", `"ab" EL "c"`, "ab\x15c", nil, false},
		{"erase of PuTTY", `"ab" EC "c"`, "ab\x7fc", nil, false},
		{"a paste", `"a\nb\r\nc\r\x00d"`, "a\nb\nc\nd", nil, false},
		{"what means nothing", `"a" ABORT NOP GA EOR "b"`, "ab", nil, false},
		{"a Synch", `"a" DM "b"`, "a\x03b", nil, false},
		{"Synchs", `"a" DM DM "b" DM`, "a\x03b\x03", nil, false},
		{"IP and Synch", `IP DM DO TM "b\r\n"`, "\x03b\n", []string{"DO TTYPE \"\\r\" WILL TM"}, false},
		{"Ctrl-C and Synch", `"a\x03" DM "b\x03b" DM`, "a\x03b\x03b\x03", nil, false},
		{"IAC IAC", `"a\xff\xffb"`, "a\xffb", nil, false},
		{"a subnegotiation that was not agreed",
			`SB NAWS 0 80 0 24 SE SB TTYPE 0 "XTERM" SE SB CHARSET 1 ";UTF-8" SE "a"`, "a", nil, false},
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

func TestAreYouThere(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends("AYT")
		p.pumps()
		asked := 0
		p.conn.Notify(func() {}, func() { asked++ })
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
	f.Add([]byte("\xff\xfb\x18\xff\xfa\x18\x00MUDLET\xff\xf0\xff\xfd\x19\xff\xfd\x2a\xff\xfd\x01bob\r\npw\r\n"),
		byte(100))
	f.Add([]byte(
		"\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0\xff\xf4\xff\xfd\x06\xff\xec"),
		byte(1))
	f.Add([]byte("\xff\xfb\x2a\xff\xfa\x2a\x01;KOI8-R;CP437\xff\xf0\x82\xff\xfa\x2a\x01[TTABLE]\x01 UTF-8\xff\xf0"),
		byte(9))
	f.Add([]byte("\xff\xfc\x18bob\n\xff\xfd\x01pw\n"), byte(3))
	f.Add([]byte("\xff\xfb\x18\xff\xfa\x18\x00MUDLET\xff\xf0\xff\xfd\xc9\xff\xfa\xc9"+
		"Core.Supports.Add [\"Comm.Channel 1\"]\xff\xf0\xff\xfa\xc9Core.Ping\xff\xf0"+
		"\xff\xfb\x27\xff\xfa\x27\x00\x03OSC_HYPERLINKS\x011\xff\xf0\xff\xfd\x46"),
		byte(50))
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
				if columns, rows := p.conn.Size(); columns != 0 && (columns < 40 || columns > 500) || rows < 0 ||
					rows > 500 {
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
