package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLineWidth tests that no line of Go is wider than 120 columns, so that two versions can be read side by side. A
// tab is four columns. A line with a raw string may be longer, since that cannot be broken: a struct's tag, or data.
func TestLineWidth(t *testing.T) {
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		number := 0
		for line := range strings.Lines(string(source)) {
			number++
			line = strings.TrimSuffix(line, "\n")
			if columns := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t"); columns > 120 &&
				!strings.Contains(line, "`") {
				t.Errorf("%s:%d has %d columns", path, number, columns)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
