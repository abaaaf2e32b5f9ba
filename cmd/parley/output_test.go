//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOutputPlain writes to plain files and links to them: what is there is refused, or replaced where it really is.
func TestOutputPlain(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	mustShell(t, data, "s3cret\n", "user", "add", "alice")
	at := func(name string) string { return filepath.Join(dir, name) }
	link := func(to, name string) {
		if err := os.Symlink(to, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, at("old"), "the old one")
	write(t, at("empty"), "")
	link("old", "link")
	link("new", "dangling")
	link("loop", "loop")
	link(data, "folder")
	link(filepath.Join(data, "fresh"), "inward")
	for _, tt := range []struct{ file, want string }{
		{"old", "exists already; --force replaces it"}, {"link", "exists already; --force replaces it"},
		{"empty", "exists already; --force replaces it"},
		{"loop", "too many"}, {".", "is a folder"}, {"none/file", "no such file"},
		{"folder", "is in the data folder"}, {"folder/backup", "is in the data folder"},
		{"folder/sub/backup", "is in the data folder"}, {"inward", "is in the data folder"},
		{"../" + filepath.Base(dir) + "/folder/journal", "is in the data folder"},
	} {
		for _, command := range []string{"backup", "export"} {
			if out, err := shell(t, data, "", command, at(tt.file)); out != "" || err == nil ||
				!strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s %s: got %q, %v, want %q", command, tt.file, out, err, tt.want)
			}
			if !strings.Contains(tt.want, "--force") {
				if _, err := shell(t, data, "", command, "--force", at(tt.file)); err == nil ||
					!strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s --force %s: got %v, want %q", command, tt.file, err, tt.want)
				}
			}
		}
	}
	if b, err := os.ReadFile(at("old")); string(b) != "the old one" || err != nil {
		t.Errorf("the old one: %q, %v", b, err)
	}
	mustShell(t, data, "", "backup", "--force", at("link"))
	mustShell(t, data, "", "backup", at("dangling"))
	for _, name := range []string{"link", "dangling"} {
		if info, err := os.Lstat(at(name)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v, %v", name, info, err)
		}
	}
	for _, name := range []string{"old", "new"} {
		if info, err := os.Lstat(at(name)); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v, want a plain file for its owner", name, info, err)
		}
		mustShell(t, data, "", "check", at(name))
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 8 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

// TestOutputInto writes into what is no plain file, which stays what it is.
func TestOutputInto(t *testing.T) {
	data, pipe := t.TempDir(), filepath.Join(t.TempDir(), "pipe")
	mustShell(t, data, "s3cret\n", "user", "add", "alice")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan []byte, 1)
	go func() { // until the writer has closed the pipe
		f, err := os.Open(pipe)
		if err != nil {
			got <- nil
			return
		}
		defer f.Close()
		b, _ := io.ReadAll(f)
		got <- b
	}()
	mustShell(t, data, "", "export", pipe)
	if b := <-got; !bytes.Contains(b, []byte(`"name":"alice"`)) {
		t.Errorf("through the pipe: %q", b)
	}
	mustShell(t, data, "", "backup", "/dev/null")
	for path, kind := range map[string]fs.FileMode{pipe: fs.ModeNamedPipe, "/dev/null": fs.ModeDevice} {
		if info, err := os.Lstat(path); err != nil || info.Mode()&kind == 0 {
			t.Errorf("%s is another now: %v, %v", path, info, err)
		}
	}
	if _, err := shell(t, data, "", "backup", "/dev/full"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("to a full device: got %v", err)
	}
}

// TestOutputStandard runs the program with standard outputs of all kinds.
func TestOutputStandard(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	data, dir := t.TempDir(), t.TempDir()
	mustShell(t, data, "s3cret\n", "user", "add", "alice")
	sh := func(script string) (out, complaint string, ok bool) {
		t.Helper()
		cmd := exec.Command("/bin/sh", "-c", script)
		cmd.Env = append(os.Environ(), "P="+path+" --data "+data, "D="+dir, "PARLEY="+path)
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		return stdout.String(), stderr.String(), err == nil
	}
	for _, command := range []string{
		"$P user list", "$P bans", "$P audit", "$P check", "$P version", "$P --help", "$P completion bash", "$P export",
		"$P backup -", "$P backup /dev/stdout",
		"$P export | $P import", "$P invite", "$P ban 192.0.2.7", "$P unban 192.0.2.7", "$P user promote alice",
		"$P backup $D/$$",
	} {
		if _, complaint, ok := sh(command + " >/dev/full"); ok ||
			!strings.Contains(complaint, "no space left on device") {
			t.Errorf("%s to a full device: ok is %v, %q", command, ok, complaint)
		}
	}
	for _, command := range []string{"$P export", "$P backup -"} {
		if _, complaint, ok := sh(command + " >&-"); ok || !strings.Contains(complaint, "standard output is closed") {
			t.Errorf("%s with a closed output: ok is %v, %q", command, ok, complaint)
		}
		if _, complaint, ok := sh(command + " >/dev/null"); !ok {
			t.Errorf("%s to the null device: %q", command, complaint)
		}
	}
	// What other files there are in /dev for standard output; nothing of the program's own words is in it.
	for _, command := range []string{"$P backup /dev/stdout >$D/a && $P check $D/a",
		"$P backup /dev/fd/1 >$D/b && $P check $D/b", "$P backup /dev/stdout | $P check -",
		"$P backup /dev/fd/3 3>&1 >/dev/null | $P check -"} {
		if out, complaint, ok := sh(command); !ok || !strings.Contains(out, "is whole") {
			t.Errorf("%s: %q, %q", command, out, complaint)
		}
	}
}
