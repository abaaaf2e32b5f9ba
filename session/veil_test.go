package session

import (
	"strings"
	"testing"

	"parley/commands"
)

// TestVeil edits lines with a password in them. It is covered, cannot be put back from the kill buffer, and the line is
// not kept.
func TestVeil(t *testing.T) {
	for _, tt := range []struct{ name, keys, shown string }{
		{"typed", "register fra zebra8", "register fra ******"},
		{"half typed name of the command", "reg fra zebra8", "reg fra ******"},
		{"none yet", "register fra", "register fra"},
		{"a letter in front", "register fra zebra8\x01x", "xregister fra ******"},
		{"then erased from the end", "register fra zebra8\x01x\x05\x7f\x7f", "xregister fra ****"},
		{"then typed on", "register fra zebra8\x01x\x05y", "xregister fra *******"},
		{"a word before", "register fra zebra8\x01say 0 ", "say 0 register fra ******"},
		{"the command erased", "register fra zebra8\x01\x1b[3~\x1b[3~\x1b[3~\x1b[3~\x1b[3~\x1b[3~\x1b[3~\x1b[3~\x1b[3~",
			"fra ******"},
		{"killed and put back", "register fra zebra8\x01\x0bxx \x19", "xx register fra "},
		{"killed by Ctrl-U", "register fra zebra8\x15\x19", "register fra "},
		{"killed word", "register fra zebra8\x17\x19", "register fra "},
		{"history and back", "register fra zebra8\x01x\x1b[A\x1b[B", "xregister fra "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := new(readlineEditor)
			e.secretFrom = commands.New().SecretFrom
			e.Remember("who")
			if used, _ := e.Feed([]byte(tt.keys)); used != len(tt.keys) {
				t.Fatalf("used %d of %d", used, len(tt.keys))
			}
			text, _ := e.Line()
			if got := text[:e.veil.from] + strings.Repeat("*", len(text)-e.veil.from); got != tt.shown {
				t.Errorf("got %q, want %q", got, tt.shown)
			}
		})
	}
}

// TestVeiledLineIsForgotten takes a line in which a password was once, though it is no command that has one.
func TestVeiledLineIsForgotten(t *testing.T) {
	e := new(readlineEditor)
	e.secretFrom = commands.New().SecretFrom
	e.Feed([]byte("register fra zebra8\x01x\r"))
	line, err := e.Take()
	if err != nil {
		t.Fatal(err)
	}
	e.Remember(line)
	e.Feed([]byte("\x1b[A"))
	if text, _ := e.Line(); text != "" {
		t.Errorf("the history holds %q", text)
	}
	e.Feed([]byte("who\r"))
	if line, _ = e.Take(); line != "who" {
		t.Fatalf("got %q", line)
	}
	e.Remember(line)
	e.Feed([]byte("\x1b[A"))
	if text, _ := e.Line(); text != "who" {
		t.Errorf("the next line is not kept: %q", text)
	}
}
