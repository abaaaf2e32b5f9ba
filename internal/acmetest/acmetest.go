// Package acmetest has a certificate authority for tests: Pebble, by which Let's Encrypt tests clients of ACME. It
// knows no other address than 127.0.0.1, whatever a name is.
package acmetest

import (
	"encoding/pem"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"parley/internal/crash"
)

// An Authority is a certificate authority that runs for as long as a test. It leaves one goroutine behind.
type Authority struct {
	// Directory is its URL.
	Directory string
	// Root is a PEM file of the certificate that its HTTPS is compared with.
	Root string

	t       testing.TB
	front   http.Handler
	started chan struct{} // closed when front is set
}

// New returns an authority that issues certificates for five years. Who asks it for something
// waits until it is started.
func New(t testing.TB) *Authority {
	t.Helper()
	for name, value := range map[string]string{"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"} {
		if err := os.Setenv(name, value); err != nil { // nobody else reads it
			t.Fatal(err)
		}
	}
	a := &Authority{t: t, started: make(chan struct{})}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-a.started:
			a.front.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	a.Directory = server.URL + wfe.DirectoryPath
	a.Root = filepath.Join(t.TempDir(), "root.pem")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(a.Root, root, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// Start starts the authority. It comes to the given ports for challenges.
func (a *Authority) Start(tlsPort, httpPort int) {
	a.t.Helper()
	quiet := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	profiles := map[string]ca.Profile{"default": {}}
	front := wfe.New(quiet, store, va.New(quiet, httpPort, tlsPort, true, a.names(), store),
		ca.New(quiet, store, "", "ecdsa", 0, 1, profiles), []string{"pebble.letsencrypt.org"}, true, false, 1, 1)
	a.front = front.Handler()
	close(a.started)
}

// names starts a name server, and returns its address.
func (a *Authority) names() string {
	a.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		a.t.Fatal(err)
	}
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, asked *dns.Msg) {
		answer := new(dns.Msg).SetReply(asked)
		for _, q := range asked.Question {
			if q.Qtype == dns.TypeA {
				answer.Answer = append(answer.Answer, &dns.A{A: net.IPv4(127, 0, 0, 1),
					Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}})
			}
		}
		_ = w.WriteMsg(answer) // who is gone asks no more
	})}
	var serving sync.WaitGroup
	serving.Go(func() { // until Shutdown
		defer crash.Survive(slog.Default(), "name server")
		_ = server.ActivateAndServe() // it ends because of Shutdown
	})
	a.t.Cleanup(func() {
		_ = server.Shutdown()
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}
