//go:build unix

package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// notPlain returns files that are no plain ones by what a refusal calls them.
func notPlain(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("pipe", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return map[string]string{
		pipe: "is a named pipe", filepath.Join(dir, "link"): "is a named pipe", dir: "is a folder",
		"/dev/zero": "is a device", "/dev/null": "is a device",
		filepath.Join(dir, "socket"): "is a socket",
	}
}

// TestNotPlain names, in each option that takes a file, files that would hang or fill whoever reads them: at the start
// and at SIGHUP.
func TestNotPlain(t *testing.T) {
	for path, want := range notPlain(t) {
		for _, option := range []string{"--banner", "--motd", "--goodbye", "--config"} {
			refused := make(chan error, 1)
			// the select below waits for it
			go func() { refused <- run(t.Context(), []string{option, path, "--data", t.TempDir()}, io.Discard) }()
			select {
			case err := <-refused:
				if _, ok := errors.AsType[*usageError](err); !ok || !strings.Contains(err.Error(), option+": "+path+" "+
					want+", not a plain file") {
					t.Errorf("%s %s: got %v", option, path, err)
				}
			case <-time.After(patience):
				t.Fatalf("%s %s: no answer", option, path)
			}
		}
	}
	config := filepath.Join(t.TempDir(), "parley.yaml")
	write(t, config, "")
	server := startProcess(t, t.TempDir(), "--config", config)
	for path, want := range notPlain(t) {
		write(t, config, "motd: "+path)
		server.reload("configuration not read again, all stays as it was", path+" "+want)
	}
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}
