package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"parley/telnet/telnettest"
)

// These tests put real clients in a pseudo-terminal and look at the screen. A client that is not installed is skipped
// by the name of its package, unless PARLEY_REQUIRE_CLIENTS is set.

// need returns the path of a program, or skips the test if there is none.
func need(t *testing.T, program, pkg string) string {
	t.Helper()
	// Debian's place for MUD clients, in few people's PATH
	for _, name := range []string{program, "/usr/games/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("PARLEY_REQUIRE_CLIENTS") != "" {
		t.Fatalf("%s is not installed: install the package %s", program, pkg)
	}
	t.Skipf("%s is not installed: install the package %s", program, pkg)
	return ""
}

// A person sits at a real client in a pseudo-terminal.
type person struct {
	t    *testing.T
	tty  *os.File
	cmd  *exec.Cmd
	done chan struct{} // closed when the client has ended

	expected map[string]int // how often expect was called for a text

	mu     sync.Mutex // guards all below
	screen *telnettest.Screen
	bytes  bytes.Buffer
}

func sitDown(t *testing.T, command ...string) *person {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm", "LANG=C.UTF-8", "HOME="+t.TempDir())
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, tty: tty, cmd: cmd, done: make(chan struct{}), expected: make(map[string]int),
		screen: telnettest.NewScreen(80, 24)}
	go p.watch() // until the terminal closes
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.done
		tty.Close()
	})
	return p
}

func (p *person) watch() {
	defer close(p.done)
	buf := make([]byte, 4096)
	for {
		n, err := p.tty.Read(buf)
		p.mu.Lock()
		p.bytes.Write(buf[:n])
		_, _ = p.screen.Write(buf[:n])
		p.mu.Unlock()
		if err != nil {
			_ = p.cmd.Wait()
			return
		}
	}
}

// look returns all that the terminal shows and has shown, and the line of the cursor by itself.
func (p *person) look() (all, line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, after := p.screen.Line()
	lines := append(append(p.screen.Finished(), before+after), p.screen.Below()...)
	return strings.Join(lines, "\n"), before + "_" + after
}

// wait waits until ok.
func (p *person) wait(what string, ok func(all, line string) bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		all, line := p.look()
		if ok(all, line) {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("waiting for %s; the screen:\n%s\nthe cursor's line: %s", what, all, line)
		}
	}
}

// expect waits until text is on the screen as often as it was expected.
func (p *person) expect(text string) {
	p.t.Helper()
	p.expected[text]++
	p.wait(fmt.Sprintf("%q", text), func(all, _ string) bool { return strings.Count(all, text) >= p.expected[text] })
}

// wasShown reports whether text has come, whether or not the screen still has it.
func (p *person) wasShown(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Contains(p.bytes.Bytes(), []byte(text))
}

// atLine waits until the cursor's line is line, in which _ stands for the cursor.
func (p *person) atLine(line string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("the line %q", line), func(_, l string) bool {
		return strings.TrimRight(l, " ") == strings.TrimRight(line, " ")
	})
}

func (p *person) press(keys string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// ended waits until the client has ended by itself.
func (p *person) ended() {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		all, _ := p.look()
		p.t.Fatalf("the client goes on; the screen:\n%s", all)
	}
}

// unseen fails if the secret was ever sent to the screen.
func (p *person) unseen(secret string) {
	p.t.Helper()
	if p.wasShown(secret) {
		p.t.Errorf("%q was on the screen", secret)
	}
}

const secret = "Xyzzy-42"

// bobShouts logs Bob in, who is a script.
func bob(t *testing.T, address string) *script {
	t.Helper()
	b := dialScript(t, address)
	b.send("guest", "register bob quicksand", "login bob", "quicksand")
	b.expect("<bob:0> ")
	return b
}

func TestTerminals(t *testing.T) {
	for _, client := range []struct {
		name, pkg string
		command   func(host, port string) []string
		enter     string
		stays     bool // the client does not end with the connection
	}{
		{name: "telnet", pkg: "inetutils-telnet", command: func(h, p string) []string {
			return []string{"telnet", h, p}
		}},
		{name: "plink", pkg: "plink", command: func(h, p string) []string {
			return []string{"plink", "-telnet", h, "-P", p}
		}},
		{name: "busybox", pkg: "busybox", command: func(h, p string) []string {
			return []string{"busybox", "telnet", h, p}
		}},
	} {
		t.Run(client.name, func(t *testing.T) {
			need(t, client.name, client.pkg)
			t.Parallel()
			server := startProcess(t, t.TempDir())
			host, port, _ := net.SplitHostPort(server.address)
			alice := sitDown(t, client.command(host, port)...)
			other := bob(t, server.address)

			alice.expect("AUTHORIZED USERS ONLY")
			alice.atLine("Enter your username: _")
			alice.press("guest\r")
			alice.atLine("<guest:0> _")
			alice.press("register alice\r")
			alice.atLine("Enter your password: _")
			alice.press(secret + "\r")
			alice.atLine("Enter your password again: _")
			alice.press(secret + "\r")
			alice.expect("User alice registered")
			alice.atLine("<guest:1> _")
			alice.press("login alice\r")
			alice.atLine("Enter your password: _")
			alice.press(secret + "\r")
			alice.expect("Last login: never.")
			alice.atLine("<alice:0> _")

			// Mistakes: a letter too many in the middle, one missing at the end.
			alice.press("start lunxc\x1b[D\x7f\x1b[Ch")
			alice.atLine("<alice:0> start lunch_")
			alice.press("\r")
			alice.expect("!!system!!: alice created room 0, topic: lunch")

			// Interrupted in mid-line, the cursor not at the end.
			alice.atLine("<alice:1> _")
			alice.press("say 0 hel\x1b[D\x1b[D")
			alice.atLine("<alice:1> say 0 h_el")
			other.send("shout 你好, everyone")
			alice.expect("!!bob!!: 你好, everyone")
			alice.atLine("<alice:1> say 0 h_el")
			alice.press("\x05lo\r")
			alice.expect("[Room 0] *alice*: hello")

			// A password typed into the line does not show either.
			alice.atLine("<alice:2> _")
			alice.press("register carol " + secret)
			alice.atLine("<alice:2> register carol " + strings.Repeat("*", len(secret)) + "_")
			alice.press("\r")
			alice.expect("User carol registered")

			alice.press("quit\r")
			alice.expect("See you next time.")
			alice.ended()
			alice.unseen(secret)
			if strings.Contains(server.log.String(), secret) {
				t.Errorf("the log holds the password:\n%s", server.log)
			}
		})
	}
}

func TestTinTin(t *testing.T) {
	tintin := need(t, "tt++", "tintin++")
	t.Parallel()
	server := startProcess(t, t.TempDir())
	host, port, _ := net.SplitHostPort(server.address)
	alice := sitDown(t, tintin, "-e", "#session parley "+host+" "+port)
	other := bob(t, server.address)

	alice.expect("Enter your username:")
	alice.press("guest\r")
	alice.expect("<guest:0>")
	alice.press("register alice\r")
	alice.expect("Enter your password:")
	alice.press(secret + "\r")
	alice.expect("Enter your password again:")
	alice.press(secret + "\r")
	alice.expect("User alice registered")
	alice.press("login alice\r")
	alice.expect("Enter your password:")
	alice.press(secret + "\r")
	alice.expect("<alice:0>")
	alice.press("start lunch\r")
	alice.expect("!!system!!: alice created room 0, topic: lunch")
	alice.press("say 0 hel")
	other.send("shout hi there")
	alice.expect("!!bob!!: hi there")
	alice.press("lo\r")
	alice.expect("[Room 0] *alice*: hello")
	alice.press("quit\r")
	alice.expect("See you next time.")
	alice.unseen(secret)
}

// TestNetcats uses clients without telnet: they cannot hide a password, and the user is told so.
func TestNetcats(t *testing.T) {
	for _, client := range []struct {
		name, pkg string
		command   func(host, port string) []string
	}{
		{"nc", "netcat-openbsd", func(h, p string) []string { return []string{"nc", h, p} }},
		{"ncat", "ncat", func(h, p string) []string { return []string{"ncat", h, p} }},
		{"ncat -t", "ncat", func(h, p string) []string { return []string{"ncat", "-t", h, p} }},
		{"socat", "socat", func(h, p string) []string { return []string{"socat", "-", "TCP:" + h + ":" + p} }},
	} {
		t.Run(client.name, func(t *testing.T) {
			program, _, _ := strings.Cut(client.name, " ")
			need(t, program, client.pkg)
			t.Parallel()
			server := startProcess(t, t.TempDir())
			host, port, _ := net.SplitHostPort(server.address)
			alice := sitDown(t, client.command(host, port)...)
			other := bob(t, server.address)

			alice.atLine("Enter your username: _")
			alice.press("guest\r")
			alice.atLine("<guest:0> _")
			alice.press("register alice\r")
			alice.expect("Your client cannot hide what you type: the password will be visible.")
			alice.atLine("Enter your password: _")
			alice.press(secret + "\r")
			alice.atLine("Enter your password again: _")
			alice.press(secret + "\r")
			alice.expect("User alice registered")
			alice.press("login alice\r")
			alice.atLine("Enter your password: _")
			alice.press(secret + "\r")
			alice.atLine("<alice:0> _")
			alice.press("start lunxx\x7f\x7fch\r") // the terminal's own editing
			alice.expect("!!system!!: alice created room 0, topic: lunch")
			other.send("shout hi there")
			alice.expect("!!bob!!: hi there")
			alice.press("say 0 hello\r")
			alice.expect("[Room 0] *alice*: hello")
			alice.press("quit\r")
			alice.expect("See you next time.")
		})
	}
}

// TestPipe is the API: lines in, everything out, and the end.
func TestPipe(t *testing.T) {
	for _, client := range []struct {
		name, pkg string
		command   func(host, port string) string
	}{
		{"nc", "netcat-openbsd", func(h, p string) string { return "nc -N " + h + " " + p }},
		{"ncat", "ncat", func(h, p string) string { return "ncat " + h + " " + p }},
		{"socat", "socat", func(h, p string) string { return "socat -t 5 - TCP:" + h + ":" + p }},
		{"plink", "plink", func(h, p string) string { return "plink -telnet " + h + " -P " + p }},
	} {
		t.Run(client.name, func(t *testing.T) {
			need(t, client.name, client.pkg)
			t.Parallel()
			server := startProcess(t, t.TempDir())
			host, port, _ := net.SplitHostPort(server.address)
			for _, input := range []string{`guest\nhelp\nquit\n`, `guest\nhelp\n`, `guest\nhelp`} {
				out, err := exec.Command("timeout", "20", "sh", "-c", "printf '"+input+"' | "+
					client.command(host, port)).Output()
				if err != nil && client.name != "plink" { // plink complains when the connection ends
					t.Errorf("%q: %v", input, err)
				}
				for _, want := range []string{
					"Enter your username: ", "You are logged in as a guest.", "<guest:0> ", "Commands supported",
					"say <room number> <msg>  # ",
					"Thank you for using Internet Chat Server.\r\nSee you next time.\r\n",
				} {
					if !strings.Contains(string(out), want) {
						t.Errorf("%q: no %q in\n%s", input, want, out)
					}
				}
			}
		})
	}
}
