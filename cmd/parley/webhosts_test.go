package main

import (
	"net/http"
	"path/filepath"
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
