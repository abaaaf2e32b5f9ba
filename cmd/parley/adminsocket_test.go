package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAdminSocketGone removes the socket of a running server: commands say that one runs, and reach it again soon, or
// at once after SIGHUP.
func TestAdminSocketGone(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	socket := filepath.Join(data, adminName)
	server := startProcess(t, data)
	for round := range 2 {
		seen := len(server.log.String())
		if err := os.Remove(socket); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"sessions", "announce hello", "kick bob", "user list", "user promote bob"} {
			if _, err := shell(t, data, "", strings.Fields(command)...); err == nil {
				break // the server has looked meanwhile
			} else if strings.Contains(err.Error(), "no Parley runs") ||
				!strings.Contains(err.Error(), "a Parley runs on the data folder") && !strings.Contains(err.Error(),
					"bob") {
				t.Errorf("%s: %v", command, err)
			}
		}
		if round == 0 {
			server.logged(seen, "the admin socket was gone, and is there again")
		} else {
			server.reload("the admin socket was gone, and is there again")
		}
		mustShell(t, data, "", "sessions")
		if info, err := os.Stat(socket); err != nil || info.Mode() != fs.ModeSocket|0o600 {
			t.Errorf("%v, %v, want Srw-------", info, err)
		}
	}
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := shell(t, data, "", "sessions"); err == nil || !strings.Contains(err.Error(), "no Parley runs") {
		t.Errorf("after the stop: %v", err)
	}
}

// TestAdminSocketLongPath keeps data where the path is longer than a socket's may be.
func TestAdminSocketLongPath(t *testing.T) {
	data := filepath.Join(t.TempDir(), strings.Repeat("long", 40), strings.Repeat("longer", 20))
	server := startProcess(t, data)
	mustShell(t, data, "s3cret\n", "user", "add", "alice")
	if out := mustShell(t, data, "", "sessions"); !strings.Contains(out, "0 sessions.") {
		t.Errorf("sessions: %q", out)
	}
	if info, err := os.Stat(filepath.Join(data, adminName)); err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("%v, %v, want Srw-------", info, err)
	}
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := os.Lstat(filepath.Join(data, adminName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the stop: %v, want no socket", err)
	}
}

// TestAdminSocketTaken has something else at the socket's name, which is left alone, and makes the socket once that is
// away.
func TestAdminSocketTaken(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	socket := filepath.Join(data, adminName)
	write(t, socket, "not yours")
	server := startProcess(t, data)
	server.logged(0, "commands from the shell will not reach this server", "is no socket; move it away")
	time.Sleep(2 * adminPoll) // it looks again, and says nothing new
	if n := strings.Count(server.log.String(), "is no socket"); n != 1 {
		t.Errorf("said %d times", n)
	}
	if b, err := os.ReadFile(socket); string(b) != "not yours" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	server.logged(0, "commands from the shell reach this server now")
	mustShell(t, data, "", "sessions")
}
