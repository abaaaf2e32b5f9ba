package certs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An Authority is a certificate authority that speaks ACME (RFC 8555), and what it is to certify.
type Authority struct {
	// Names are the host names, one at least. All are in one certificate.
	Names []string
	// Directory is its URL, such as that of [LetsEncrypt].
	Directory string
	// Roots are the certificates that its own HTTPS is compared with; nil means those of the system.
	Roots *x509.CertPool
	// Pages says that challenges may also be met by HTTP: see [Source.Answer].
	Pages bool
	// Agent is what this program calls itself to the authority.
	Agent string
}

// Issued returns a source of certificates that an authority issues. They are for the key of [Own] in the folder dir,
// and until there is one its certificate is in force. Only [Source.Watch] asks the authority: for the first one at
// once, for the next when a third of the time is left, or up to a tenth of the time earlier, so that not all ask on one
// day. What fails is tried again after 2 minutes, then after twice that, up to 12 hours.
func Issued(dir string, a Authority, log *slog.Logger) (*Source, error) {
	i := &issued{own: own{dir: dir}, authority: a, log: log}
	s, err := newSource(context.Background(), i, log)
	if err == nil {
		s.challenges = &i.challenges
	}
	return s, err
}

// ReadIssued returns the certificate that an authority has issued and that is kept in dir: an error that is
// [fs.ErrNotExist] if there is none.
func ReadIssued(dir string, a Authority) (*tls.Certificate, error) {
	return (&issued{own: own{dir: dir}, authority: a}).read()
}

// issued is where the certificates of an authority come from.
type issued struct {
	own        own
	authority  Authority
	log        *slog.Logger
	challenges challenges

	has   bool      // an authority's certificate is in force
	tries int       // that have failed since the last success
	after time.Time // the next try; zero for at once
}

// The pauses between tries that fail. Let's Encrypt takes five failures an hour.
const (
	firstPause = 2 * time.Minute
	lastPause  = 12 * time.Hour
)

func (i *issued) certificate() string { return filepath.Join(i.own.dir, "issued.pem") }
func (i *issued) accountKey() string  { return filepath.Join(i.own.dir, "account.pem") }

func (i *issued) next(ctx context.Context, current *tls.Certificate, asked bool) (*tls.Certificate, error) {
	switch {
	case current == nil:
		return i.begin(ctx)
	case i.has && time.Now().Before(i.due(current.Leaf)):
		return nil, nil
	case !asked && time.Now().Before(i.after):
		return i.meanwhile(ctx, current)
	}
	c, err := i.obtain(ctx)
	if err == nil {
		i.has, i.tries, i.after = true, 0, time.Time{}
		return c, nil
	}
	pause := min(lastPause, firstPause<<min(i.tries, 16))
	i.tries++
	i.after = time.Now().Add(pause)
	return nil, fmt.Errorf("%w; this was try %d, and the next is in %v", err, i.tries, pause)
}

// begin returns what is in force first.
func (i *issued) begin(ctx context.Context) (*tls.Certificate, error) {
	own, err := i.own.next(ctx, nil, true) // it makes the key, too
	if err != nil {
		return nil, err
	}
	switch c, err := i.read(); {
	case err == nil && time.Now().Before(c.Leaf.NotAfter):
		i.has = true
		return c, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		i.log.Warn("the certificate that was issued cannot be read, so another will be", "err", err)
	}
	return own, nil
}

// meanwhile looks after the certificate of our own, if that is in force.
func (i *issued) meanwhile(ctx context.Context, current *tls.Certificate) (*tls.Certificate, error) {
	if i.has {
		return nil, nil
	}
	return i.own.next(ctx, current, false)
}

// due returns when a certificate is to be renewed. It is another time for each, and always the same for one.
func (i *issued) due(c *x509.Certificate) time.Time {
	if i.authority.covers(c) != nil {
		return time.Time{}
	}
	life := c.NotAfter.Sub(c.NotBefore)
	sum := sha256.Sum256(c.Raw)
	early := float64(binary.BigEndian.Uint32(sum[:])) / (1 << 32) // of a tenth
	return c.NotAfter.Add(-life / 3).Add(-time.Duration(early * float64(life/10)))
}

// read returns the certificate that is kept, if it is of this authority and for the first of the names.
func (i *issued) read() (*tls.Certificate, error) {
	text, err := readFile(i.certificate())
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(text, i.heading()) {
		return nil, fmt.Errorf("%s is of another authority: %w", i.certificate(), fs.ErrNotExist)
	}
	key, err := readFile(i.own.key())
	if err != nil {
		return nil, err
	}
	c, err := pair(text, key)
	if err != nil {
		return nil, fmt.Errorf("%s with the key %s: %w", i.certificate(), i.own.key(), err)
	}
	if err := c.Leaf.VerifyHostname(i.authority.Names[0]); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", i.certificate(), err, fs.ErrNotExist)
	}
	return c, nil
}

// keep puts a chain of certificates into the file, and returns it with its key.
func (i *issued) keep(chain [][]byte) (*tls.Certificate, error) {
	text := i.heading()
	for _, der := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	key, err := readFile(i.own.key())
	if err != nil {
		return nil, err
	}
	c, err := pair(text, key)
	if err == nil {
		err = i.authority.covers(c.Leaf)
	}
	if err != nil {
		return nil, fmt.Errorf("the certificate that was issued: %w", err)
	}
	return c, replace(i.certificate(), text)
}

// heading is what the file begins with: a certificate of a test authority must not stay when the real one is named.
func (i *issued) heading() []byte {
	return fmt.Appendf(nil, "# Issued by %s\n", i.authority.Directory)
}

// LetsEncrypt is the directory of the authority of that name.
const LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// covers returns why a certificate does not do for all of the names.
func (a *Authority) covers(c *x509.Certificate) error {
	for _, name := range a.Names {
		if err := c.VerifyHostname(name); err != nil {
			return err
		}
	}
	return nil
}

// ReadRoots returns the certificates of authorities that a PEM file holds, one at least.
func ReadRoots(path string) (*x509.CertPool, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", path)
	}
	return roots, nil
}

// CheckName returns why an authority issues no certificate for a host name by the challenges that are known here.
func CheckName(name string) error {
	labels := strings.Split(name, ".")
	ok := func(label string) bool {
		return label != "" && len(label) <= 63 && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
			label[0] != '-' && label[len(label)-1] != '-'
	}
	letter := strings.ContainsAny(labels[len(labels)-1], "abcdefghijklmnopqrstuvwxyz") // an address has none there
	switch {
	case strings.HasPrefix(name, "*."):
		return errors.New("one name is certified at a time, not all of a domain")
	case len(labels) < 2 || len(name) > 253 || !letter ||
		slices.ContainsFunc(labels, func(label string) bool { return !ok(label) }):
		return errors.New("that is no host name such as chat.example.org, in small letters of ASCII")
	}
	return nil
}
