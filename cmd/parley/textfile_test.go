package main

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadText reads what editors write, and refuses what is no text.
func TestReadText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text")
	for _, tt := range []struct{ name, in, want, fault string }{
		{"plain", "Grüß Gott\n", "Grüß Gott\n", ""},
		{"empty", "", "", ""},
		{"mark", "\ufeffhello", "hello", ""},
		{"mark alone", "\ufeff", "", ""},
		{"one mark of two", "\ufeff\ufeffhello", "\ufeffhello", ""},
		{"at the limit", strings.Repeat("x", 100), strings.Repeat("x", 100), ""},
		{"over the limit", strings.Repeat("x", 101), "", "is longer than 100 bytes"},
		{"a replacement character is one", "\ufffd", "\ufffd", ""},
		{"UTF-16LE", "\xff\xfeh\x00i\x00", "", "is in UTF-16; save it as UTF-8"},
		{"UTF-16BE", "\xfe\xff\x00h\x00i", "", "is in UTF-16; save it as UTF-8"},
		{"UTF-16 without mark", "h\x00i\x00", "", "has a zero byte in line 1"},
		{"UTF-32LE", "\xff\xfe\x00\x00h\x00\x00\x00", "", "is in UTF-32"},
		{"UTF-32BE", "\x00\x00\xfe\xff\x00\x00\x00h", "", "is in UTF-32"},
		{"Latin-1", "one\ntwo\nGr\xfc\xdfe", "", "such as Latin-1: line 3 has the byte 0xfc"},
		{"cut", "caf\xc3", "", "line 1 has the byte 0xc3"},
		{"surrogate", "\xed\xa0\x80", "", "line 1 has the byte 0xed"},
		{"Shift-JIS", "\x82\xb1\x82\xf1", "", "0x82"},
	} {
		write(t, path, tt.in)
		got, err := readText(path, 100)
		switch {
		case tt.fault == "" && (err != nil || string(got) != tt.want):
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		case tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault) ||
			!strings.HasPrefix(err.Error(), path)):
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.fault)
		}
	}
}

// TestEncodingAtStart gives every file that an operator names in another encoding.
func TestEncodingAtStart(t *testing.T) {
	dir := t.TempDir()
	latin, marked, config := filepath.Join(dir, "latin"), filepath.Join(dir, "marked"), filepath.Join(dir, "config")
	write(t, latin, "# Gr\xfc\xdfe\n")
	write(t, marked, "\ufeffone\r\ntwo\rthree\n")
	write(t, config, "\ufeffbanner: "+marked+"\n")
	for _, option := range []string{"--banner", "--motd", "--goodbye", "--config"} {
		if err := run(t.Context(), []string{option, latin, "--data", dir}, io.Discard); err == nil ||
			!strings.Contains(err.Error(), "save it as UTF-8") {
			t.Errorf("%s: got %v", option, err)
		}
	}
	o, _, err := parseOptions([]string{"--config", config}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := o.texts()
	if want := "one\ntwo\nthree"; err != nil || texts.Banner != want {
		t.Errorf("got %q, %v, want %q", texts.Banner, err, want)
	}
}

// reload sends SIGHUP and waits until a line of the log has all of want.
func (p *process) reload(want ...string) {
	p.t.Helper()
	seen := len(p.log.String())
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		p.t.Fatal(err)
	}
	p.logged(seen, want...)
}

// logged waits until a line of the log behind its first seen bytes has all of want.
func (p *process) logged(seen int, want ...string) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(p.log.String()[seen:]) {
			if !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(line, w) }) {
				return
			}
		}
	}
	p.t.Fatalf("no line with %q in the log:\n%s", want, p.log.String()[seen:])
}
