package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate puts a certificate of names that is valid from and until then, with its key, into the folder dir.
func writeCertificate(t *testing.T, dir string, from, until time.Time, names ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "chat.example.org"},
		NotBefore: from, NotAfter: until, DNSNames: names}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	if err := os.Chmod(filepath.Join(dir, "key.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDoctorCertificate tests what the doctor says of certificates: their dates, and who may read them.
func TestDoctorCertificate(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Now()
	data, dir := filepath.Join(t.TempDir(), "data"), t.TempDir()
	own := []string{"--data", data, "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"}
	given := append(own, "--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem"))
	says := func(want string, args ...string) {
		t.Helper()
		text, err := examined(t, args...)
		if !strings.Contains(text, want) || strings.HasPrefix(want, "bad") && err == nil {
			t.Errorf("%v, and it says not %q:\n%s", err, want, text)
		}
	}
	if text, _ := examined(t, "--data", data, "--listen", "127.0.0.1:0"); strings.Contains(text, "certificate") {
		t.Errorf("without TLS it says\n%s", text)
	}
	says("ok    certificate: The first start makes one.", own...)

	until := now.Add(90 * day)
	writeCertificate(t, dir, now.Add(-day), until)
	says("ok    certificate: It is valid until "+until.UTC().Format(time.DateOnly), given...)
	if err := os.Chmod(filepath.Join(dir, "key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	says("warn  certificate: Everybody on this machine can read the key ", given...)
	writeCertificate(t, dir, now.Add(-day), now.Add(3*day))
	says("warn  certificate: That of chat.example.org ends at ", given...)
	writeCertificate(t, dir, now.Add(-2*day), now.Add(-day))
	says("bad   certificate: That of chat.example.org ended at ", given...)
	writeCertificate(t, dir, now.Add(day), now.Add(2*day))
	says("bad   certificate: That of chat.example.org is not valid before ", given...)

	if err := os.MkdirAll(filepath.Join(data, "tls"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeCertificate(t, filepath.Join(data, "tls"), now.Add(-2*day), now.Add(-day))
	says("The server makes another by itself: restart it", own...)
	write(t, filepath.Join(data, "tls", "cert.pem"), "no PEM")
	says("bad   certificate: ", own...)

	if os.Geteuid() != 0 {
		return
	}
	writeCertificate(t, dir, now.Add(-day), until)
	for path, mode := range map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: 0o755,
		filepath.Join(dir, "cert.pem"): 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(data, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key.pem")
	says("bad   certificate: The server runs as user 12345, who may not read "+key, given...)
	if err := os.Chown(key, 12345, 0); err != nil {
		t.Fatal(err)
	}
	says("ok    certificate: ", given...)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	says("see who may enter or read "+dir+".", given...)
}
