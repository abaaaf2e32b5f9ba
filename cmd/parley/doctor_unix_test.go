//go:build unix

package main

import (
	"errors"
	"io/fs"
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
	dir := t.TempDir()
	mustShell(t, dir, "s3cret\n", "user", "add", "alice")
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	text, err = examinedByStranger(t, dir)
	if err == nil || !strings.Contains(text, "bad   data folder: "+dir+" belongs to root, and others may not use it") ||
		strings.Count(text, "bad ") != 1 {
		t.Errorf("another user's folder: %v\n%s", err, text)
	}
	above := t.TempDir()
	dir = filepath.Join(above, "not", "there")
	text, err = examinedByStranger(t, dir)
	if err == nil || !strings.Contains(text, "bad   data folder: "+dir+" is not there, and cannot be made in "+above+
		" (permission denied). Make it as root") || strings.Count(text, "bad ") != 1 {
		t.Errorf("no folder in another user's: %v\n%s", err, text)
	}
}

// examinedByStranger runs the doctor as a user who may go as far as the data folder, and not into one of another user.
func examinedByStranger(t *testing.T, data string) (string, error) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{filepath.Dir(data), filepath.Dir(filepath.Dir(data)), filepath.Dir(path)} {
		if err := os.Chmod(at, 0o755); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	stranger := exec.Command(path, "doctor", "--data", data, "--listen", "127.0.0.1:0")
	stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345}}
	out, err := stranger.CombinedOutput()
	return string(out), err
}

// TestDoctorModes examines folders that cannot be used or made, as their owner and as root, who may do everything.
func TestDoctorModes(t *testing.T) {
	says := func(want string, args ...string) {
		t.Helper()
		text, err := examined(t, append(args, "--listen", "127.0.0.1:0")...)
		if strings.HasPrefix(want, "bad") != (err != nil) || !strings.Contains(text, want) {
			t.Errorf("%v, and it says not %q:\n%s", err, want, text)
		}
	}
	dir := t.TempDir()
	mustShell(t, dir, "s3cret\n", "user", "add", "alice")
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path string
		mode os.FileMode
		want string
	}{
		{"journal", 0o400, "/journal has mode 0400, so that its own user may not use it. chmod u+rwX "},
		{".", 0o500, " has mode 0500, so that its own user may not use it."},
		{"tls", 0o700, ""},
		{"tls/key.pem", 0o400, ""}, // nothing writes to it
		{"tls/key.pem", 0o000, "/tls/key.pem has mode 0, so that its own user may not use it."},
	} {
		at := filepath.Join(dir, tt.path)
		if tt.path == "tls" {
			if err := os.Mkdir(at, 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(at, "key.pem"), "")
		}
		old, err := os.Stat(at)
		if err == nil {
			err = os.Chmod(at, tt.mode)
		}
		if err != nil {
			t.Fatal(err)
		}
		if tt.want == "" {
			says("ok    store: ", "--data", dir)
		} else {
			says("bad   data folder: "+at+strings.TrimPrefix(tt.want, "/"+tt.path), "--data", dir)
		}
		if err := os.Chmod(at, old.Mode()); err != nil {
			t.Fatal(err)
		}
	}

	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(link, "nowhere"), link+"2"); err != nil {
		t.Fatal(err)
	}
	says("bad   data folder: "+link+"2 is a link that leads nowhere.", "--data", link+"2")
	says("MiB are free", "--data", filepath.Join(link, "not", "there"))
	says("warn  data folder: ", "--data", filepath.Join(link, "not", "there"))
}
