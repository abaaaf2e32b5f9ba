package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// manyAccounts returns an export of n accounts. The first one's lines stand in it, so that it has the form of today.
func manyAccounts(t *testing.T, n int) string {
	t.Helper()
	data := t.TempDir()
	mustShell(t, data, "s3cret\n", "user", "add", "alice")
	lines := strings.SplitAfter(mustShell(t, data, "", "export"), "\n")
	var b strings.Builder
	b.WriteString(lines[0])
	for i := range n {
		// Letters that no other letter looks like.
		name := strings.NewReplacer("0", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8",
			"j", "9", "k").Replace(fmt.Sprint(i))
		b.WriteString(strings.Replace(lines[1], `"name":"alice"`, `"name":"x`+name+`"`, 1))
	}
	sum := sha256.Sum256([]byte(b.String()))
	fmt.Fprintf(&b, `{"accounts":%d,"sha256":"%s"}`+"\n", n, hex.EncodeToString(sum[:]))
	return b.String()
}

// TestImportMany imports many accounts: it says one thing, the same for a running server and for none, and of those
// left out not more than can be read.
func TestImportMany(t *testing.T) {
	const n = 1000
	export := manyAccounts(t, n)
	for _, running := range []bool{true, false} {
		data := filepath.Join(t.TempDir(), "data")
		if running {
			startProcess(t, data)
		}
		if out := mustShell(t, data, export, "import"); out != fmt.Sprintf("Accounts added: %d, there already: 0, "+
			"left out: 0.\n", n) {
			t.Errorf("running %v: got %q", running, out)
		}
		if out := mustShell(t, data, export, "import"); out != fmt.Sprintf("Accounts added: 0, there already: %d, "+
			"left out: 0.\n", n) {
			t.Errorf("running %v, again: got %q", running, out)
		}
		if out := mustShell(t, data, "", "user", "list"); !strings.HasSuffix(out, fmt.Sprintf("%d accounts.\n", n)) {
			t.Errorf("running %v: the list ends with %q", running, out[max(0, len(out)-100):])
		}
	}
	// Others have all these names.
	data := t.TempDir()
	mustShell(t, data, export, "import")
	other := manyAccounts(t, n) // with another password
	out, err := shell(t, data, other, "import")
	if lines := strings.Count(out, "\n"); err == nil || lines != maxLeftOut+2 ||
		!strings.Contains(out, fmt.Sprintf("Not listed here: %d more", n-maxLeftOut)) {
		t.Errorf("%d lines, %v", lines, err)
	}
}

// TestImportBar watches an import at a terminal, and one into a file.
func TestImportBar(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "export")
	if err := os.WriteFile(file, []byte(manyAccounts(t, 600)), 0o600); err != nil {
		t.Fatal(err)
	}
	startProcess(t, data)
	// one with a server, and one that is made for it
	for _, folder := range []string{data, filepath.Join(t.TempDir(), "new")} {
		operator := sitDown(t, path, "--data", folder, "import", file)
		operator.expect("Accounts added: 600, there already: 0, left out: 0.")
		if !operator.wasShown("/600") { // it goes when it is no longer of use
			t.Error("no bar was shown")
		}
	}
	if out := mustShell(t, data, "", "import", file); strings.ContainsAny(out, "\r\x1b") {
		t.Errorf("not at a terminal: %q", out)
	}
}

// TestAdminWaiting has shells that ask for commands and then send nothing more, or take no answer: others are served
// meanwhile.
func TestAdminWaiting(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	startProcess(t, data)
	mustShell(t, data, "s3cret\n", "user", "add", "alice")
	ask := func(path, body string) net.Conn {
		t.Helper()
		conn, err := net.Dial("unix", filepath.Join(data, adminName))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := io.WriteString(conn, "POST "+path+
			" HTTP/1.1\r\nHost: x\r\nParley-Arguments: {}\r\nContent-Length: 1000\r\n\r\n"+body); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	for range maxStreams {
		ask("/import", "half an export")
	}
	var waiting []net.Conn
	for range 2 * maxAdmin {
		waiting = append(waiting, ask("/user/passwd", "half a pass"))
	}
	for _, command := range []string{"sessions", "user list", "bans", "user promote alice"} {
		began := time.Now()
		mustShell(t, data, "", strings.Fields(command)...)
		if took := time.Since(began); took > adminPatience/2 {
			t.Errorf("%s waited for %v", command, took)
		}
	}
	// Those before have begun by now: the server has answered later ones.
	if _, err := shell(t, data, "", "export"); err == nil ||
		!strings.Contains(err.Error(), "try again when one has ended") {
		t.Errorf("one export too many: got %v", err)
	}
	answer, err := io.ReadAll(waiting[0])
	if !strings.Contains(string(answer), "did not come") {
		t.Errorf("who sends nothing more: got %q, %v", answer, err)
	}
}
