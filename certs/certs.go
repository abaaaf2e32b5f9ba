// Package certs has the certificates and keys by which a server shows its clients who it is: from an operator's files,
// issued by an authority, or made by itself in its data folder. A [Source] is one of the three.
package certs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// lookEvery is how often a source looks whether its certificate is to be replaced.
const lookEvery = 30 * time.Second

// A Source gives the certificate that is in force. All methods are safe for concurrent use.
type Source struct {
	current atomic.Pointer[tls.Certificate]
	origin  origin
	log     *slog.Logger
	// challenges answers an authority; nil where none issues certificates. It does not change.
	challenges *challenges

	wake chan struct{} // has Watch look although it is not time
	said string        // what was wrong when Watch looked last, which owns it
}

// An origin is where certificates come from.
type origin interface {
	// next returns the certificate that replaces current, nil for none: none has to. If asked is set an operator wants
	// to know: files are read, and an authority is asked again, without waiting for their time. current is nil at the
	// start.
	next(ctx context.Context, current *tls.Certificate, asked bool) (*tls.Certificate, error)
}

// newSource returns a source with its first certificate.
func newSource(ctx context.Context, from origin, log *slog.Logger) (*Source, error) {
	s := &Source{origin: from, log: log, wake: make(chan struct{}, 1)}
	first, err := from.next(ctx, nil, true)
	if err != nil {
		return nil, err
	}
	s.put(first)
	return s, nil
}

func (s *Source) put(c *tls.Certificate) {
	s.current.Store(c)
	if left := time.Until(c.Leaf.NotAfter); left <= 0 {
		s.log.Warn("the certificate is no longer valid", "not_after", c.Leaf.NotAfter)
	}
}

// Certificate returns the certificate in force.
func (s *Source) Certificate() *tls.Certificate { return s.current.Load() }

// Config returns how a server is to speak TLS: 1.2 or later, with the certificate that is in force at each handshake.
func (s *Source) Config() *tls.Config {
	config := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.current.Load(), nil },
		// A line of a chat is one record, and a page is few.
		DynamicRecordSizingDisabled: true,
	}
	if s.challenges != nil {
		config.GetConfigForClient = s.challenges.config
	}
	return config
}

// Watch replaces the certificate when it is time, until ctx is done. One goroutine alone calls it.
func (s *Source) Watch(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	asked := false
	for {
		s.look(ctx, asked)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			asked = false
		case <-s.wake:
			asked = true
		}
	}
}

// Reload has Watch read the files again, or ask the authority again: at once, or when what it asks now has failed. It
// does not wait for that. If what is found is no good the old certificate stays, and the log says so.
func (s *Source) Reload() {
	select {
	case s.wake <- struct{}{}:
	default: // it is to look already
	}
}

func (s *Source) look(ctx context.Context, asked bool) {
	next, err := s.origin.next(ctx, s.current.Load(), asked)
	switch {
	case err != nil && ctx.Err() != nil: // the server stops
	case err != nil:
		if trouble := err.Error(); asked || trouble != s.said {
			s.said = trouble
			s.log.Error("no new certificate, the old one stays", "err", err)
		}
	case next != nil:
		s.said = ""
		s.put(next)
		s.log.Info("a new certificate is in force", "fingerprint", Fingerprint(next.Leaf),
			"not_after", next.Leaf.NotAfter.UTC())
	}
}

// Fingerprint returns the SHA-256 sum of a certificate, as clients show it.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

// Pin returns the SHA-256 sum of the certificate's public key (RFC 7469, section 2.4), which stays where a certificate
// is renewed with the same key.
func Pin(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Names returns whom a certificate is for: host names first.
func Names(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// pair makes a certificate of what two files hold.
func pair(certificate, key []byte) (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(certificate, key)
	if err != nil && bytes.Contains(key, []byte("ENCRYPTED")) {
		return nil, errors.New("the key has a passphrase, and nobody is there to type it: " +
			"openssl pkey -in KEY -out FILE writes it without one")
	}
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "tls: "))
	}
	for _, der := range c.Certificate {
		if _, err := x509.ParseCertificate(der); err != nil {
			return nil, err
		}
	}
	if c.Leaf == nil {
		if c.Leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return nil, err
		}
	}
	return &c, nil
}
