//go:build unix

package db

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestForeign tests what is said of files that this process may not use: what to do depends on whose they are, and on
// whether they can be seen at all.
func TestForeign(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "own")
	if err := os.WriteFile(own, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	of := func(path string) string { return foreign(&fs.PathError{Op: "open", Path: path, Err: syscall.EACCES}) }
	if got, want := of(own), own+" has mode 0400, which keeps its own user out; chmod u+rwX "+own; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chown(own, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if got := of(own); !strings.HasSuffix(got, "; chown it to root, or run Parley as user 12345") {
		t.Errorf("another user's file: %q", got)
	}
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	got := of(filepath.Join(dir, "closed", "file"))
	if !strings.HasPrefix(got, dir+" belongs to user 12345") || strings.Contains(got, "chown") {
		t.Errorf("in another user's folder: %q", got)
	}
}
