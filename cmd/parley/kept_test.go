package main

import (
	"bytes"
	order "encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keptFolder has a data folder, packed as VERSION.tar.gz, and a backup, VERSION.backup, of each release.
const keptFolder = "../../testdata/releases"

// keep makes the data folder and the backup of this version, with some of everything in them.
func keep(t *testing.T) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	mustShell(t, data, "quicksand\n", "user", "add", "alice")
	mustShell(t, data, "quicksilver\n", "user", "add", "bob")
	mustShell(t, data, "quickstep\n", "user", "add", "carol")
	mustShell(t, data, "", "user", "promote", "alice")
	mustShell(t, data, "", "user", "disable", "carol")
	mustShell(t, data, "", "ban", "192.0.2.0/24", "a", "reason")
	mustShell(t, data, "", "mute", "bob")
	mustShell(t, data, "", "invite")
	server := startProcess(t, data)
	alice := dialScript(t, server.address)
	alice.send("alice")
	alice.expect("assword: ")
	alice.send("quicksand", "info of a release", "mail bob a letter that stays", "block carol", "alias hi shout hello",
		"alias")
	alice.expect("shout hello")
	mustShell(t, data, "", "backup", filepath.Join(keptFolder, version+".backup"), "--force")
	if status := server.stop(); status != 0 {
		t.Fatalf("exit status %d:\n%s", status, server.log)
	}
	packed := filepath.Join(keptFolder, version+".tar.gz")
	if out, err := exec.Command("tar", "-C", data, "--owner=0", "--group=0", "-czf", packed, ".").
		CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// TestKeptReleases opens what each release has written: its data folder, and its backup. With -update it keeps what
// this version writes, if nothing of it is kept.
func TestKeptReleases(t *testing.T) {
	if _, err := os.Stat(filepath.Join(keptFolder, version+".tar.gz")); err != nil {
		if !*update {
			t.Errorf("nothing is kept of %s: go test ./cmd/parley -run TestKeptReleases -update keeps it", version)
		} else {
			keep(t)
		}
	}
	folders, err := filepath.Glob(filepath.Join(keptFolder, "*.tar.gz"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("%q, %v", folders, err)
	}
	for _, folder := range folders {
		name := strings.TrimSuffix(filepath.Base(folder), ".tar.gz")
		t.Run(name+" folder", func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(data, 0o700); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("tar", "-C", data, "-xzf", folder).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			hasAll(t, data)
		})
		t.Run(name+" backup", func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			mustShell(t, data, "", "restore", filepath.Join(keptFolder, name+".backup"))
			hasAll(t, data)
		})
	}
}

// hasAll tests that the data folder has what keep has put there.
func hasAll(t *testing.T, data string) {
	t.Helper()
	mustShell(t, data, "", "check")
	server := startProcess(t, data)
	for _, tt := range []struct {
		args string
		want []string
	}{
		{"user list", []string{"alice", "bob", "carol", "operator", "disabled"}},
		{"bans", []string{"192.0.2.0/24", "a reason"}},
		{"audit 0", []string{"promote", "disable", "mute", "invite"}},
	} {
		out := mustShell(t, data, "", strings.Fields(tt.args)...)
		for _, want := range tt.want {
			if !strings.Contains(out, want) {
				t.Errorf("parley %s has no %q:\n%s", tt.args, want, out)
			}
		}
	}
	alice, bob := dialScript(t, server.address), dialScript(t, server.address)
	alice.send("alice")
	alice.expect("assword: ")
	alice.send("quicksand", "status alice")
	alice.expect("of a release")
	alice.send("alias")
	alice.expect("shout hello")
	bob.send("bob")
	bob.expect("assword: ")
	bob.send("quicksilver", "mail read")
	bob.expect("a letter that stays")
	bob.send("shout hello")
	bob.expect("muted")
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d:\n%s", status, server.log)
	}
}

// TestNewerRelease tests that an older program leaves alone what a newer one has written, and says so in one sentence:
// a folder at the start and for the commands, and a backup.
func TestNewerRelease(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	mustShell(t, data, "quicksand\n", "user", "add", "alice")
	backup := filepath.Join(t.TempDir(), "backup")
	mustShell(t, data, "", "backup", backup)
	journal := filepath.Join(data, "journal")
	for _, path := range []string{journal, backup} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// The schema stands behind the magic, and the sum of the header at its end: see db/entry.go.
		order.LittleEndian.PutUint32(b[8:], order.LittleEndian.Uint32(b[8:])+1)
		order.LittleEndian.PutUint32(b[28:], crc32.Checksum(b[:28], crc32.MakeTable(crc32.Castagnoli)))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	const want = "written by a newer Parley"
	for _, args := range []string{"serve --listen 127.0.0.1:0", "user list", "check", "user promote alice"} {
		if _, err := shell(t, data, "", strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%s: %v", args, err)
		}
	}
	empty := filepath.Join(t.TempDir(), "data")
	for _, args := range []string{"restore " + backup, "check " + backup} {
		if _, err := shell(t, empty, "", strings.Fields(args)...); err == nil ||
			!strings.Contains(err.Error(), "newer Parley") {
			t.Errorf("%s: %v", args, err)
		}
	}
	if after, err := os.ReadFile(journal); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the journal was changed: %v", err)
	}
	var out strings.Builder
	if err := new(program).run(t.Context(), []string{"--data", data, "--listen", "127.0.0.1:0", "doctor"},
		io.Writer(&out)); err == nil || !strings.Contains(out.String(), want) {
		t.Errorf("the doctor says\n%s", &out)
	}
}
