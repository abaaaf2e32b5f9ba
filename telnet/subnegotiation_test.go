package telnet_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestSize(t *testing.T) {
	for _, tt := range []struct {
		name, sends   string
		columns, rows int
		resized       int
	}{
		{"ordinary", "WILL NAWS SB NAWS 0 80 0 24 SE", 80, 24, 1},
		{"twice", "WILL NAWS SB NAWS 0 80 0 24 SE SB NAWS 0 80 0 24 SE", 80, 24, 1},
		{"changed", "WILL NAWS SB NAWS 0 80 0 24 SE SB NAWS 0 81 0 24 SE", 81, 24, 2},
		{"255 columns", `WILL NAWS SB NAWS 0 "\xff\xff" 0 24 SE`, 255, 24, 1},
		{"the largest", `WILL NAWS SB NAWS "\xff\xff\xff\xff\xff\xff\xff\xff" SE`, 500, 500, 1},
		{"1 by 1", "WILL NAWS SB NAWS 0 1 0 1 SE", 40, 1, 1},
		{"unknown", "WILL NAWS SB NAWS 0 0 0 0 SE", 0, 0, 0},
		{"unknown again", "WILL NAWS SB NAWS 0 80 0 24 SE SB NAWS 0 0 0 0 SE", 0, 0, 2},
		{"unknown columns", "WILL NAWS SB NAWS 0 0 0 24 SE", 0, 24, 1},
		{"short", "WILL NAWS SB NAWS 0 80 0 SE", 0, 0, 0},
		{"long", "WILL NAWS SB NAWS 0 80 0 24 0 SE", 0, 0, 0},
		{"empty", "WILL NAWS SB NAWS SE", 0, 0, 0},
		{"not agreed", "SB NAWS 0 80 0 24 SE", 0, 0, 0},
		{"no longer agreed", "WILL NAWS WONT NAWS SB NAWS 0 80 0 24 SE", 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				resized := 0
				p.conn.Notify(func() { resized++ }, func() {})
				p.sends(tt.sends)
				p.pumps()
				if columns, rows := p.conn.Size(); columns != tt.columns || rows != tt.rows || resized != tt.resized {
					t.Errorf("%d by %d after %d calls, want %d by %d after %d", columns, rows, resized, tt.columns,
						tt.rows, tt.resized)
				}
			})
		})
	}
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

// accepts returns the answer that accepts a character set, as the peer gets it.
func accepts(name string) string {
	return "SB CHARSET 2 " + strings.Trim(fmt.Sprint([]byte(name)), "[]") + " SE"
}

func TestCharset(t *testing.T) {
	const mud = `WILL TTYPE SB TTYPE 0 "MUDLET" SE WILL CHARSET `
	for _, tt := range []struct{ name, sends, want, agreed string }{
		{"UTF-8 wins", `SB CHARSET 1 ";ISO-8859-1;utf-8" SE`, accepts("utf-8"), "UTF-8"},
		{"the first that is known", `SB CHARSET 1 " KOI8-R Latin1 CP437" SE`, accepts("Latin1"), "ISO-8859-1"},
		{"CP437", `SB CHARSET 1 ";IBM437" SE`, accepts("IBM437"), "CP437"},
		{"ASCII", `SB CHARSET 1 "+ANSI_X3.4-1968" SE`, accepts("ANSI_X3.4-1968"), "US-ASCII"},
		{"none is known", `SB CHARSET 1 ";KOI8-R;EBCDIC" SE`, `SB CHARSET 3 SE`, ""},
		{"an empty name", `SB CHARSET 1 ";;" SE`, `SB CHARSET 3 SE`, ""},
		{"with tables", `SB CHARSET 1 "[TTABLE]" 1 " UTF-8 ISO-8859-1" SE`, accepts("UTF-8"), "UTF-8"},
		{"tables alone", `SB CHARSET 1 "[TTABLE]" 1 SE`, `SB CHARSET 3 SE`, ""},
		{"empty list", `SB CHARSET 1 SE`, `SB CHARSET 3 SE`, ""},
		{"ours goes first", `DO CHARSET SB CHARSET 1 ";UTF-8" SE`, charset + ` SB CHARSET 3 SE`, ""},
		{"after ours was answered", `DO CHARSET SB CHARSET 2 "CP437" SE SB CHARSET 1 ";UTF-8" SE`,
			charset + " " + accepts("UTF-8"), "UTF-8"},
		{"after ours was rejected", `DO CHARSET SB CHARSET 3 SE SB CHARSET 1 ";ASCII" SE`,
			charset + " " + accepts("ASCII"), "US-ASCII"},
		{"after ours was put an end to", `DO CHARSET DONT CHARSET SB CHARSET 1 ";ASCII" SE`,
			charset + " WONT CHARSET " + accepts("ASCII"), "US-ASCII"},
		{"an answer after that", `DO CHARSET DONT CHARSET SB CHARSET 2 "CP437" SE`, charset + " WONT CHARSET", ""},
		{"ours is accepted", `DO CHARSET SB CHARSET 2 "iso-8859-1" SE`, charset, "ISO-8859-1"},
		{"what is accepted was not offered", `DO CHARSET SB CHARSET 2 "KOI8-R" SE`, charset, ""},
		{"ours is not repeated", `DO CHARSET DO CHARSET`, charset, ""},
		{"an answer", `SB CHARSET 2 "CP437" SE`, "", ""},
		{"nothing", `SB CHARSET SE`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.writes("x")
				p.sends(mud)
				p.pumps()
				p.got(`DO TTYPE "\rx"`,
					sendSB+" DO NAWS WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB+" DO CHARSET")
				p.sends(tt.sends)
				p.pumps()
				if tt.want == "" {
					p.got()
				} else {
					p.got(tt.want)
				}
				if got := p.conn.AgreedCharset(); got != tt.agreed {
					t.Errorf("agreed: %q, want %q", got, tt.agreed)
				}
			})
		})
	}
}
