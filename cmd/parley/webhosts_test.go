package main

import (
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestWebHostsOfCertificate tests that browsers come by the names in the certificate that is in force, not by those of
// the one before.
func TestWebHostsOfCertificate(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	put := func(name string) { writeCertificate(t, dir, now.Add(-time.Hour), now.Add(time.Hour), name) }
	put("old.example.org")
	server := startProcess(t, t.TempDir(), "--web-listen", "127.0.0.1:0", "--tls-cert", filepath.Join(dir, "cert.pem"),
		"--tls-key", filepath.Join(dir, "key.pem"))
	server.logged(0, "door=web")
	at := webLine.FindStringSubmatch(server.log.String())[1]
	answers := func(host string, want int) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("by the name %s: %s", host, answer.Status)
		}
	}
	answers("old.example.org", http.StatusOK)
	answers("new.example.org", http.StatusMisdirectedRequest)
	seen := len(server.log.String())
	put("new.example.org")
	if err := server.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	server.logged(seen, "a new certificate is in force")
	answers("old.example.org", http.StatusMisdirectedRequest)
	answers("new.example.org", http.StatusOK)
}

// TestWebHostsWhole tests that a name means the same with the dot behind it that says that it is whole.
func TestWebHostsWhole(t *testing.T) {
	o, _, err := parseOptions([]string{"--web-listen", "127.0.0.1:0", "--web-host", "Chat.example.org.", "--web-url",
		"https://www.example.org.:8443/"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := o.webHosts(nil), []string{"www.example.org", "chat.example.org"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, _, err := parseOptions([]string{"--web-listen", "127.0.0.1:0", "--web-host", "."}, io.Discard); err == nil {
		t.Error("a dot alone is taken for a name")
	}
}
