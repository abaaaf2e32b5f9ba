package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestREADME compares the conversation that README shows with the transcript it is taken from, which is known to be true.
func TestREADME(t *testing.T) {
	root := filepath.Join("..", "..")
	transcript, err := os.ReadFile(filepath.Join(root, "testdata", "transcripts", "readme.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(transcript), "\n# README begins\n")
	want, _, marked := strings.Cut(want, "# README ends\n")
	if !marked || want == "" {
		t.Fatal("the transcript does not mark what README shows")
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut("\n"+string(readme), "\n# ")
	_, got, _ = strings.Cut(got, "\n```")
	got, _, closed := strings.Cut(got, "\n```\n")
	if !closed {
		t.Fatal("README has no block between ``` and ```")
	}
	// The fence says that it is text.
	want = "text\n" + strings.TrimSuffix(want, "\n")
	if got != want {
		t.Errorf("README and the transcript differ:\n%s", diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
}
