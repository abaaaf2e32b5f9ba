package main

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/certs"
	"parley/chat"
	"parley/words"
)

// dialTLS connects to a door for TLS.
func dialTLS(t *testing.T, address string) *tls.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	conn := tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestEncryptedDoorStrangers sends to a door for TLS what speaks another protocol: it ends with one sentence, or none,
// and nobody becomes a guest.
func TestEncryptedDoorStrangers(t *testing.T) {
	server, host, port := startEncrypted(t)
	address := net.JoinHostPort(host, port)
	sentence := words.English.Sentence(chat.ErrEncryptedAlone) + "\r\n"
	for _, first := range []string{
		"guest\r\nshout spam\r\n", "\r\n\r\n", "\xff\xfb\x1f\xff\xfb\x18guest\r\n", "GET / HTTP/1.1\r\n\r\nguest\r\n",
		"SSH-2.0-OpenSSH_10.2\r\n", "EHLO example.org\r\nguest\r\n", "*1\r\n$4\r\nPING\r\n",
		"OPTIONS sip:a@example.org SIP/2.0\r\n", "\x03\x00\x00\x13\x0e\xe0\x00\x00",
		"PROXY TCP4 192.0.2.1 198.51.100.1 56324 4000\r\nguest\r\n", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c",
		"\x80\x2e\x01\x03\x01\x00\x15",
	} {
		nc, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(patience))
		if _, err := nc.Write([]byte(first)); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(nc)
		if string(got) != sentence || err != nil {
			t.Errorf("%q is told %q, %v", first, got, err)
		}
		nc.Close()
	}
	// A handshake that is none is told so in the way of TLS.
	for _, first := range []string{"\x16\x03\x01\x00\x02\x01\x00guest\r\n", "\x16\x03\x01\xff\xff"} {
		nc, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(patience))
		if _, err := nc.Write([]byte(first)); err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(nc); len(got) > 0 && got[0] != 0x15 {
			t.Errorf("%q is told %q", first, got)
		}
		nc.Close()
	}
	// Behind a handshake the first bytes are looked at as they are without.
	for first, name := range map[string]string{"GET / HTTP/1.1\r\n\r\nguest\r\n": "the web", "SSH-2.0-x\r\n": "SSH"} {
		conn := dialTLS(t, address)
		if _, err := conn.Write([]byte(first)); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(conn)
		if want := words.English.Sentence(chat.ErrNotSpoken.With(name)); err != nil ||
			!strings.HasSuffix(string(got), want+"\r\n") || strings.Contains(string(got), "<guest") {
			t.Errorf("%q in TLS: %v\n%s", first, err, got)
		}
	}
	if log := server.log.String(); !strings.Contains(log, `reason="no TLS"`) || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log:\n%s", log)
	}
}

// TestCertificateReload tests that SIGHUP puts new files in force, that a pair that is no good changes nothing, and
// that "parley fingerprints" tells what users see.
func TestCertificateReload(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	first, second, dir := t.TempDir(), t.TempDir(), t.TempDir()
	for _, made := range []string{first, second} {
		if _, err := certs.Own(made, quiet); err != nil {
			t.Fatal(err)
		}
	}
	put := func(from, name string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(data))
	}
	put(first, "cert.pem")
	put(first, "key.pem")
	files := []string{"--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem")}
	server, host, port := startEncrypted(t, files...)
	shown := func() string {
		return certs.Fingerprint(dialTLS(t, net.JoinHostPort(host, port)).ConnectionState().PeerCertificates[0])
	}
	printed := func() string {
		t.Helper()
		var out strings.Builder
		if err := new(program).run(t.Context(), append(files, "fingerprints"), &out); err != nil {
			t.Fatal(err)
		}
		return strings.Fields(out.String())[2]
	}
	before := shown()
	if got := printed(); got != before {
		t.Errorf("fingerprints prints %s, and %s is shown", got, before)
	}
	hangUp := func(expect string) {
		t.Helper()
		seen := len(server.log.String())
		if err := server.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		server.logged(seen, expect)
	}
	put(second, "cert.pem") // the key does not match
	hangUp("no new certificate, the old one stays")
	if got := shown(); got != before {
		t.Errorf("after half a change %s is shown, not %s", got, before)
	}
	put(second, "key.pem")
	hangUp("a new certificate is in force")
	if got := shown(); got == before || got != printed() {
		t.Errorf("after the change %s is shown", got)
	}
}

// TestSecureOptionsRefused tests that what is wrong with the options of TLS is said in one sentence, and leaves nothing
// behind.
func TestSecureOptionsRefused(t *testing.T) {
	for _, tt := range []struct {
		args  []string
		usage bool
		want  string
	}{
		{[]string{"--tls-cert", "a.pem"}, true, "--tls-cert and --tls-key: one does not do without the other"},
		{[]string{"--tls-key", "a.pem"}, true, "--tls-cert and --tls-key: one does not do without the other"},
		{[]string{"--tls-listen", "4001"}, true, `--tls-listen: "4001" is not an address such as`},
		{[]string{"--listen", "none"}, true, "--listen: there is no address to listen on"},
		{[]string{"--tls-listen", "localhost:4000"}, true, "--tls-listen: localhost:4000 is the address "},
		{[]string{"--tls-cert", "/nowhere/a.pem", "--tls-key", "/nowhere/b.pem"}, true, "--tls-cert: "},
		{[]string{"--acme-domain", "chat.example.org"}, true, "--acme-domain: a certificate is for --tls-listen or "},
		{[]string{"--acme-domain", "localhost", "--tls-listen", ":0"}, true,
			`--acme-domain: "localhost": that is no host name`},
		{[]string{"--acme-domain", "*.example.org", "--tls-listen", ":0"}, true,
			`--acme-domain: "*.example.org": one name is`},
		{[]string{"--acme-domain", "a.example", "--tls-listen", ":0", "--tls-cert", "a", "--tls-key", "b"}, true,
			"--tls-cert: "},
		{[]string{"--acme-domain", "a.example", "--tls-listen", ":0", "--acme-root", "/dev/null"}, true,
			"--acme-root: /dev/null is no plain file"},
		{[]string{"--acme-domain", "a.example", "--tls-listen", ":0", "--acme-directory", "http://a.example/"}, true,
			`--acme-directory: "http://a.example/" is not the address of an authority, such as `},
		{[]string{"--acme-root", "a.pem"}, true, "--acme-directory and --acme-root: without --acme-domain no "},
		{[]string{"--acme-directory", "https://a.example/"}, true, "--acme-directory and --acme-root: without "},
		{[]string{"fingerprints"}, false, "there is no certificate in the data folder"},
	} {
		data := filepath.Join(t.TempDir(), "data")
		err := new(program).run(t.Context(), append([]string{"--data", data}, tt.args...), io.Discard)
		var usage *usageError
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || errors.As(err, &usage) != tt.usage {
			t.Errorf("%s: %v", tt.args, err)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s: a data folder is left behind", tt.args)
		}
	}
}
