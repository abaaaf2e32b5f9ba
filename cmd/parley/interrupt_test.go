//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInputThatDoesNotEnd has commands read a pipe whose writer goes on for ever: a signal ends them, and what is no
// backup ends them before.
func TestInputThatDoesNotEnd(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args  string
		input []byte
		said  string // "" if a signal has to end it
	}{
		{args: "restore PIPE"},
		{args: "import PIPE"},
		{args: "check PIPE"},
		{args: "restore PIPE", input: make([]byte, 64<<10), said: "parley: the backup is not valid: its header is " +
			"damaged\n"},
		{args: "check PIPE", input: make([]byte, 64<<10), said: "parley: the backup is not valid: its header is " +
			"damaged\n"},
	} {
		pipe, data := filepath.Join(t.TempDir(), "pipe"), filepath.Join(t.TempDir(), "data")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		cmd := exec.Command(path, append(strings.Fields(strings.ReplaceAll(tt.args, "PIPE", pipe)), "--data", data)...)
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stuck := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		writer := openForReader(t, pipe)
		if tt.said == "" {
			_ = cmd.Process.Signal(os.Interrupt)
		} else {
			_, _ = writer.Write(tt.input)
		}
		_ = cmd.Wait()
		if !stuck.Stop() {
			t.Errorf("%s: did not end", tt.args)
		}
		if said.String() != tt.said {
			t.Errorf("%s: got %q, want %q", tt.args, &said, tt.said)
		}
		writer.Close()
		if _, err := os.Lstat(data); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: left a folder behind: %v", tt.args, err)
		}
	}
}

// openForReader opens a pipe for writing once somebody has opened it for reading.
func openForReader(t *testing.T, pipe string) *os.File {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return f
		}
		if time.Now().After(end) {
			t.Fatalf("nobody reads: %v", err)
		}
	}
}
