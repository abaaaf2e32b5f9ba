package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/db"
)

// shell runs the program as an operator's shell does, and returns what it says.
func shell(t testing.TB, data, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	var out strings.Builder
	p := &program{stdin: strings.NewReader(stdin), stderr: t.Output()}
	err = p.run(t.Context(), append([]string{"--data", data}, args...), &out)
	return out.String(), err
}

// mustShell is shell for what must work.
func mustShell(t testing.TB, data, stdin string, args ...string) string {
	t.Helper()
	out, err := shell(t, data, stdin, args...)
	if err != nil {
		t.Fatalf("parley %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// TestConsole tells the same story to a running server and to a folder that none runs on.
func TestConsole(t *testing.T) {
	for _, running := range []bool{true, false} {
		name := map[bool]string{true: "running", false: "alone"}[running]
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			if running {
				startProcess(t, data)
			}
			for _, step := range []struct {
				stdin string
				args  string
				want  string // in the output, or in the error if it begins with "!"
			}{
				{"s3cret\n", "user add alice", "User alice registered.\nThat password is short. One of 8 " +
					"characters or more is harder to guess.\n"},
				{"other\n", "user add Bob", "User Bob registered.\nThat password is short. One of 8 characters or " +
					"more is harder to guess.\n"},
				{"quicksand\n", "user add b0b", "!The name b0b looks too much like that of user Bob"},
				{"quicksand\n", "user add shout", "!The name shout is reserved."},
				{"abc\n", "user add carol", "!A password must have at least 4 characters."},
				{"carol1\n", "user add carol", "!A password cannot be the user name, or nearly the same."},
				{"p\xe4\xf6\xfcword\n", "user add carol", "!did not arrive as UTF-8"},
				{"pass\x00word\n", "user add carol", "!has a character that a password cannot have"},
				{"", "user add carol", "!A password must have at least one character."},
				{strings.Repeat("x", 1025) + "\n", "user add carol", "!too long"},
				{"", "user promote ALICE", "is an operator now.\n"},
				{"", "user promote alice", "!is already an operator"},
				{"", "user demote alice", "!operator"}, // the last one
				{"newer one\n", "user passwd bob", "has a new password.\n"},
				{"new\n", "user passwd nobody", "!User nobody does not exist. \"parley user list\" shows all accounts"},
				{"", "user disable bob", "can no longer log in.\n"},
				{"", "user list", "\nBob    user      disabled  "},
				{"", "user enable bob", "can log in again.\n"},
				{"", "user list", "2 accounts.\n"},
				{"", "ban 192.0.2.0/24 for 2d spam and more",
					"Banned 192.0.2.0/24 for 2d: spam and more.\nSessions ended: 0.\n"},
				{"", "ban bob for ever", "!ever"},
				{"", "bans", "1 ban:\n192.0.2.0/24 for 2d: spam and more. By console on "},
				{"", "ban bob 2days spam", "!It is not clear whether \"2days\" is the time. Nothing was done."},
				{"", "ban bob spam for 2d", "!It is not clear whether \"2d\" is the time."},
				{"", "ban bob", "Banned Bob until further notice.\nSessions ended: 0.\nThe ban never ends by " +
					"itself. To end it: parley unban Bob\n"},
				{"", "bans", "2 bans:\n"},
				{"", "bans", "never ends by itself. To end one: parley unban <target>\n"},
				{"", "ban bob 2d", "Banned Bob for 2d.\n"},
				{"", "ban bob for 2d spam", "Banned Bob for 2d: spam.\n"},
				{"", "ban -a bob 2d", "!Nobody knows the address of user Bob."},
				{"", "ban bob 2d -a", "!Nobody knows the address of user Bob."},
				{"", "ban bob -a 2d spam", "!Nobody knows the address of user Bob."},
				{"", "ban 2001:db8::7 1h", "Banned 2001:db8::/64 for 1h.\n"},
				{"", "unban 2001:db8::9", "Ended the ban of 2001:db8::/64.\n"},
				{"", "unban bob", "Ended the ban of Bob.\n"},
				{"", "unban bob", "!There is no ban on bob. Type \"parley bans\""},
				{"", "mute bob 5m loud", "User Bob is muted for 5m: loud.\n"},
				{"", "mute bob five minutes", "!\"five minutes\""},
				{"", "unmute bob", "User Bob is no longer muted.\n"},
				{"", "unmute bob", "!User Bob is not muted."},
				{"", "kick", "!Usage: parley kick <user> [reason]"},
				{"", "bans now", "!Usage: parley bans"},
				{"", "unban 192.0.2.0/24", "Ended the ban of 192.0.2.0/24.\n"},
				{"", "unban 192.0.2.0/24", "!There is no ban on 192.0.2.0/24."},
				{"", "user delete bob", "is deleted.\n"},
				{"", "invite", "It is good for one account, for 7 days.\n"},
				{"", "user list", "1 account.\n"},
				{"", "audit 2", " console: delete Bob\n"}, // and the invite
				{"", "audit", " console: ban 192.0.2.0/24 for 2d: spam and more\n"},
			} {
				out, err := shell(t, data, step.stdin, strings.Fields(step.args)...)
				if want, refused := strings.CutPrefix(step.want, "!"); refused {
					if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
						t.Errorf("parley %s: got %v, want one sentence with %q", step.args, err, want)
					}
				} else if err != nil || !strings.Contains(out, want) {
					t.Errorf("parley %s: got %q, %v, want %q", step.args, out, err, want)
				}
			}
		})
	}
}

// TestConsoleLive does what makes sense only while somebody may be online.
func TestConsoleLive(t *testing.T) {
	data := t.TempDir()
	for _, args := range []string{"sessions", "announce hello", "kick bob"} {
		if _, err := shell(t, data, "", strings.Fields(args)...); err == nil ||
			!strings.Contains(err.Error(), "nobody is online") {
			t.Errorf("parley %s without a server: got %v", args, err)
		}
	}
	server := startProcess(t, data)
	mustShell(t, data, "quicksand\n", "user", "add", "bob")
	bob, guest := dialScript(t, server.address), dialScript(t, server.address)
	bob.send("bob", "quicksand")
	bob.expect("<bob:0> ")
	guest.send("guest")
	guest.expect("<guest:0> ")
	before := dialScript(t, server.address)
	before.expect("username: ")
	out := mustShell(t, data, "", "sessions")
	for _, want := range []string{"bob    127.0.0.1  ", "guest  127.0.0.1  ", "2 sessions.\nBefore the login: 1.\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("sessions: got %q, want %q in it", out, want)
		}
	}
	if out := mustShell(t, data, "", "announce", "tea", "at", "four",
		"\x1b[2J"); out != "Announced to everyone online: 2.\n" {
		t.Errorf("announce: got %q", out)
	}
	bob.expect("!!system!!: tea at four [2J\r\n")
	guest.expect("!!system!!: tea at four [2J\r\n")
	if out := mustShell(t, data, "", "kick", "BOB", "too", "loud"); out != "User bob has been "+
		"disconnected.\nSessions ended: 1.\n" {
		t.Errorf("kick: got %q", out)
	}
	bob.expect("disconnected by an operator: too loud")
	mustShell(t, data, "", "user", "promote", "bob")
	bob = dialScript(t, server.address)
	bob.send("bob", "quicksand")
	bob.expect("<bob:0> ")
	mustShell(t, data, "", "shutdown", "in", "1h")
	bob.expect("!!system!!: The server shuts down in 1h.")
	mustShell(t, data, "", "shutdown", "cancel")
	if out := mustShell(t, data, "", "who", "-a"); !strings.Contains(out, "127.0.0.1") ||
		!strings.Contains(out, ", operator\n") {
		t.Errorf("who -a: got %q", out)
	}
	if out := mustShell(t, data, "", "who", "-l", "bo"); !strings.Contains(out, "1 user online:\nbob: ") ||
		!strings.Contains(out, ", in no room") {
		t.Errorf("who -l: got %q", out)
	}
	bob.send("start tea")
	bob.expect("created room 0")
	if out := mustShell(t, data, "", "keep", "0", "cups"); out != "Room 0 is now the standing room cups.\n" {
		t.Errorf("keep: got %q", out)
	}
	if _, err := shell(t, data, "", "keep", "7", "pots"); err == nil || !strings.HasSuffix(err.Error(),
		`Room 7 does not exist. "parley who -l" shows who is in which room`) {
		t.Errorf("keep: got %v", err)
	}
	if out := mustShell(t, data, "", "ban", "127.0.0.1", "1h"); out != "Banned 127.0.0.1 for 1h.\nSessions ended: "+
		"2. Operators among them: bob.\n" {
		t.Errorf("ban: got %q", out)
	}
	guest.expect("banned")
}

// TestConsoleFolder covers the slips of the pen and of the hand.
func TestConsoleFolder(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for _, args := range []string{"user list", "user promote bob", "bans", "backup " +
		filepath.Join(t.TempDir(), "b"), "export", "check"} {
		if _, err := shell(t, missing, "", strings.Fields(args)...); err == nil ||
			!strings.Contains(err.Error(), "there is no data folder") {
			t.Errorf("parley %s: got %v", args, err)
		}
	}
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a data folder was made")
	}
	held := t.TempDir()
	store, err := db.Open(held, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := shell(t, held, "", "user", "list"); err == nil ||
		!strings.Contains(err.Error(), "does not listen to admin.sock") {
		t.Errorf("a folder in use: got %v", err)
	}
}

// TestAdminSocket looks at the socket itself: only its owner may use it, and one that a crash left is replaced.
func TestAdminSocket(t *testing.T) {
	data := t.TempDir()
	path := filepath.Join(data, adminName)
	if err := os.Chmod(data, 0o777); err != nil {
		t.Fatal(err)
	}
	startProcess(t, data).kill()
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("a kill left no socket to replace: %v", err)
	}
	if out := mustShell(t, data, "", "user", "list"); out != "NAME  ROLE  STATE  REGISTERED  LAST SEEN  FAILED "+
		"LOGINS\n0 accounts.\n" {
		t.Errorf("with a socket that nobody serves: got %q", out)
	}
	server := startProcess(t, data)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("mode %v, want Srw-------", info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(data, ".admin*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	for _, request := range []struct{ name, text, want string }{
		{"unknown command", "POST /user/eat HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "404 Not Found"},
		{"no arguments", "POST /user/promote HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "400 Bad Request"},
		{"other arguments", "POST /kick HTTP/1.1\r\nHost: x\r\nParley-Arguments: {\"Gently\":1}\r\nContent-Length: " +
			"0\r\n\r\n", "400 Bad Request"},
		{"get", "GET /bans HTTP/1.1\r\nHost: x\r\nParley-Arguments: {}\r\n\r\n", "404 Not Found"},
		{"no command of the console", "POST /restore HTTP/1.1\r\nHost: x\r\nParley-Arguments: " +
			"{}\r\nContent-Length: 0\r\n\r\n", "404 Not Found"},
		{"no HTTP", "hello\r\n\r\n", "400 Bad Request"},
		{"endless", "POST /" + strings.Repeat("x", 100<<10), "431"},
		{"well", "POST /bans HTTP/1.1\r\nHost: x\r\nParley-Arguments: {}\r\nContent-Length: 0\r\n\r\n", "200 OK"},
	} {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(request.text)); err != nil && request.name != "endless" {
			t.Fatal(err)
		}
		answer := make([]byte, 4096)
		n, _ := conn.Read(answer)
		if line, _, _ := bytes.Cut(answer[:n], []byte("\r\n")); !bytes.Contains(line, []byte(request.want)) {
			t.Errorf("%s: got %q, want %q", request.name, line, request.want)
		}
		conn.Close()
	}
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the stop: %v, want no socket", err)
	}
}

// TestExitStatus runs the binary itself.
func TestExitStatus(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for args, want := range map[string]int{"user list": 0, "user promote nobody": 1, "user promot bob": 2, "user": 2,
		"ban": 2} {
		cmd := exec.Command(path, append([]string{"--data", data}, strings.Fields(args)...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		_ = cmd.Run() // the status says it
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("parley %s: exit status %d, want %d", args, got, want)
		}
		if lines := strings.Count(stderr.String(), "\n"); want > 0 && lines != 1 {
			t.Errorf("parley %s: %d lines of error: %q", args, lines, &stderr)
		}
	}
}

// TestPasswordAtTerminal types a password: it is not shown, asked for twice, and again if the two differ, but not for
// ever.
func TestPasswordAtTerminal(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for _, tt := range []struct {
		again []string
		want  string
	}{
		{[]string{"other", "another", "different"}, "no password was typed twice alike, and nothing was changed"},
		{[]string{"other", "s3cret"}, "User bob registered."},
	} {
		operator := sitDown(t, path, "--data", data, "user", "add", "bob")
		for _, again := range tt.again {
			operator.expect(`New password for "bob":`)
			operator.press("s3cret\r")
			operator.expect("The same again:")
			operator.press(again + "\r")
		}
		operator.expect(tt.want)
		operator.unseen("s3cret")
		operator.unseen("other")
	}
}

// TestPasswordTypedAhead types both answers at the first question: neither is shown.
func TestPasswordTypedAhead(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	operator := sitDown(t, path, "--data", t.TempDir(), "user", "add", "bob")
	operator.expect(`New password for "bob":`)
	operator.press("s3cret\rs3cret\r")
	operator.expect("User bob registered.")
	operator.unseen("s3cret")
}

func TestConsoleCommands(t *testing.T) {
	table, err := consoleCommands()
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for path := range table {
		paths = append(paths, path)
	}
	for _, want := range []string{"user list", "user add", "kick", "backup", "import"} {
		if !slices.Contains(paths, want) {
			t.Errorf("no %q in %q", want, paths)
		}
	}
	for _, local := range []string{"restore", "check", "serve", "version"} {
		if slices.Contains(paths, local) {
			t.Errorf("%q can be asked of a running server", local)
		}
	}
}

// TestAdminClosed asks a server that stops meanwhile.
func TestAdminClosed(t *testing.T) {
	dir := t.TempDir()
	l, err := listenPrivate(t.Context(), "unix", filepath.Join(dir, adminName))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() { // ends with the one connection
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"))
		conn.Close()
	}()
	file := filepath.Join(t.TempDir(), "backup")
	if err := os.WriteFile(file, []byte("the old one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := shell(t, dir, "", "backup", "--force", file); err == nil ||
		!strings.Contains(err.Error(), "ended early") {
		t.Errorf("got %v, want that the answer ended early", err)
	}
	<-done
	if b, err := os.ReadFile(file); err != nil || string(b) != "the old one" {
		t.Errorf("the file was replaced by half of a backup: %q, %v", b, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".backup*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := dialAdmin(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("dial after ^C: %v", err)
	}
}
