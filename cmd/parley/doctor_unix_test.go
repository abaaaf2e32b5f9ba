//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDoctorBarred examines what is no data folder, or another user's: the doctor says that alone, and guesses nothing
// of what is in it.
func TestDoctorBarred(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "no folder")
	text, err := examined(t, "--data", file, "--listen", "127.0.0.1:0")
	if err == nil || !strings.Contains(text, "bad   data folder: "+file+" is not a folder") ||
		strings.Count(text, "bad ") != 1 || strings.Contains(text, "port: ") {
		t.Errorf("a file: %v\n%s", err, text)
	}
	if os.Geteuid() != 0 {
		return
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mustShell(t, dir, "s3cret\n", "user", "add", "alice")
	stranger := exec.Command(path, "doctor", "--data", dir, "--listen", "127.0.0.1:0")
	// Who may go as far as the folder, and not into it.
	stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345}}
	for _, at := range []string{filepath.Dir(dir), filepath.Dir(path)} {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := stranger.CombinedOutput()
	text = string(out)
	if err == nil || !strings.Contains(text, "bad   data folder: the admin socket in "+dir+" belongs to another") ||
		strings.Count(text, "bad ") != 1 {
		t.Errorf("another user's folder: %v\n%s", err, text)
	}
}
