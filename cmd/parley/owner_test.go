//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// stranger is a user of the machine without a name.
const stranger = 54321

// asUser returns a command that runs the program as the user with that number, who is in no group but one of that
// number.
func asUser(t *testing.T, uid uint32, stdin string, args ...string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can act as others")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	return cmd
}

// strangersFolder returns an empty folder of the stranger's.
func strangersFolder(t *testing.T) string {
	t.Helper()
	open := t.TempDir()
	for dir := open; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(open, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, stranger, stranger); err != nil {
		t.Skip("only root can give a folder away")
	}
	return data
}

// listing is every file below dir with its owner, mode, size, time and content.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		var content []byte
		if info.Mode().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		s := info.Sys().(*syscall.Stat_t)
		_, err = fmt.Fprintln(&b, path, s.Uid, s.Gid, info.Mode(), info.ModTime().UnixNano(), s.Ctim.Nano(),
			len(content), bytes.Count(content, []byte{0}))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// foreigners names what in dir is not the stranger's.
func foreigners(t *testing.T, dir string) (names []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Sys().(*syscall.Stat_t).Uid != stranger {
			names = append(names, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// reading are the commands that only read.
func reading(dir string) [][]string {
	return [][]string{
		{"user", "list"}, {"bans"}, {"audit"}, {"export"}, {"export", filepath.Join(dir, "export")},
		{"backup", filepath.Join(dir, "backup")}, {"backup", "-"}, {"check"},
	}
}

// TestReadingLeavesNoTrace runs every command that only reads, as root and as the owner, on the folder of a server that
// was stopped, of one that was killed, and on a disk that cannot be written to.
func TestReadingLeavesNoTrace(t *testing.T) {
	t.Parallel()
	data := strangersFolder(t)
	for _, state := range []string{"stopped", "killed"} {
		server := startCommand(t, asUser(t, stranger, "", "--listen", "127.0.0.1:0", "--data", data))
		s := dialScript(t, server.address)
		s.send("guest", "register alice"+state+" quicksand")
		s.expect("User alice" + state + " registered")
		if state == "stopped" {
			server.stop()
		} else {
			server.kill()
		}
		for _, uid := range []uint32{0, stranger} {
			out := t.TempDir()
			if err := os.Chown(out, int(uid), int(uid)); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Dir(out), 0o755); err != nil {
				t.Fatal(err)
			}
			before := listing(t, data)
			for _, args := range reading(out) {
				said, err := asUser(t, uid, "", append([]string{"--data", data}, args...)...).CombinedOutput()
				if err != nil {
					t.Errorf("%s, as %d: parley %v: %v: %s", state, uid, args, err, said)
				}
				if args[0] == "user" && !strings.Contains(string(said), "alice"+state) {
					t.Errorf("%s, as %d: user list: %s", state, uid, said)
				}
				if after := listing(t, data); after != before {
					t.Errorf("%s, as %d: parley %v left a trace:\n%s\nbefore:\n%s", state, uid, args, after, before)
				}
			}
			if said, err := asUser(t, uid, "", "check", filepath.Join(out, "backup")).CombinedOutput(); err != nil ||
				!strings.Contains(string(said), "is whole") {
				t.Errorf("%s, as %d: check of the backup: %v: %s", state, uid, err, said)
			}
		}
	}
}

// TestWritingKeepsTheOwner changes the folder of another user as root: all files stay that user's, whose server starts.
func TestWritingKeepsTheOwner(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"open", "closed"} {
		t.Run(way, func(t *testing.T) {
			data := strangersFolder(t)
			parent := filepath.Dir(data)
			if way == "closed" { // as systemd's DynamicUser has it
				if err := os.Chmod(parent, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			export := filepath.Join(t.TempDir(), "export")
			for _, step := range []struct{ stdin, args string }{
				{"quicksand\n", "user add alice"},
				{"", "user promote alice"},
				{"", "ban 192.0.2.7"},
				{"", "invite"},
				{"", "export " + export},
				{"", "user delete alice"},
				{"", "import " + export},
			} {
				if step.args == "user delete alice" {
					step.stdin, step.args = "quicksand\n", "user add bob"
				}
				args := append([]string{"--data", data}, strings.Fields(step.args)...)
				if said, err := asUser(t, 0, step.stdin, args...).CombinedOutput(); err != nil {
					t.Fatalf("parley %s: %v: %s", step.args, err, said)
				}
				if names := foreigners(t, data); len(names) > 0 {
					t.Errorf("after %s not the owner's: %q", step.args, names)
				}
			}
			if said, err := asUser(t, 0, "", "--listen", "127.0.0.1:0", "--data", data).CombinedOutput(); err == nil ||
				!strings.Contains(string(said), "run the server as user 54321") {
				t.Errorf("a server of root's: %v: %s", err, said)
			}
			if names := foreigners(t, data); len(names) > 0 {
				t.Errorf("after the refused start not the owner's: %q", names)
			}
			if err := os.Chmod(parent, 0o755); err != nil {
				t.Fatal(err)
			}
			server := startCommand(t, asUser(t, stranger, "", "--listen", "127.0.0.1:0", "--data", data))
			s := dialScript(t, server.address)
			s.send("alice", "quicksand")
			s.expect("<alice:0> ")
			if status := server.stop(); status != 0 {
				t.Errorf("exit status %d", status)
			}
		})
	}
}

// TestRestoreKeepsTheOwner restores into an empty folder of another user as root.
func TestRestoreKeepsTheOwner(t *testing.T) {
	t.Parallel()
	data, from, file := strangersFolder(t), filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "backup")
	mustShell(t, from, "quicksand\n", "user", "add", "alice")
	mustShell(t, from, "", "backup", file)
	if said, err := asUser(t, 0, "", "--data", data, "restore", file).CombinedOutput(); err != nil ||
		!strings.HasPrefix(string(said), "Restored ") {
		t.Fatalf("restore: %v: %s", err, said)
	}
	if names := foreigners(t, data); len(names) > 0 {
		t.Errorf("not the owner's: %q", names)
	}
}

// TestForeignFile has a file that an earlier root left in the way of the start: the sentence names it and whose it is.
func TestForeignFile(t *testing.T) {
	t.Parallel()
	data := strangersFolder(t)
	if said, err := asUser(t, stranger, "quicksand\n", "--data", data, "user", "add",
		"alice").CombinedOutput(); err != nil {
		t.Fatalf("user add: %v: %s", err, said)
	}
	for _, name := range []string{"seal", "journal", "lock", "mark", "badger", "badger/MANIFEST", "."} {
		path := filepath.Join(data, name)
		if err := os.Chown(path, 0, 0); err != nil {
			t.Fatal(err)
		}
		said, err := asUser(t, stranger, "", "--listen", "127.0.0.1:0", "--data", data).CombinedOutput()
		if want := path + " belongs to root"; err == nil || !strings.Contains(string(said), want) ||
			strings.Count(string(said), "\n") != 1 {
			t.Errorf("%s: %v, got %s want one sentence with %q", name, err, said, want)
		}
		if err := os.Chown(path, stranger, stranger); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := asUser(t, stranger, "", "--data", data, "user", "promote", "alice").CombinedOutput(); err != nil {
		t.Errorf("when all is the owner's again: %v: %s", err, said)
	}
}
