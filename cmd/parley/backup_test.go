package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestBackupWhileUsersWrite backs up a server at work, restores into a fresh folder, and looks for all that was
// acknowledged before the backup began.
func TestBackupWhileUsersWrite(t *testing.T) {
	t.Parallel()
	data, fresh, file := t.TempDir(), filepath.Join(t.TempDir(), "fresh"), filepath.Join(t.TempDir(), "backup")
	server := startProcess(t, data)
	var writing sync.WaitGroup
	var before [3]acknowledgements
	enough := make(chan struct{}, len(before))
	for i := range before {
		writing.Go(func() { // until the server dies
			s := dialScript(t, server.address)
			s.send("guest")
			for n := 0; ; n++ {
				user := fmt.Sprintf("c%du%d", i, n)
				if _, err := s.conn.Write([]byte("register " + user + " quicksand\n")); err != nil {
					return
				}
				if s.until("User "+user+" registered") != nil {
					return
				}
				if n < 5 {
					before[i].users = append(before[i].users, user)
				}
				if n == 5 {
					enough <- struct{}{}
				}
			}
		})
	}
	for range before {
		<-enough
	}
	if out := mustShell(t, data, "", "backup", file); !strings.HasPrefix(out, "Written to "+file) {
		t.Errorf("got %q", out)
	}
	server.kill()
	writing.Wait()
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("the backup: %v, %v, want mode 0600", info.Mode(), err)
	}
	if out := mustShell(t, data, "", "check", file); !strings.HasPrefix(out, "The backup "+file+" is whole: ") {
		t.Errorf("check: got %q", out)
	}
	if out := mustShell(t, fresh, "", "restore", file); !strings.HasPrefix(out, "Restored ") {
		t.Errorf("restore: got %q", out)
	}
	look := dialScript(t, startProcess(t, fresh).address)
	look.send("guest")
	look.expect("<guest:0> ")
	for i := range before {
		if len(before[i].users) != 5 {
			t.Errorf("client %d wrote %d users before the backup", i, len(before[i].users))
		}
		before[i].check(look)
	}
}

// TestRestoreRefused covers what a restore must not do.
func TestRestoreRefused(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	mustShell(t, data, "quicksand\n", "user", "add", "alice")
	file := filepath.Join(t.TempDir(), "backup")
	mustShell(t, data, "", "backup", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shell(t, data, "", "restore", file); err == nil ||
		!strings.Contains(err.Error(), "holds a store already; move it away first") {
		t.Errorf("into a folder in use: got %v", err)
	}
	for name, content := range map[string][]byte{"cut": whole[:len(whole)-1],
		"altered": bytes.Replace(whole, []byte("alice"), []byte("alica"), 1), "empty": nil} {
		fresh := filepath.Join(t.TempDir(), "fresh")
		if _, err := shell(t, fresh, string(content), "restore", "-"); err == nil ||
			!strings.Contains(err.Error(), "the backup is not valid") {
			t.Errorf("%s: restore: got %v", name, err)
		}
		if _, err := shell(t, fresh, string(content), "check", "-"); err == nil ||
			!strings.Contains(err.Error(), "the backup is not valid") {
			t.Errorf("%s: check: got %v", name, err)
		}
		if _, err := os.Lstat(fresh); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was made: %v", name, err)
		}
		mustShell(t, fresh, string(whole), "restore", "-")
		if out := mustShell(t, fresh, "", "user", "list"); !strings.Contains(out, "\nalice ") {
			t.Errorf("%s: after the right one: %q", name, out)
		}
	}
	startProcess(t, data)
	if _, err := shell(t, data, "", "restore", file); err == nil || !strings.Contains(err.Error(), "stop it before") {
		t.Errorf("restore while a server runs: got %v", err)
	}
	if _, err := shell(t, data, "", "check"); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("check while a server runs: got %v", err)
	}
	if _, err := shell(t, file, "", "user", "list"); err == nil || err.Error() != file+
		" is not a folder; --data names the data folder" {
		t.Errorf("a file for a data folder: got %v", err)
	}
	if _, err := shell(t, data, "", "backup", ""); err == nil ||
		!strings.Contains(err.Error(), "there is no name of a file") {
		t.Errorf("backup into no file: got %v", err)
	}
	if _, err := shell(t, data, "", "backup", filepath.Join(t.TempDir(), "no", "such", "folder")); !errors.Is(err,
		fs.ErrNotExist) {
		t.Errorf("backup into a folder that is not there: got %v", err)
	}
}

func TestCheckFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	mustShell(t, data, "quicksand\n", "user", "add", "alice")
	if out := mustShell(t, data, "", "check"); !strings.Contains(out, "The data folder "+data+" can be used.\n") {
		t.Errorf("got %q", out)
	}
	journal := filepath.Join(data, "journal")
	b, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(journal, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := shell(t, data, "", "check")
	if said := fmt.Sprint(out, err); !strings.Contains(said, "journal") {
		t.Errorf("of a damaged journal: got %q, %v", out, err)
	}
}

// TestExportImport moves accounts from one server to another, twice.
func TestExportImport(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from"), t.TempDir()
	mustShell(t, from, "pw of alice\n", "user", "add", "alice")
	mustShell(t, from, "pw of bob\n", "user", "add", "bob")
	mustShell(t, from, "", "user", "promote", "bob")
	export := mustShell(t, from, "", "export")
	server := startProcess(t, to)
	mustShell(t, to, "mine\n", "user", "add", "a1ice")
	for _, want := range []string{
		"alice: left out. The name alice looks too much like that of user a1ice. Please choose another.\nAccounts " +
			"added: 1, there already: 0, left out: 1.\n",
		"alice: left out. The name alice looks too much like that of user a1ice. Please choose another.\nAccounts " +
			"added: 0, there already: 1, left out: 1.\n",
	} {
		out, err := shell(t, to, export, "import")
		if out != want || err == nil {
			t.Errorf("got %q, %v, want %q and an error", out, err, want)
		}
	}
	bob := dialScript(t, server.address)
	bob.send("bob", "pw of bob", "help")
	bob.expect("<bob:0> ")
	if out := mustShell(t, to, "", "user", "list"); !strings.Contains(out, "\nbob    operator  online ") {
		t.Errorf("the role was not imported: %q", out)
	}
	for name, damaged := range map[string]string{"cut": export[:len(export)-2],
		"altered": strings.Replace(export, "bob", "rob", 1), "none": "hello\n"} {
		fresh := filepath.Join(t.TempDir(), "new", "fresh")
		if _, err := shell(t, fresh, damaged, "import"); err == nil ||
			!strings.Contains(err.Error(), "Nothing was imported.") {
			t.Errorf("%s into a new folder: got %v", name, err)
		}
		if _, err := os.Lstat(filepath.Dir(fresh)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was made: %v", name, err)
		}
		if out, err := shell(t, to, damaged, "import"); out != "" || err == nil ||
			!strings.Contains(err.Error(), "Nothing was imported.") {
			t.Errorf("%s: got %q, %v", name, out, err)
		}
	}
}

// TestNewFolder says which folder was made, once, and that nobody has an account there; what is refused makes none.
func TestNewFolder(t *testing.T) {
	fresh := func() string { return filepath.Join(t.TempDir(), "new", "data") }
	run := func(data, stdin string, args ...string) (string, error) {
		var said strings.Builder
		p := &program{stdin: strings.NewReader(stdin), stderr: &said}
		err := p.run(t.Context(), append([]string{"--data", data}, args...), &said)
		return said.String(), err
	}
	for _, stdin := range []string{"", "\n", strings.Repeat("x", 2000) + "\n"} {
		data := fresh()
		if _, err := run(data, stdin, "user", "add", "alice"); err == nil {
			t.Errorf("with the password %.10q: no error", stdin)
		}
		if _, err := os.Lstat(filepath.Dir(data)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("with the password %.10q something was made: %v", stdin, err)
		}
	}
	data := fresh()
	if _, err := run(data, "quicksand\n", "user", "add", "system"); err == nil {
		t.Error("system was added")
	}
	if _, err := os.Lstat(filepath.Dir(data)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with a bad name something was made: %v", err)
	}
	// A folder that was there stays, as empty as it was.
	empty := t.TempDir()
	if _, err := run(empty, "", "user", "add", "alice"); err == nil {
		t.Error("no error without a password")
	}
	if left, err := os.ReadDir(empty); err != nil || len(left) > 0 {
		t.Errorf("left in the empty folder: %v, %v", left, err)
	}
	for _, name := range []string{"alice", "bob"} {
		out, err := run(data, "quicksand\n", "user", "add", name)
		want := fmt.Sprintf("User %s registered.\n", name)
		if name == "alice" {
			want = "parley: made " + data + ", no accounts yet\n" + want
		}
		if err != nil || out != want {
			t.Errorf("user add %s: got %q, %v, want %q", name, out, err, want)
		}
	}
	if out, err := run(data, "", "check"); err != nil || !strings.HasSuffix(out, "Accounts: 2.\n") {
		t.Errorf("check: got %q, %v", out, err)
	}
}

// TestNewFolderOfServer starts in a folder that is not there, and again.
func TestNewFolderOfServer(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	taken := startProcess(t, t.TempDir())
	out, err := exec.Command(path, "--listen", taken.address, "--data", data).CombinedOutput()
	if err == nil || strings.Contains(string(out), "no accounts yet") {
		t.Errorf("on an address in use: %v: %s", err, out)
	}
	if _, err := os.Lstat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("on an address in use something was made: %v", err)
	}
	for i := range 2 {
		server := exec.Command(path, "--listen", "127.0.0.1:0", "--data", data)
		stdout, err := server.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if made := line == "Made "+data+", no accounts yet.\n"; made != (i == 0) || err != nil {
			t.Errorf("start %d: the first line is %q, %v", i, line, err)
		}
		_ = server.Process.Signal(syscall.SIGTERM)
		if err := server.Wait(); err != nil {
			t.Error(err)
		}
	}
	if out := mustShell(t, data, "", "check"); !strings.HasSuffix(out, "It has no accounts: is "+data+
		" the folder you mean? --data names another.\n") {
		t.Errorf("check: got %q", out)
	}
}
