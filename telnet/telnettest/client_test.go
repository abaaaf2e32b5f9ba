package telnettest

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// take returns, in words, what the server's end receives now.
func take(t *testing.T, server net.Conn) []string {
	t.Helper()
	server.SetReadDeadline(time.Now().Add(time.Millisecond))
	defer server.SetReadDeadline(time.Time{})
	p, err := io.ReadAll(server)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	words, left := Words(p)
	if len(left) > 0 {
		t.Errorf("half a command: %q", left)
	}
	return words
}

func put(t *testing.T, server net.Conn, words string) {
	t.Helper()
	p, err := Bytes(words)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Write(p); err != nil {
		t.Fatal(err)
	}
}

// shown is the client's screen as [picture] has it, line by line.
func shown(c *Client) string {
	var p []string
	c.Look(func(s *Screen) { p = picture(s) })
	return strings.Join(p, "\n")
}

// The rows of the tables that the real programs were measured by.
func TestClient(t *testing.T) {
	type step struct {
		serve string // words the server sends
		keys  string // keys pressed after that
		sends string // words the client sends then
		shows string // its screen, line by line; "" is not looked at
	}
	const password = `"Password: " IAC WILL ECHO`
	tests := []struct {
		name  string
		kind  Kind
		steps []step
	}{
		{"telnet agrees to character mode", Xterm, []step{
			{serve: `IAC DO TTYPE "\rhello\r\n"`, sends: "IAC WILL TTYPE", shows: "hello\n_"},
			{serve: "IAC SB TTYPE SEND IAC SE IAC DO NAWS",
				sends: `IAC SB TTYPE IS "XTERM" IAC SE IAC WILL NAWS IAC SB NAWS 0 80 0 24 IAC SE`},
			{serve: "IAC SB TTYPE SEND IAC SE", sends: `IAC SB TTYPE IS "XTERM" IAC SE`},
			{serve: "IAC WILL ECHO IAC WILL SGA", sends: "IAC DO ECHO IAC DO SGA"},
			{serve: "IAC WILL ECHO IAC WILL SGA IAC DO NAWS"},
			{keys: "a\x7f\x03\x1b[D\r", sends: `"a\x7f\x03\x1b[D\r\x00"`, shows: "hello\n_"},
			{serve: `"> a\b \bb"`, shows: "hello\n> b_"},
			{serve: "IAC WONT ECHO IAC WONT SGA", keys: "x", sends: "IAC DONT ECHO IAC DONT SGA",
				shows: "hello\n> bx_"},
		}},
		{"telnet in line mode", Xterm, []step{
			{serve: `"> "`, keys: "hi \u4e16\x7f\tx\r", sends: `"hi \tx\r\n"`},
			{keys: "abc\x15d", shows: "> hi    x\nd_"},
			{keys: "\x04", sends: `"d"`},
			{keys: "\x04", sends: `"\x04"`},
			{keys: "a\x01\x7f\x7f\r", sends: `"\r\n"`, shows: "> hi    x\nd\n_"},
		}},
		{"telnet refuses", Xterm, []step{
			{serve: "IAC DO 99 IAC WILL EOR IAC WILL CHARSET IAC DO BINARY",
				sends: "IAC WONT 99 IAC DONT EOR IAC DONT CHARSET IAC WONT BINARY"},
			{serve: "IAC DO TM IAC DO TM IAC NOP IAC GA IAC WONT 99", sends: "IAC WILL TM IAC WILL TM"},
		}},
		{"telnet hides a password", Xterm, []step{
			{serve: password, keys: "s3cret\r", sends: `IAC DO ECHO "s3cret\r\n"`, shows: "Password: _"},
			{serve: `IAC WONT ECHO "\r\nin\r\n"`, keys: "x", sends: "IAC DONT ECHO", shows: "Password:\nin\nx_"},
		}},
		{"telnet echoes raw keys with SGA alone", Xterm, []step{
			{serve: "IAC WILL SGA", keys: "a\r", sends: `IAC DO SGA "a\r\x00"`, shows: "a^M_"},
		}},
		{"telnet is deaf after Ctrl-C", Xterm, []step{
			{serve: `"> "`, keys: "abc\x03", sends: "IAC IP IAC DO TM", shows: "> abc_"},
			{serve: `"nobody reads this"`, shows: "> abc_"},
			{serve: `IAC WONT TM "but this"`, shows: "> abcbut this_"},
		}},
		{"telnet delivers half a line when the mode changes", Xterm, []step{
			{keys: "hal"},
			{serve: "IAC WILL ECHO IAC WILL SGA", sends: `IAC DO ECHO IAC DO SGA "hal"`},
		}},
		{"plink speaks first", Putty, []step{
			{sends: "IAC WILL NAWS IAC WILL TSPEED IAC WILL TTYPE IAC WILL NEW-ENVIRON IAC DO ECHO IAC WILL SGA " +
				"IAC DO SGA"},
			{serve: "IAC DO TTYPE IAC WILL ECHO IAC WILL SGA IAC DO SGA IAC SB TTYPE SEND IAC SE",
				sends: `IAC SB TTYPE IS "XTERM" IAC SE`},
			{serve: "IAC DO NAWS IAC DONT TSPEED IAC DONT NEW-ENVIRON", sends: "IAC SB NAWS 0 80 0 24 IAC SE"},
			{keys: "a\r", sends: `"a\r\x00"`, shows: "_"},
			{serve: "IAC DO TM IAC WILL EOR", sends: "IAC WONT TM IAC DONT EOR"},
		}},
		{"plink refused edits itself", Putty, []step{
			{sends: "IAC WILL NAWS IAC WILL TSPEED IAC WILL TTYPE IAC WILL NEW-ENVIRON IAC DO ECHO IAC WILL SGA " +
				"IAC DO SGA"},
			{serve: "IAC WONT ECHO IAC WONT SGA", keys: "a\r\x04", sends: `"a\n" IAC EOF`, shows: "a\n_"},
			{serve: "IAC WILL ECHO", sends: "IAC DO ECHO"},
		}},
		{"TinTin++ tells what it is", Mud, []step{
			{serve: "IAC DO TTYPE IAC SB TTYPE SEND IAC SE", sends: `IAC WILL TTYPE IAC SB TTYPE IS "TINTIN++" IAC SE`},
			{serve: "IAC SB TTYPE SEND IAC SE", sends: `IAC SB TTYPE IS "xterm-256color" IAC SE`},
			{serve: "IAC SB TTYPE SEND IAC SE IAC SB TTYPE SEND IAC SE",
				sends: `IAC SB TTYPE IS "MTTS 271" IAC SE IAC SB TTYPE IS "MTTS 271" IAC SE`},
			{serve: "IAC DO NAWS IAC WILL EOR IAC WILL CHARSET",
				sends: "IAC WILL NAWS IAC SB NAWS 0 80 0 24 IAC SE IAC DO EOR IAC DO CHARSET"},
			{serve: `IAC SB CHARSET REQUEST ";UTF-8" IAC SE`, sends: `IAC SB CHARSET ACCEPTED "UTF-8" IAC SE`},
			{serve: `"> " IAC EOR`, keys: "hi\r", sends: `"hi\r\n"`, shows: "> hi\n_"},
		}},
		{"TinTin++ hides a password and does not answer the end of it", Mud, []step{
			{serve: password, keys: "s3cret\r", sends: `IAC DO ECHO "s3cret\r\n"`, shows: "Password: _"},
			{serve: `IAC WONT ECHO "\r\n"`, keys: "x", shows: "Password:\nx_"},
			{serve: "IAC WILL ECHO", sends: "IAC DO ECHO"},
		}},
		{"TinTin++ loses half a line when the mode changes", Mud, []step{
			{keys: "hal"},
			{serve: "IAC WILL ECHO IAC WILL SGA", keys: "f\r", sends: `IAC DO ECHO IAC DO SGA "f\r\n"`},
		}},
		{"BusyBox agrees to character mode once", BusyBox, []step{
			{serve: "IAC DO TTYPE IAC SB TTYPE SEND IAC SE", sends: `IAC WILL TTYPE IAC SB TTYPE IS "xterm" IAC SE`},
			{serve: "IAC WILL ECHO IAC WILL SGA", sends: "IAC DO ECHO IAC DO SGA",
				shows: "\nEntering character mode\nEscape character is '^]'.\n\n_"},
			{serve: `"> "`, keys: "a\r", sends: `"a\r\n"`},
			{serve: "IAC WONT ECHO", sends: "IAC DONT ECHO", shows: "\nEntering character mode\nEscape character " +
				"is '^]'.\n\n>\nEntering line mode\nEscape character is '^C'.\n\n_"},
			{serve: password, keys: "a\r", sends: `IAC DONT ECHO "a\r\n"`},
		}},
		{"netcat knows no telnet", Line, []step{
			{serve: `IAC DO TTYPE "\rhello\r\n> "`, shows: "hello\n> _"},
			{keys: "hi\r", sends: `"hi\n"`, shows: "hello\n> hi\n_"},
			{serve: password, keys: "s3cret\r", sends: `"s3cret\n"`},
		}},
		{"raw answers nothing", Raw, []step{
			{serve: "IAC DO TTYPE IAC WILL ECHO IAC DO TM", keys: "hi\r", sends: `"hi\r\n"`},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc, server := Pipe()
				c, err := NewClient(nc, tt.kind, 80, 24)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				for i, step := range tt.steps {
					put(t, server, step.serve)
					synctest.Wait()
					if err := c.Type(step.keys); err != nil {
						t.Errorf("step %d: Type: %v", i, err)
					}
					if got := strings.Join(take(t, server), " "); got != step.sends {
						t.Errorf("step %d: sends %s, want %s", i, got, step.sends)
					}
					if got := shown(c); step.shows != "" && got != step.shows {
						t.Errorf("step %d: shows %q, want %q", i, got, step.shows)
					}
				}
				if err := c.Err(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestClientResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc, server := Pipe()
		c, err := NewClient(nc, Xterm, 80, 24)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Resize(300, 50)
		if got := take(t, server); got != nil {
			t.Errorf("told its size before it was asked: %q", got)
		}
		put(t, server, "IAC DO NAWS")
		synctest.Wait()
		c.Resize(511, 20)
		want := []string{"IAC WILL NAWS", "IAC SB NAWS 1 44 0 50 IAC SE", "IAC SB NAWS 1 255 0 20 IAC SE"}
		if got := take(t, server); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestClientFreeze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc, server := Pipe()
		c, err := NewClient(nc, Xterm, 80, 24)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Freeze()
		put(t, server, `"unseen" IAC DO TTYPE`)
		server.Close()
		synctest.Wait()
		if got := shown(c); got != "_" || c.Ended() {
			t.Errorf("frozen, it shows %q, ended %t", got, c.Ended())
		}
		c.Thaw()
		synctest.Wait()
		if got := shown(c); got != "unseen_" || !c.Ended() {
			t.Errorf("thawed, it shows %q, ended %t", got, c.Ended())
		}
		if got, want := string(c.Received()), "unseen\xff\xfd\x18"; got != want {
			t.Errorf("received %q, want %q", got, want)
		}
	})
}

func TestClientEnds(t *testing.T) {
	tests := []struct {
		name   string
		kind   Kind
		do     func(c *Client, server net.Conn)
		server error // what the server reads after "x"
	}{
		{"hangup", Xterm, func(c *Client, _ net.Conn) { c.Close() }, io.EOF},
		{"end of input", Line, func(c *Client, _ net.Conn) { c.CloseWrite() }, io.EOF},
		{"Ctrl-D in netcat", Line, func(c *Client, _ net.Conn) { c.Type("\x04") }, io.EOF},
		{"Ctrl-C in netcat", Line, func(c *Client, _ net.Conn) { c.Type("\x03") }, io.EOF},
		{"telnet leaves with the server", Xterm, func(_ *Client, server net.Conn) { halfClose(server) }, io.EOF},
		{"netcat stays", Line, func(_ *Client, server net.Conn) { halfClose(server) }, os.ErrDeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc, server := Pipe()
				c, err := NewClient(nc, tt.kind, 80, 24)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				c.Type("x\r")
				synctest.Wait()
				tt.do(c, server)
				synctest.Wait()
				if err := c.Type("y"); err != io.ErrClosedPipe {
					t.Errorf("typing after the end: %v, want %v", err, io.ErrClosedPipe)
				}
				if err := c.Send([]byte("y")); err != io.ErrClosedPipe {
					t.Errorf("sending after the end: %v, want %v", err, io.ErrClosedPipe)
				}
				server.SetReadDeadline(time.Now().Add(time.Second))
				got, err := io.ReadAll(server)
				if err == nil {
					err = io.EOF
				}
				if !strings.HasPrefix(string(got), "x") || !errors.Is(err, tt.server) {
					t.Errorf("server reads %q, %v, want x, %v", got, err, tt.server)
				}
			})
		})
	}
}

func TestClientIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc, server := Pipe()
		c, err := NewClient(nc, Line, 80, 24)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var sent int
		for err = nil; err == nil && sent < 4*maxQueued; sent += 1 << 16 {
			err = c.Send(make([]byte, 1<<16))
		}
		if err != ErrFlood {
			t.Errorf("%d bytes queued: %v, want %v", sent, err, ErrFlood)
		}
		server.SetWriteDeadline(time.Now().Add(time.Second))
		for err, sent = nil, 0; err == nil && sent < 2*maxReceived; sent += 1 << 16 {
			_, err = server.Write(make([]byte, 1<<16))
		}
		if err == nil || c.Err() != ErrFlood {
			t.Errorf("%d bytes sent: %v and %v, want %v", sent, err, c.Err(), ErrFlood)
		}
	})
}

func TestClientKind(t *testing.T) {
	if _, err := NewClient(nil, "modem", 80, 24); err == nil {
		t.Error("a modem was accepted")
	}
}
