package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// Edits make another program of the sources: of each file, named from the top of the sources or absolutely, what
// matches a pattern is replaced, which must be one place. A file that is not there is made: its one pattern is empty.
type edits map[string][][2]string

// build builds the program, and leaves the sources as they are. It returns its path.
func (e edits) build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	replace := make(map[string]string)
	for name, changes := range e {
		path := filepath.FromSlash(name)
		if !filepath.IsAbs(path) {
			path = absolute(filepath.Join("..", "..", path))
		}
		source, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		text := string(source)
		for _, c := range changes {
			pattern := regexp.MustCompile(c[0])
			if n := len(pattern.FindAllString(text, -1)); n != 1 {
				t.Fatalf("%s has %q %d times", name, c[0], n)
			}
			text = pattern.ReplaceAllString(text, c[1])
		}
		replace[path] = filepath.Join(dir, strconv.Itoa(len(replace))+".go")
		if err := os.WriteFile(replace[path], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "overlay"), overlay, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "parley")
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay"), "-o", path, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build another program: %v\n%s", err, out)
	}
	return path
}
