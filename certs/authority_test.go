package certs_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/certs"
	"parley/internal/acmetest"
)

// enough is how long something may take that takes a moment.
const enough = 60 * time.Second

// A site is a server at two ports, as an authority finds it.
type site struct {
	tls, http net.Listener
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := new(site)
	for _, l := range []*net.Listener{&s.tls, &s.http} {
		var err error
		if *l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*l).Close() })
	}
	return s
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// serve answers at both ports as source says, until the test ends.
func (s *site) serve(t *testing.T, source *certs.Source) {
	t.Helper()
	config := source.Config()
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text, ok := source.Answer(r.URL.Path); ok {
			_, _ = w.Write([]byte(text))
			return
		}
		http.NotFound(w, r)
	})}
	ended := make(chan struct{}, 2)
	go func() { // until the listener closes
		defer func() { ended <- struct{}{} }()
		for {
			nc, err := s.tls.Accept()
			if err != nil {
				return
			}
			_ = nc.SetDeadline(time.Now().Add(enough))
			_ = tls.Server(nc, config).Handshake()
			nc.Close()
		}
	}()
	go func() { // until the listener closes
		defer func() { ended <- struct{}{} }()
		_ = web.Serve(s.http)
	}()
	t.Cleanup(func() {
		s.tls.Close()
		web.Close()
		<-ended
		<-ended
	})
}

// A lockedLog is a log that somebody reads while others write.
type lockedLog struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// asking returns a source that has certificates of authority for names, and what it logs.
func asking(t *testing.T, dir string, authority *acmetest.Authority, names ...string) (*certs.Source, *lockedLog) {
	t.Helper()
	roots, err := certs.ReadRoots(authority.Root)
	if err != nil {
		t.Fatal(err)
	}
	log := new(lockedLog)
	s, err := certs.Issued(dir, certs.Authority{Names: names, Directory: authority.Directory, Roots: roots, Pages: true,
		Agent: "test"}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

// TestIssued tests that an authority issues a certificate for several names, with the key that was there before; that
// it is kept for the owner alone, found again at the next start, and not with another authority or name; and that who
// only pretends to be an authority sees nothing.
func TestIssued(t *testing.T) {
	t.Parallel()
	dir, at, authority := t.TempDir(), newSite(t), acmetest.New(t)
	authority.Start(portOf(at.tls), portOf(at.http))
	s, log := asking(t, dir, authority, "chat.example.org", "talk.example.org")
	at.serve(t, s)
	before := s.Certificate()
	if len(before.Leaf.DNSNames) == 0 || before.Leaf.VerifyHostname("chat.example.org") == nil {
		t.Errorf("the first is for %s", certs.Names(before.Leaf))
	}
	s.Look(t.Context())
	c := s.Certificate()
	for _, name := range []string{"chat.example.org", "talk.example.org"} {
		if err := c.Leaf.VerifyHostname(name); err != nil {
			t.Fatalf("%v; the log:\n%s", err, log)
		}
	}
	if len(c.Certificate) < 2 || certs.Pin(c.Leaf) != certs.Pin(before.Leaf) {
		t.Errorf("%d certificates with the pin %s, before %s", len(c.Certificate), certs.Pin(c.Leaf),
			certs.Pin(before.Leaf))
	}
	s.Look(t.Context())
	if s.Certificate() != c {
		t.Error("it is asked for once more")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 4 {
		t.Errorf("%q, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
	again, _ := asking(t, dir, authority, "chat.example.org")
	if fingerprint(again.Certificate()) != fingerprint(c) {
		t.Error("it is not found again")
	}
	other, _ := asking(t, dir, authority, "else.example.org")
	if fingerprint(other.Certificate()) != fingerprint(before) {
		t.Error("it is in force for another name")
	}
	if _, err := certs.ReadIssued(dir, certs.Authority{Names: []string{"chat.example.org"}}); !errors.Is(err,
		fs.ErrNotExist) {
		t.Errorf("of another authority: %v", err)
	}
	conn, err := tls.Dial("tcp", at.tls.Addr().String(), &tls.Config{InsecureSkipVerify: true,
		ServerName: "chat.example.org", NextProtos: []string{"acme-tls/1"}})
	if err == nil {
		conn.Close()
		t.Error("somebody sees a challenge that there is none of")
	}
}

// TestIssuedByPages tests that an authority that cannot come by TLS is met by HTTP at the next try, and that the log
// says why the first failed, and when the next is.
func TestIssuedByPages(t *testing.T) {
	t.Parallel()
	dir, at, authority := t.TempDir(), newSite(t), acmetest.New(t)
	closed := newSite(t)
	closed.tls.Close()
	authority.Start(portOf(closed.tls), portOf(at.http))
	s, log := asking(t, dir, authority, "chat.example.org")
	at.serve(t, s)
	before := s.Certificate()
	s.Look(t.Context())
	if s.Certificate() != before || !strings.Contains(log.String(), "wants a proof (tls-alpn-01): ") ||
		!strings.Contains(log.String(), "this was try 1, and the next is in 2m0s") {
		t.Fatalf("the log:\n%s", log)
	}
	said := log.String()
	s.Look(t.Context())
	if log.String() != said {
		t.Errorf("it does not wait:\n%s", log.String()[len(said):])
	}
	s.LookAsked(t.Context()) // by an operator
	if err := s.Certificate().Leaf.VerifyHostname("chat.example.org"); err != nil {
		t.Fatalf("%v; the log:\n%s", err, log)
	}
}

// TestIssuedAsked tests that an operator who asks while the authority is being asked has it asked again, at once, when
// that has failed.
func TestIssuedAsked(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}), make(chan struct{})
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- struct{}{}:
			<-answer
		case <-r.Context().Done():
		}
		http.NotFound(w, r)
	}))
	defer authority.Close()
	s, err := certs.Issued(t.TempDir(), certs.Authority{Names: []string{"chat.example.org"},
		Directory: authority.URL}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Watch(ctx) }() // until stop
	defer func() { stop(); <-ended }()
	next := func() {
		t.Helper()
		select {
		case <-asked:
		case <-time.After(enough):
			t.Fatal("the authority is not asked")
		}
	}
	next()
	for range 3 {
		s.Reload()
	}
	answer <- struct{}{}
	next()
	answer <- struct{}{}
}

// TestIssuedLocal tests that what is wrong on this machine is not said to be the authority's fault.
func TestIssuedLocal(t *testing.T) {
	t.Parallel()
	dir, authority := made(t), acmetest.New(t)
	authority.Start(1, 1)
	if err := os.WriteFile(filepath.Join(dir, "account.pem"), []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, log := asking(t, dir, authority, "chat.example.org")
	s.Look(t.Context())
	if want := "the key of the account with the certificate authority: " + dir; !strings.Contains(log.String(), want) {
		t.Errorf("no %q in the log:\n%s", want, log)
	}
}

// TestIssuedAgain tests that a certificate is in force for as long as it is valid, and renewed when its time comes.
func TestIssuedAgain(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	dir, at, authority := made(t), newSite(t), acmetest.New(t)
	authority.Start(portOf(at.tls), portOf(at.http))
	key, err := certs.ReadKey(filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	put := func(from, until time.Duration) {
		t.Helper()
		template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"chat.example.org"},
			NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		text := "# Issued by " + authority.Directory + "\n" +
			string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		if err := os.WriteFile(filepath.Join(dir, "issued.pem"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(-91*day, -day)
	ended, _ := asking(t, dir, authority, "chat.example.org")
	if ended.Certificate().Leaf.SerialNumber.Int64() == 1 {
		t.Error("one that is not valid any more is in force")
	}
	put(-40*day, 50*day)
	early, _ := asking(t, dir, authority, "chat.example.org")
	early.Look(t.Context())
	if early.Certificate().Leaf.SerialNumber.Int64() != 1 {
		t.Error("it is renewed long before its time")
	}
	put(-61*day, 29*day)
	s, log := asking(t, dir, authority, "chat.example.org")
	at.serve(t, s)
	if s.Certificate().Leaf.SerialNumber.Int64() != 1 {
		t.Error("one that is still valid is not in force")
	}
	s.Look(t.Context())
	if c := s.Certificate().Leaf; c.SerialNumber.Int64() == 1 || c.VerifyHostname("chat.example.org") != nil {
		t.Errorf("it is not renewed; the log:\n%s", log)
	}
}

// TestIssuedDue tests when certificates are to be renewed: not all at once.
func TestIssuedDue(t *testing.T) {
	var shares []float64
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const name = "chat.example.org"
	for i := range 20 {
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), DNSNames: []string{name},
			NotBefore: time.Now(), NotAfter: time.Now().Add(90 * 24 * time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		due := certs.Due(c, name)
		share := float64(due.Sub(c.NotBefore)) / float64(c.NotAfter.Sub(c.NotBefore))
		if share < 0.566 || share > 0.667 || !certs.Due(c, name).Equal(due) {
			t.Errorf("it is due after %f of its time", share)
		}
		if !certs.Due(c, name, "else.example.org").IsZero() {
			t.Error("one that lacks a name is kept")
		}
		shares = append(shares, share)
	}
	least, most := shares[0], shares[0]
	for _, share := range shares {
		least, most = min(least, share), max(most, share)
	}
	if most-least < 0.01 {
		t.Errorf("all are due between %f and %f of their time", least, most)
	}
}

// TestIssuedRefused tests what is told of authorities that are none.
func TestIssuedRefused(t *testing.T) {
	t.Parallel()
	authority := acmetest.New(t)
	authority.Start(1, 1)
	nobody := newSite(t)
	nobody.http.Close()
	for _, tt := range []struct{ directory, root, want string }{
		{"https://" + nobody.http.Addr().String() + "/dir", authority.Root, "connection refused"},
		{authority.Directory, "", "x509: "},
		{authority.Directory + "/no", authority.Root, "the certificate authority at "},
	} {
		a := certs.Authority{Names: []string{"chat.example.org"}, Directory: tt.directory}
		if tt.root != "" {
			a.Roots, _ = certs.ReadRoots(tt.root)
		}
		var log bytes.Buffer
		s, err := certs.Issued(t.TempDir(), a, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		before := s.Certificate()
		s.Look(t.Context())
		if s.Certificate() != before || strings.Contains(log.String(), `\n`) ||
			strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), tt.want) {
			t.Errorf("%s: the log:\n%s", tt.directory, &log)
		}
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"chat.example.org": true, "xn--bcher-kva.example": true, "a.b": true, "4000.example.org": true,
		"": false, "localhost": false, "192.0.2.1": false, "2001:db8::1": false, "*.example.org": false,
		"chat.example.org.": false, "bücher.example": false, "-a.example": false, "a-.example": false,
		"a b.example": false,
		"a..example":  false, "CHAT.example.org": false, strings.Repeat("a", 64) + ".example": false,
		strings.Repeat("a.", 130) + "example": false, "chat.example.org:443": false, "https://chat.example.org": false,
	} {
		if err := certs.CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
