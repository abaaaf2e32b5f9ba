package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestLimitsExempt(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "[127.0.0.0/8 ::1/128]"},
		{[]string{"--limits-exempt", "none"}, "[]"},
		{[]string{"--limits-exempt", "192.0.2.7"}, "[192.0.2.7/32]"},
		{[]string{"--limits-exempt", "192.0.2.7/24,2001:db8::7/32"}, "[192.0.2.0/24 2001:db8::/32]"},
		{[]string{"--limits-exempt", "192.0.2.7", "--limits-exempt", "::1"}, "[192.0.2.7/32 ::1/128]"},
		{[]string{"--limits-exempt", "none,192.0.2.7"}, "none stands alone"},
		{[]string{"--limits-exempt", "home"}, `"home" is neither an address`},
		{[]string{"--limits-exempt", "192.0.2.0/33"}, `"192.0.2.0/33" is neither`},
		{[]string{"--limits-exempt", "fe80::1%eth0"}, "is neither"},
	} {
		got := ""
		o, _, err := parseOptions(tt.args, io.Discard)
		if err == nil {
			exempt, _ := o.exempt()
			if got = fmt.Sprint(exempt); exempt == nil {
				t.Errorf("%q: nil, which stands for loopback", tt.args)
			}
			if got != tt.want {
				t.Errorf("%q: %s, want %s", tt.args, got, tt.want)
			}
			continue
		}
		if _, ok := errors.AsType[*usageError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.args, err, tt.want)
		}
	}
}

func TestPasswordMin(t *testing.T) {
	for _, tt := range []struct {
		env  string
		args []string
		want passwordMin // 0: refused
	}{
		{"", nil, 4},
		{"", []string{"--password-min", "1"}, 1},
		{"12", nil, 12},
		{"12", []string{"user", "list", "--password-min", "64"}, 64},
		{"", []string{"--password-min", "0"}, 0},
		{"", []string{"--password-min=-1"}, 0},
		{"", []string{"--password-min", "65"}, 0},
		{"", []string{"--password-min", "four"}, 0},
		{"0", nil, 0},
		{"65", []string{"user", "list"}, 0},
	} {
		if tt.env != "" {
			t.Setenv("PARLEY_PASSWORD_MIN", tt.env)
		} else {
			os.Unsetenv("PARLEY_PASSWORD_MIN") // what Setenv set is restored at the end
		}
		o, _, err := parseOptions(tt.args, io.Discard)
		_, refused := errors.AsType[*usageError](err)
		switch {
		case err == nil && o.PasswordMin != tt.want:
			t.Errorf("%q %q: %d, want %d", tt.env, tt.args, o.PasswordMin, tt.want)
		case err != nil && (tt.want != 0 || !refused || !strings.Contains(err.Error(), "--password-min: ")):
			t.Errorf("%q %q: %v", tt.env, tt.args, err)
		}
	}
}

// TestPaste tests that fifty lines pasted at once arrive whole and in order, in the time that their pace takes.
func TestPaste(t *testing.T) {
	const lines = 50
	var b strings.Builder
	b.WriteString("connect bob line\n...\nbob > bob\n...\nbob > s3cret\n...\n" +
		"connect alice xterm 198.51.100.7\n...\nalice > alice\n...\nalice * s3cret\n...\nalice > start " +
		"tea\n...\nbob > join 0\n...\nalice ~ ")
	for i := range lines {
		fmt.Fprintf(&b, `say 0 line number %d of a long poem that somebody likes\r`, i)
	}
	b.WriteString("\n...\n")
	for i := range lines - 5 {
		// The sixth line and those after it wait half a second each.
		fmt.Fprintf(&b, "wait 500ms\nbob < <bob:1>\nbob < [Room 0] *alice*: line number %d of a long poem that "+
			"somebody likes\n...\n", i+5)
	}
	b.WriteString("wait 1h\n-- accounts --\nalice s3cret\nbob s3cret\n")
	p, err := parsePlay("paste", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	p.check(t, perform(t, p, serveProgram))
}

// TestServerFull runs the program where it may open few files: there is room for some connections and a sentence for
// the others, and all is well when they are gone.
func TestServerFull(t *testing.T) {
	const files = spareFiles + 20
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, files), path,
		"--listen", "127.0.0.1:0", "--data", t.TempDir()))
	var in []net.Conn
	for range files - spareFiles {
		s := dialScript(t, p.address)
		s.expect("AUTHORIZED")
		in = append(in, s.conn)
	}
	for range 200 {
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		got, err := io.ReadAll(conn)
		if want := "The server is full. Please try again in a few minutes.\r\n"; string(got) != want || err != nil {
			t.Fatalf("one too many reads %q, %v", got, err)
		}
		conn.Close()
	}
	for _, conn := range in {
		conn.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		s := dialScript(t, p.address)
		s.send("guest", "register alice s3cret", "quit")
		if s.until("User alice registered") == nil {
			break
		}
	}
	if ctx.Err() != nil {
		t.Error("nobody is let in when the others have gone")
	}
	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d:\n%s", status, p.log)
	}
}
