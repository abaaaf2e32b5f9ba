//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// TestPasswordCalledOff calls off the question for a password at a terminal, which is as it was afterwards: by a signal
// or a key, at either of the two questions.
func TestPasswordCalledOff(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	mustShell(t, data, "s3cret\n", "user", "add", "alice")
	for _, command := range []string{"user add bob", "user passwd alice"} {
		for _, typed := range []string{"", "quicksand\r"} {
			for _, by := range []any{os.Interrupt, syscall.SIGTERM, "\x03", "\x04"} {
				t.Run(fmt.Sprintf("%s %q %v", command, typed, by), func(t *testing.T) {
					master, terminal, err := pty.Open()
					if err != nil {
						t.Fatal(err)
					}
					defer master.Close()
					defer terminal.Close()
					before, err := term.GetState(int(terminal.Fd()))
					if err != nil {
						t.Fatal(err)
					}
					cmd := exec.Command(path, append(strings.Fields(command), "--data", data)...)
					cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
					if err := cmd.Start(); err != nil {
						t.Fatal(err)
					}
					stuck := time.AfterFunc(patience, func() {
						_ = cmd.Process.Kill()
						terminal.Close() // ends reading
					})
					readUntil(t, master, "New password")
					if typed != "" {
						_, _ = io.WriteString(master, typed)
						readUntil(t, master, "again: ")
					}
					if s, ok := by.(os.Signal); ok {
						_ = cmd.Process.Signal(s)
					} else {
						_, _ = io.WriteString(master, by.(string))
					}
					readUntil(t, master, "\r\nparley: no password was typed, and nothing was changed\r\n")
					if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
						t.Errorf("got %v, want status 1", err)
					}
					if !stuck.Stop() {
						t.Error("it did not end")
					}
					if after, err := term.GetState(int(terminal.Fd())); err != nil || *after != *before {
						t.Errorf("the terminal is not as it was: %v", err)
					}
				})
			}
		}
	}
	if out := mustShell(t, data, "", "user", "list"); !strings.Contains(out, "1 account") {
		t.Errorf("got %q, want Alice alone", out)
	}
}

// readUntil reads until want has come.
func readUntil(t *testing.T, r io.Reader, want string) {
	t.Helper()
	var got []byte
	for b := make([]byte, 256); !strings.Contains(string(got), want); {
		n, err := r.Read(b)
		got = append(got, b[:n]...)
		if err != nil {
			t.Fatalf("got %q, want %q: %v", got, want, err)
		}
	}
}
