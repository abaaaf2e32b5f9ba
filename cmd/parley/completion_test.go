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
	for shell, use := range map[string]string{
		"bash": `. ./script; COMP_WORDS=(parley user pro); COMP_CWORD=2; _parley; printf '%s\n' "${COMPREPLY[@]}"`,
		"zsh": `compdef() { :; }; compadd() { printf '%s\n' "${(@P)2}"; }; . ./script; words=(parley user pro); ` +
			`CURRENT=3; _parley`,
		"fish": `source ./script; complete -C 'parley user pro'`,
	} {
		t.Run(shell, func(t *testing.T) {
			out, err := shellScript(t, shell)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "script"), out)
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("%s is not installed: install the package %s", shell, shell)
			}
			cmd := exec.Command(shell, "-c", use)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "HOME="+dir)
			got, err := cmd.CombinedOutput()
			if err != nil || string(got) != "promote\n" {
				t.Errorf("got %q, %v, want promote", got, err)
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
