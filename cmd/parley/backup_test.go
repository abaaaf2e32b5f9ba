package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestBackupWhileUsersWrite backs up a server at work, restores into a fresh folder, and looks for all that was acknowledged before the
// backup began.
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
				if _, err := s.conn.Write([]byte("register " + user + " pw\n")); err != nil {
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
	mustShell(t, data, "pw\n", "user", "add", "alice")
	file := filepath.Join(t.TempDir(), "backup")
	mustShell(t, data, "", "backup", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shell(t, data, "", "restore", file); err == nil || !strings.Contains(err.Error(), "holds a store already; move it away first") {
		t.Errorf("into a folder in use: got %v", err)
	}
	for name, content := range map[string][]byte{"cut": whole[:len(whole)-1], "altered": bytes.Replace(whole, []byte("alice"), []byte("alica"), 1), "empty": nil} {
		fresh := filepath.Join(t.TempDir(), "fresh")
		if _, err := shell(t, fresh, string(content), "restore", "-"); err == nil || !strings.Contains(err.Error(), "the backup is of no use") {
			t.Errorf("%s: restore: got %v", name, err)
		}
		if _, err := shell(t, fresh, string(content), "check", "-"); err == nil || !strings.Contains(err.Error(), "the backup is of no use") {
			t.Errorf("%s: check: got %v", name, err)
		}
		if out := mustShell(t, fresh, "", "user", "list"); !strings.Contains(out, "0 accounts.") {
			t.Errorf("%s: something was restored: %q", name, out)
		}
		// The folder is still empty: the right backup goes in.
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
	if _, err := shell(t, data, "", "backup", filepath.Join(t.TempDir(), "no", "such", "folder")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("backup into a folder that is not there: got %v", err)
	}
}

func TestCheckFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	mustShell(t, data, "pw\n", "user", "add", "alice")
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
		"alice: left out. The name alice looks too much like that of user a1ice. Please choose another.\nbob: added.\nAccounts added: 1, there already: 0, left out: 1.\n",
		"alice: left out. The name alice looks too much like that of user a1ice. Please choose another.\nbob: is there already.\nAccounts added: 0, there already: 1, left out: 1.\n",
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
	for name, damaged := range map[string]string{"cut": export[:len(export)-2], "altered": strings.Replace(export, "bob", "rob", 1), "none": "hello\n"} {
		if out, err := shell(t, to, damaged, "import"); out != "" || err == nil || !strings.Contains(err.Error(), "Nothing was imported.") {
			t.Errorf("%s: got %q, %v", name, out, err)
		}
	}
}
