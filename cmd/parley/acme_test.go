package main

import (
	"crypto/tls"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"parley/certs"
	"parley/internal/acmetest"
)

// TestACME tests a server whose certificate an authority issues: its own is in force until then, who pretends to be the
// authority gets no session, and doctor and fingerprints tell what users see.
func TestACME(t *testing.T) {
	authority := acmetest.New(t)
	options := []string{"--acme-domain", "Chat.example.org", "--acme-directory", authority.Directory, "--acme-root",
		authority.Root}
	data := t.TempDir()
	server := startProcess(t, data, append(options, "--tls-listen", "127.0.0.1:0")...)
	server.logged(0, "door=tls")
	server.logged(0, "A certificate authority comes to port 443 of Chat.example.org alone")
	address := tlsLine.FindStringSubmatch(server.log.String())[1]
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string { return certs.Fingerprint(dialTLS(t, address).ConnectionState().PeerCertificates[0]) }
	says := func(command, want string) {
		t.Helper()
		var out strings.Builder
		args := append(append([]string{"--data", data}, options...), "--tls-listen", "127.0.0.1:0", command)
		_ = new(program).run(t.Context(), args, &out) // the doctor may find other things
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s says not %q:\n%s", command, want, &out)
		}
	}
	before := shown()
	says("fingerprints", before)
	says("doctor", "warn  certificate: The authority has issued none yet, so clients see the server's own.")
	says("doctor", "warn  certificate: A certificate authority comes to port 443 of Chat.example.org alone")

	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	authority.Start(number, 1)
	server.logged(0, "a new certificate is in force")
	server.logged(0, `reason="an authority has looked for its challenge"`)
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil { // who offers protocols that are not spoken comes in all the same
		t.Fatal(err)
	}
	defer conn.Close()
	c := conn.ConnectionState().PeerCertificates[0]
	if err := c.VerifyHostname("chat.example.org"); err != nil || certs.Fingerprint(c) == before {
		t.Errorf("%v", err)
	}
	says("fingerprints", certs.Fingerprint(c))
	if err := server.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	server.logged(0, "configuration and text files read again")
	if got := shown(); got != certs.Fingerprint(c) {
		t.Errorf("after a SIGHUP %s is shown", got)
	}
	if _, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, ServerName: "chat.example.org",
		NextProtos: []string{"acme-tls/1"}}); err == nil {
		t.Error("there is a challenge left")
	}
	server.stop()
	if files, err := filepath.Glob(filepath.Join(data, "tls", "*")); err != nil || len(files) != 4 {
		t.Errorf("%q, %v", files, err)
	}
	again := startProcess(t, data, append(options, "--tls-listen", "127.0.0.1:0")...)
	again.logged(0, "door=tls")
	address = tlsLine.FindStringSubmatch(again.log.String())[1]
	if got := shown(); got != certs.Fingerprint(c) {
		t.Errorf("after a restart %s is shown", got)
	}
	write(t, filepath.Join(data, "tls", "issued.pem"), "# Issued by "+authority.Directory+"\nno PEM\n")
	says("doctor", "Restart the server: it has the authority issue another")
}
