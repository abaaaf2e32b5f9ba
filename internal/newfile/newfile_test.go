package newfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/newfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// TestNewFile makes files and replaces them: one that is there is kept by Create, and by both if there is no whole one
// to take its place; nothing is left beside it, and errors name the file that was asked for.
func TestNewFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	holds := func(want string) {
		t.Helper()
		got, err := os.ReadFile(path)
		if string(got) != want || err != nil {
			t.Errorf("it holds %q, %v, want %q", got, err, want)
		}
		if all, err := os.ReadDir(dir); len(all) != 1 || err != nil {
			t.Errorf("in the folder: %v, %v", all, err)
		}
	}
	if err := newfile.Create(path, text("one")); err != nil {
		t.Fatal(err)
	}
	holds("one")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others may use it: %v, %v", info.Mode(), err)
	}
	if err := newfile.Create(path, text("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create of what is there: %v", err)
	}
	holds("one")
	if err := newfile.Replace(path, text("three")); err != nil {
		t.Fatal(err)
	}
	holds("three")
	broken := errors.New("broken")
	half := func(w io.Writer) error { return errors.Join(text("ha")(w), broken) }
	if err := newfile.Replace(path, half); !errors.Is(err, broken) {
		t.Errorf("what is broken off: %v", err)
	}
	holds("three")
	nowhere := filepath.Join(dir, "none", "file")
	if err := newfile.Create(nowhere, text("")); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), nowhere+": ") {
		t.Errorf("in no folder: %v", err)
	}
}
