package certs_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/certs"
)

// made returns the folder of a certificate of its own.
func made(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if _, err := certs.Own(dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func fingerprint(c *tls.Certificate) string { return certs.Fingerprint(c.Leaf) }

// TestFilesChange tests that a source follows its files: replaced one after the other, by a link that leads elsewhere,
// and on demand; and that it keeps what it has where the new pair is no good.
func TestFilesChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second, third := made(t), made(t), made(t)
		link := filepath.Join(t.TempDir(), "live")
		point := func(dir string) {
			t.Helper()
			if err := os.Symlink(dir, link+".new"); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(link+".new", link); err != nil {
				t.Fatal(err)
			}
		}
		point(first)
		var log bytes.Buffer
		s, err := certs.Files(link+"/cert.pem", link+"/key.pem", slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		config := s.Config()
		shows := func(dir string) {
			t.Helper()
			want, err := certs.ReadOwn(dir)
			if err != nil {
				t.Fatal(err)
			}
			got, err := config.GetCertificate(nil)
			if err != nil || fingerprint(got) != fingerprint(want) || got != s.Certificate() {
				t.Fatalf("got %s, %v, want %s; log:\n%s", fingerprint(got), err, fingerprint(want), &log)
			}
		}
		done := make(chan struct{})
		ctx := t.Context()
		go func() { defer close(done); s.Watch(ctx) }() // until the test ends
		synctest.Wait()
		shows(first)

		point(second)
		time.Sleep(29 * time.Second)
		synctest.Wait()
		shows(first)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		shows(second)

		before := log.Len()
		copyFile(t, third+"/cert.pem", second+"/cert.pem.new")
		old, err := os.ReadFile(second + "/cert.pem")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(second+"/cert.pem.new", second+"/cert.pem"); err != nil { // the key does not match
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got, _ := config.GetCertificate(nil); bytes.Equal(got.Certificate[0], old) {
			t.Error("a certificate without its key is shown")
		}
		if n := strings.Count(log.String()[before:], "level=ERROR"); n != 1 {
			t.Errorf("the log is told %d times:\n%s", n, log.String()[before:])
		}
		copyFile(t, third+"/key.pem", second+"/key.pem")
		s.Reload()
		synctest.Wait()
		shows(third)
		for _, bad := range []string{"", "no PEM", strings.Repeat("x", 2<<20)} {
			if err := os.WriteFile(second+"/cert.pem", []byte(bad), 0o600); err != nil {
				t.Fatal(err)
			}
			s.Reload()
			synctest.Wait()
			shows(third)
		}
		if err := os.Remove(second + "/cert.pem"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		shows(third)
	})
}

func TestFilesRefused(t *testing.T) {
	a, b := made(t), made(t)
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][2]string{
		{a + "/cert.pem", b + "/key.pem"}, {a + "/key.pem", a + "/cert.pem"}, {empty, a + "/key.pem"},
		{a + "/cert.pem", empty}, {a + "/gone", a + "/key.pem"}, {a, a + "/key.pem"}, {"/dev/null", "/dev/null"},
	} {
		if _, err := certs.Files(tt[0], tt[1], slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s with %s is taken", tt[0], tt[1])
		}
	}
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.WriteFile(locked, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGj\n-----END ENCRYPTED "+
		"PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := certs.ReadFiles(a+"/cert.pem", locked); err == nil || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("a key with a passphrase: %v", err)
	}
}
