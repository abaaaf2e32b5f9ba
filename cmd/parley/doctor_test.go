package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCheckConfig(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "parley.yaml")
	write(t, file, "guests: maybe\nlistne: [':1']\nname: ''\npassword-min: 99\nmotd: "+filepath.Join(dir, "none")+
		"\nanything: 1\nlisten: ['4000']\n")
	t.Setenv("PARLEY_LOG_LEVEL", "loud")
	var out strings.Builder
	err := run(t.Context(), []string{"check-config", "--config", file, "--limits-exempt", "home"}, &out)
	if _, ok := errors.AsType[*usageError](err); !ok || err.Error() != "the configuration has 9 faults" {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{`--guests must be one of`, `no option "listne"`, `no option "anything"`,
		"--name: the name is empty", "--password-min: ", "--motd: open ", "--log-level must be one of",
		`--listen: "4000" is not an address`, `--limits-exempt: "home" is neither`} {
		if !strings.Contains(out.String(), "bad   configuration: "+want) &&
			!strings.Contains(out.String(), "bad   configuration: configuration file: there is "+want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("it left %v", entries)
	}

	// What it finds first is what a start says.
	started := run(t.Context(), []string{"--config", file, "--limits-exempt", "home"}, new(strings.Builder))
	if first, _, _ := strings.Cut(out.String(), "\n"); started == nil || !strings.HasSuffix(first, started.Error()) {
		t.Errorf("a start says %q, not %q", started, first)
	}
}

// TestCheckConfigAll tests that no fault hides another: in one option, on the command line, and in a file that is none.
func TestCheckConfigAll(t *testing.T) {
	args := strings.Fields("check-config --listen x --listen=y --guests q --hold=9d --keep-rooms a/b,c/d " +
		"--password-min 0 --mssp-hostname a_b --web-host a_b --web-host c/d --limits-exempt foo,bar " +
		"--trusted-proxies baz,qux")
	var out strings.Builder
	args = append(args, strings.Fields("--cluster http://x --cluster-prefix a.b --cluster-cert c --cluster-node a "+
		"--cluster-nodes b,B,b,c --cluster-creds none --cluster-ca none")...)
	err := run(t.Context(), args, &out)
	if err == nil || err.Error() != "the configuration has 23 faults" {
		t.Errorf("got %v\n%s", err, out.String())
	}
	for _, want := range []string{`--listen: "x"`, `--listen: "y"`, "--guests", "--hold", `--keep-rooms: "a/b"`,
		`--keep-rooms: "c/d"`, "--password-min", `--mssp-hostname: "a_b"`, `--web-host: "a_b"`, `--web-host: "c/d"`,
		`--limits-exempt: "foo"`, `--limits-exempt: "bar"`, `--trusted-proxies: "baz"`, `--trusted-proxies: "qux"`,
		"--cluster: one of them is not an address", `--cluster-prefix: "a.b"`, "--cluster-cert and --cluster-key: ",
		`--cluster-nodes: "B"`, "--cluster-nodes: b is named twice", "--cluster-nodes: a is not among b, B, b, c",
		"--cluster-creds: stat none: ", "--cluster-ca: stat none: ",
		"--cluster-nodes: 4 nodes "} {
		if !strings.Contains(out.String(), "bad   configuration: "+want) {
			t.Errorf("it does not say %s\n%s", want, out.String())
		}
	}
	for nodes, want := range map[string]string{"": "the names of all nodes are missing, such as a,b,c",
		"--cluster-nodes=b": "a is not among b"} {
		args := strings.Fields("--cluster nats://192.0.2.1 --cluster-node a --data x " + nodes)
		if err := run(t.Context(), args, new(strings.Builder)); err == nil || err.Error() != "--cluster-nodes: "+want {
			t.Errorf("%q: got %v", nodes, err)
		}
	}
	file := filepath.Join(t.TempDir(), "parley.yaml")
	const form = "its lines are not of the form option: value"
	for text, want := range map[string]string{"- listen": form, "listen": form, "7": form,
		"name: a\nname: b":      `mapping key "name" already defined at line 1`,
		"name: a\n---\nname: b": "it has more than one document", "name: a\n--- [": "it has more than one document",
	} {
		write(t, file, text)
		err := run(t.Context(), []string{"--config", file}, new(strings.Builder))
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// TestAskedInJSON tests that a wrong configuration is told of as it was asked for, wherever the fault stands.
func TestAskedInJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parley.yaml")
	data := filepath.Join(t.TempDir(), "data")
	write(t, file, "hold: 9d\nguests: {a: b}\npassword-min: many\n")
	t.Setenv("PARLEY_MSSP", "perhaps")
	for _, args := range [][]string{
		{"check-config", "--json", "--config", file}, {"check-config", "--config", file, "--json"},
		{"check-config", "--json", "--config"}, {"check-config", "--json", "--nonsense"},
		{"doctor", "--quick", "--json", "--data", data}, {"doctor", "--data", data, "--json"},
	} {
		var out strings.Builder
		err := run(t.Context(), args, &out)
		var found findings
		if e := json.Unmarshal([]byte(out.String()), &found); err == nil || e != nil || found.count(bad) == 0 {
			t.Errorf("%q: %v, %v\n%s", args, err, e, out.String())
		}
		if asked := args[1] == "--quick"; asked && len(found) != 1 {
			t.Errorf("a probe says\n%s", out.String())
		}
	}
}

func TestCheckConfigFine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parley.yaml")
	write(t, file, "guests: chat\n")
	var out strings.Builder
	if err := run(t.Context(), []string{"check-config", "--json", "--config", file}, &out); err != nil {
		t.Fatal(err)
	}
	var found findings
	if err := json.Unmarshal([]byte(out.String()), &found); err != nil || len(found) != 1 || found[0].Grade != fine {
		t.Errorf("got %s, %v", out.String(), err)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	used, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	text, err := examined(t, "--data", dir, "--listen", used.Addr().String())
	if err == nil || !strings.Contains(text, "bad   port: the address "+used.Addr().String()+" is in use") ||
		!strings.Contains(text, "warn  data folder: "+dir+" is not there") {
		t.Errorf("an address in use, no folder: %v\n%s", err, text)
	}
	text, _ = examined(t, "--data", dir, "--listen", "nonsense", "--listen", "203.0.113.5:1")
	if strings.Contains(text, "other program") || strings.Count(text, "nonsense") != 1 ||
		!strings.Contains(text, "; choose an address of this machine") {
		t.Errorf("what is no address, and another machine's:\n%s", text)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it has made the data folder")
	}
	if text, err := examined(t, "--quick", "--data", dir); err == nil || !strings.Contains(text, "No Parley runs on") {
		t.Errorf("a probe where none runs: %v\n%s", err, text)
	}
	if _, err := examined(t, "--listen", "4000", "--data", dir); err == nil {
		t.Error("a wrong configuration passes")
	}

	s := startProcess(t, dir)
	text, err = examined(t, "--data", dir, "--listen", s.address)
	if err != nil || !strings.Contains(text, "ok    server: One runs, and answers") ||
		!strings.Contains(text, "ok    port: "+s.address+" takes connections") ||
		!strings.Contains(text, "ok    data folder: ") {
		t.Errorf("a server that runs: %v\n%s", err, text)
	}
	if text, err := examined(t, "--quick", "--data", dir); err != nil || strings.Count(text, "\n") != 1 {
		t.Errorf("a probe where one runs: %v\n%s", err, text)
	}
	if text, _ := examined(t, "--data", dir, "--listen", used.Addr().String()); !strings.Contains(text, "takes conn") {
		t.Errorf("a port that answers: %s", text)
	}
	s.stop()

	if text, err = examined(t, "--data", dir, "--listen", "127.0.0.1:0"); err != nil ||
		!strings.Contains(text, "ok    store: ") {
		t.Errorf("a server that has stopped: %v\n%s", err, text)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	future := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "journal"), future, future); err != nil {
		t.Fatal(err)
	}
	text, err = examined(t, "--data", dir, "--listen", "127.0.0.1:0")
	if err == nil || !strings.Contains(text, "warn  data folder: Others on this machine can look") ||
		!strings.Contains(text, "bad   clock: ") {
		t.Errorf("a folder for everybody, written in the future: %v\n%s", err, text)
	}
	if os.Geteuid() == 0 {
		if err := os.Lchown(filepath.Join(dir, "journal"), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if text, err := examined(t, "--data", dir, "--listen", "127.0.0.1:0"); err == nil ||
			!strings.Contains(text, "journal does not belong to root") {
			t.Errorf("a file of another user: %v\n%s", err, text)
		}
	}
}

// TestDoctorMends tests that a damaged journal that the next start makes anew is told as that, by doctor and check, and
// that neither counts what cannot be counted.
func TestDoctorMends(t *testing.T) {
	dir := t.TempDir()
	mustShell(t, dir, "s3cret\n", "user", "add", "alice")
	journal := filepath.Join(dir, "journal")
	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	write(t, journal, string(text))
	found, err := examined(t, "--data", dir, "--listen", "127.0.0.1:0")
	if err != nil || !strings.Contains(found, "warn  store: State: in the journal an entry is damaged") {
		t.Errorf("the doctor: %v\n%s", err, found)
	}
	said := mustShell(t, dir, "", "check")
	if !strings.Contains(said, "can be used. The next start mends it") || strings.Contains(said, "no accounts") {
		t.Errorf("check says\n%s", said)
	}
	mustShell(t, dir, "s3cret\n", "user", "add", "bob")
	if said := mustShell(t, dir, "", "check"); !strings.Contains(said, "Accounts: 2.") {
		t.Errorf("afterwards check says\n%s", said)
	}
}

func examined(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), append([]string{"doctor"}, args...), &out)
	return out.String(), err
}
