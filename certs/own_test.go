package certs_test

import (
	"crypto/x509"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/certs"
)

// TestOwn tests that a certificate of one's own is made once, for this machine, and can be read by its owner alone.
func TestOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "tls")
	if _, err := certs.ReadOwn(dir); err == nil {
		t.Error("what reads has made one")
	}
	quiet := slog.New(slog.DiscardHandler)
	first, err := certs.Own(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	leaf := first.Certificate().Leaf
	for _, name := range []string{"localhost", "127.0.0.1"} {
		if err := leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if err := leaf.CheckSignature(x509.ECDSAWithSHA256, leaf.RawTBSCertificate, leaf.Signature); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode() != fs.ModeDir|0o700 {
		t.Error(info.Mode(), err)
	}
	second, err := certs.Own(dir, quiet)
	if err != nil || fingerprint(second.Certificate()) != fingerprint(first.Certificate()) {
		t.Errorf("another one at the next start: %v", err)
	}
}

// TestOwnAtOnce has several servers make one at a time: all have the same key.
func TestOwnAtOnce(t *testing.T) {
	dir := t.TempDir()
	pins := make([]string, 8)
	var wg sync.WaitGroup
	for i := range pins {
		wg.Go(func() {
			s, err := certs.Own(dir, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			pins[i] = certs.Pin(s.Certificate().Leaf)
		})
	}
	wg.Wait()
	for _, pin := range pins {
		if pin != pins[0] {
			t.Errorf("two keys: %s", pins)
		}
	}
}

// TestOwnRenewed tests that a certificate is replaced when a third of its time is left, with the same key, at a start
// and while the server runs.
func TestOwnRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		quiet := slog.New(slog.DiscardHandler)
		s, err := certs.Own(dir, quiet)
		if err != nil {
			t.Fatal(err)
		}
		first := s.Certificate()
		time.Sleep(time.Until(first.Leaf.NotAfter) * 65 / 100)
		s.LookAsked(t.Context())
		if again := s.Certificate(); fingerprint(again) != fingerprint(first) {
			t.Error("renewed too early")
		}
		time.Sleep(time.Until(first.Leaf.NotAfter) / 10)
		s.LookAsked(t.Context())
		second := s.Certificate()
		if fingerprint(second) == fingerprint(first) || certs.Pin(second.Leaf) != certs.Pin(first.Leaf) {
			t.Error("not renewed, or with another key")
		}
		time.Sleep(time.Until(second.Leaf.NotAfter) + time.Hour)
		s, err = certs.Own(dir, quiet)
		if err != nil || time.Until(s.Certificate().Leaf.NotAfter) <= 0 ||
			certs.Pin(s.Certificate().Leaf) != certs.Pin(first.Leaf) {
			t.Errorf("after it has run out: %v", err)
		}
	})
}

// TestOwnDamaged tests that what somebody has put there is not overwritten.
func TestOwnDamaged(t *testing.T) {
	for _, name := range []string{"cert.pem", "key.pem"} {
		dir := made(t)
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := certs.Own(dir, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("a damaged %s is taken", name)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "mine" {
			t.Errorf("%s is %q, %v", name, data, err)
		}
	}
	dir := made(t)
	before, err := certs.ReadOwn(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "cert.pem")); err != nil {
		t.Fatal(err)
	}
	s, err := certs.Own(dir, slog.New(slog.DiscardHandler))
	if err != nil || certs.Pin(s.Certificate().Leaf) != certs.Pin(before.Leaf) {
		t.Errorf("without its certificate the key is not used: %v", err)
	}
}
