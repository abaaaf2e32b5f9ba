package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// tagged is a line with the tag of a struct's field.
var tagged = regexp.MustCompile("`[a-z-]+:\"")

// TestLineWidth tests that no line of Go, or of .ci, is wider than 120 columns, so that two versions can be read side
// by side. A tab is four columns. A struct's tag may be longer, since it cannot be broken, and so may a script for a
// shell that stands in Go.
func TestLineWidth(t *testing.T) {
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" && filepath.Base(filepath.Dir(path)) != ".ci" {
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
				!tagged.MatchString(line) && filepath.Base(path) != "completion.go" {
				t.Errorf("%s:%d has %d columns", path, number, columns)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
