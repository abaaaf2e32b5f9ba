package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/testenv"

	"github.com/creack/pty"
)

// An sshProgram is a real client of SSH. HOST, PORT, KEY and PRINT, which is the fingerprint of the host, stand in its
// commands.
type sshProgram struct {
	name, pkg string
	command   string   // what goes before the name of the user
	key       string   // what goes there too, to log in by a key and ask nothing
	terminal  string   // the option for a pseudo-terminal where there is a command
	makeKey   []string // commands that make KEY and KEY.pub, for a shell
}

var sshPrograms = []sshProgram{
	{
		name: "ssh", pkg: "openssh-client", terminal: "-tt",
		command: "ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR " +
			"-o IdentityAgent=none -o IdentityFile=none -p PORT",
		key: "-o BatchMode=yes -i KEY",
		makeKey: []string{"ssh-keygen -q -t ed25519 -N '' -f KEY",
			"rm -f KEY KEY.pub; ssh-keygen -q -t rsa -N '' -f KEY",
			"rm -f KEY KEY.pub; ssh-keygen -q -t ecdsa -N '' -f KEY"},
	},
	{
		name: "dbclient", pkg: "dropbear-bin", terminal: "-t", command: "dbclient -y -y -p PORT", key: "-i KEY",
		makeKey: []string{"dropbearkey -t ed25519 -f KEY && dropbearkey -y -f KEY | grep ^ssh- > KEY.pub"},
	},
	{
		name: "plink", pkg: "plink", terminal: "-t", command: "plink -ssh -no-antispoof -hostkey PRINT -P PORT",
		key: "-batch -i KEY",
		makeKey: []string{puttyKey("ed25519"), puttyKey("rsa -b 2048"), puttyKey("ecdsa -b 256"),
			puttyKey("ecdsa -b 384"), puttyKey("ecdsa -b 521")},
	},
}

// puttyKey returns the command that makes a key of PuTTY of that type.
func puttyKey(kind string) string {
	return "rm -f KEY; puttygen -q -t " + kind + " -o KEY --new-passphrase /dev/null && puttygen -L KEY > KEY.pub"
}

// TestSSHClients lets real clients come by SSH: with the password and by keys, at a terminal that changes its size and
// without one, to talk, to come into a room, and to run one command.
func TestSSHClients(t *testing.T) {
	testenv.Long(t)
	for _, program := range sshPrograms {
		t.Run(program.name, func(t *testing.T) {
			need(t, program.name, program.pkg)
			if program.name == "plink" {
				need(t, "puttygen", "putty-tools")
			}
			t.Parallel()
			program.visit(t)
		})
	}
}

func (program sshProgram) visit(t *testing.T) {
	t.Helper()
	server, address := startSSH(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	stands := strings.NewReplacer("PORT", port, "PRINT", hostPrint(t, address), "KEY",
		filepath.Join(t.TempDir(), "key"))
	command := func(options, rest string) []string {
		return strings.Fields(stands.Replace(program.command + " " + options + " alice@" + host + " " + rest))
	}
	clerk := dialScript(t, server.address)
	clerk.send("guest", "register alice "+secret)
	clerk.expect("User alice registered")
	clerk.send("quit")
	clerk.expect("See you next time.")
	other := bob(t, server.address)
	other.send("start tea")
	other.expect("bob created room 0, topic: tea")

	alice := sitDown(t, command("", "")...)
	alice.wait("the question for the password", func(all, _ string) bool {
		return strings.Contains(strings.ToLower(all), "password")
	})
	alice.press(secret + "\r")
	alice.atLine("<alice:0> _")
	alice.press("say 0 hel")
	other.send("shout hi there")
	alice.expect("!!bob!!: hi there")
	alice.atLine("<alice:0> say 0 hel_")
	alice.press("\x15")
	if err := pty.Setsize(alice.tty, &pty.Winsize{Cols: 71, Rows: 20}); err != nil {
		t.Fatal(err)
	}
	// The client may tell that after what is typed next.
	width := func() string {
		alice.press("set width\r")
		alice.expect("How wide lines may be.")
		all, _ := alice.look()
		return all[strings.LastIndex(all, "width: "):]
	}
	for tries := 1; !strings.HasPrefix(width(), "width: 71 columns"); tries++ {
		if tries == 200 {
			t.Fatal("the server does not know the new size of the window")
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, make := range program.makeKey {
		if out, err := exec.Command("timeout", "60", "sh", "-c", stands.Replace(make)).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", make, err, out)
		}
		line, err := os.ReadFile(stands.Replace("KEY.pub"))
		if err != nil {
			t.Fatal(err)
		}
		alice.press("keys add " + strings.TrimSpace(string(line)) + "\r")
		alice.expect("You can log in by SSH with the key")
		program.runs(t, command(program.key, "who"), 0, "alice bob\n")
		alice.press("keys remove 1\r")
		alice.expect("Key 1 has been removed")
	}
	line, err := os.ReadFile(stands.Replace("KEY.pub"))
	if err != nil {
		t.Fatal(err)
	}
	alice.press("keys add " + strings.TrimSpace(string(line)) + "\r")
	alice.expect("You can log in by SSH with the key")
	alice.press("quit\r")
	alice.ended()
	alice.unseen(secret)

	program.runs(t, command(program.key, "tell bob hello"), 0, "")
	other.expect("[Private] alice: hello")
	program.runs(t, command(program.key, "say 0 hello"), 1, "")
	program.runs(t, command(program.key, "start lunch"), 2, "")
	guest := sitDown(t, command(program.key+" "+program.terminal, "join 0")...)
	guest.expect("You joined Room 0.")
	guest.press("say 0 hello\r")
	other.expect("[Room 0] *alice*: hello")
	guest.press("quit\r")
	guest.ended()
}

// runs runs a client without a terminal, whose input is at its end, and looks at what it says and its exit status.
func (program sshProgram) runs(t *testing.T, command []string, status int, out string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	got, err := cmd.Output()
	ended := 0
	exit, ok := errors.AsType[*exec.ExitError](err)
	if ok {
		ended = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if ended != status || !strings.HasSuffix(string(got), out) {
		said := ""
		if exit != nil {
			said = string(exit.Stderr)
		}
		t.Errorf("%q: status %d, want %d; it says %q, %q", command, ended, status, got, said)
	}
}

// TestSSHPipe is the API by SSH: lines in, everything out, and the end.
func TestSSHPipe(t *testing.T) {
	need(t, "ssh", "openssh-client")
	t.Parallel()
	_, address := startSSH(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	command := strings.NewReplacer("PORT", port).Replace(sshPrograms[0].command) + " -T guest@" + host
	for _, input := range []string{`who\nquit\n`, `who\n`, `who`} {
		out, err := exec.Command("timeout", "20", "sh", "-c", "printf '"+input+"' | "+command).Output()
		if err != nil {
			t.Errorf("%q: %v", input, err)
		}
		for _, want := range []string{"<guest:0> ", "1 user online:\nguest\n", "See you next time.\n"} {
			if !strings.Contains(strings.ReplaceAll(string(out), "\r\n", "\n"), want) {
				t.Errorf("%q: no %q in\n%s", input, want, out)
			}
		}
	}
}
