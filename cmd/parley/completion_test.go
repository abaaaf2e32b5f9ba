package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	parser, err := newParser(new(commandLine), io.Discard, nil, func() {})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string][]string{
		"us":                      {"user"},
		"user pro":                {"promote"},
		"user d":                  {"demote", "disable", "delete"},
		"--data here user en":     {"enable"},
		"--guests ":               {"register", "chat", "off"},
		"--guests c":              {"chat"},
		"--log-f":                 {"--log-format"},
		"user list --dat":         {"--data"},
		"completion ":             {"bash", "zsh", "fish"},
		"completion bash ":        nil,
		"user promote ":           nil,
		"--guests=":               {"--guests=register", "--guests=chat", "--guests=off"},
		"user --guests=c":         {"--guests=chat"},
		"--guests =":              {"register", "chat", "off"}, // as bash has it
		"--guests = c":            {"chat"},
		"--data = x user en":      {"enable"},
		"--data=x user en":        {"enable"},
		"--data=x":                nil,
		"--mssp=":                 nil,
		"=":                       nil,
		"nonsense":                nil,
		"comp":                    {"completion"}, // and not what the shells ask
		"kick bob completion fis": nil,
	} {
		if got := complete(parser.Model.Node, strings.Split(line, " ")); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	if got := complete(parser.Model.Node, nil); !slices.Contains(got, "backup") || slices.Contains(got, "complete") {
		t.Errorf("nothing typed: got %q", got)
	}
}

// TestCompletionScripts has each shell that is installed complete a word.
func TestCompletionScripts(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Setenv("PATH", filepath.Dir(path)+":"+os.Getenv("PATH"))
	// The second is an option with its value, and the third a file: bash completes that by itself.
	write(t, filepath.Join(dir, "accounts.json"), "")
	for shell, use := range map[string]string{
		"bash": `. ./script
			try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parley; printf '%s\n' "${COMPREPLY[@]}"; }
			try parley user pro; try parley --guests = c; echo accounts.json`,
		"zsh": `compdef() { :; }; compadd() { printf '%s\n' "${(@P)2}"; }; compset() { :; }
			_files() { echo accounts.json; }; . ./script
			try() { words=("$@"); CURRENT=$#; _parley; }
			try parley user pro; try parley --guests=c; try parley import acc`,
		"fish": `source ./script; for line in 'user pro' '--guests=c' 'import acc'; complete -C "parley $line"; end`,
	} {
		want := "promote\n--guests=chat\naccounts.json\n"
		if shell == "bash" {
			want = strings.Replace(want, "--guests=", "", 1)
		}
		t.Run(shell, func(t *testing.T) {
			out, err := shellScript(t, shell)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "script"), out)
			cmd := exec.Command(need(t, shell, shell), "-c", use)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "HOME="+dir)
			got, err := cmd.CombinedOutput()
			if err != nil || string(got) != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

func shellScript(t *testing.T, name string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), []string{"completion", name}, &out)
	return out.String(), err
}
