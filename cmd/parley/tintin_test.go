package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTinTinTabs has TinTin++ ask for GMCP by its own configuration, as docs/mud.md says: a line that its script makes
// of a message stands ahead of the line itself. It says nothing of links, and gets none.
func TestTinTinTabs(t *testing.T) {
	tintin := need(t, "tt++", "tintin++")
	t.Parallel()
	_, script, _ := strings.Cut(readDoc(t, "docs/mud.md"), "In TinTin++, before the session begins:\n\n```\n")
	script, _, found := strings.Cut(script, "```")
	if !found {
		t.Fatal("docs/mud.md has no script for TinTin++")
	}
	file := filepath.Join(t.TempDir(), "parley.tin")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	server := startProcess(t, t.TempDir())
	host, port, _ := net.SplitHostPort(server.address)
	alice := sitDown(t, tintin, "-G", "-r", file, "-e", "#session parley "+host+" "+port)
	other := bob(t, server.address)

	alice.expect("Enter your username:")
	alice.press("guest\r")
	alice.expect("<guest:0>")
	alice.press("register alice " + secret + "\r")
	alice.expect("User alice registered")
	alice.press("login alice\r")
	alice.expect("Enter your password:")
	alice.press(secret + "\r")
	alice.expect("<alice:0>")
	other.send(`shout alice, "see" https://example.org/é`)
	alice.expect(`shouts: !!bob!!: alice, "see" https://example.org/é`)
	alice.expect(`!!bob!!: alice, "see" https://example.org/é`)
	alice.press("start lunch\r")
	alice.expect("!!system!!: alice created room 0, topic: lunch")
	alice.press("say 0 hello\r")
	alice.expect("room 0: [Room 0] *alice*: hello")
	alice.press("quit\r")
	alice.expect("See you next time.")
	alice.mu.Lock()
	defer alice.mu.Unlock()
	if out := alice.bytes.String(); strings.Contains(out, "\x1b]8;") || !strings.Contains(out, "\x1b[7malice") {
		t.Errorf("links, or no highlight, in %q", out)
	}
}
