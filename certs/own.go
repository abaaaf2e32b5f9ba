package certs

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"parley/internal/newfile"
)

// A certificate of our own is valid for ownLife, and replaced when a third of that is left.
const ownLife = 3 * 365 * 24 * time.Hour

// Own returns a source of a certificate that is signed with its own key. Both are made in the folder dir if they are
// not there; the certificate is made anew when its time comes, always with the same key.
func Own(dir string, log *slog.Logger) (*Source, error) {
	return newSource(context.Background(), &own{dir: dir}, log)
}

// ReadOwn returns the certificate that [Own] has made in dir: an error that is [fs.ErrNotExist] if there is none.
func ReadOwn(dir string) (*tls.Certificate, error) {
	o := own{dir: dir}
	return ReadFiles(o.certificate(), o.key())
}

type own struct{ dir string }

func (o *own) certificate() string { return filepath.Join(o.dir, "cert.pem") }
func (o *own) key() string         { return filepath.Join(o.dir, "key.pem") }

func (o *own) next(_ context.Context, current *tls.Certificate, asked bool) (*tls.Certificate, error) {
	if current != nil && !asked && !old(current.Leaf) {
		return nil, nil
	}
	c, err := ReadOwn(o.dir)
	switch {
	case err == nil && !old(c.Leaf):
		return c, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err // what an operator has put there is not overwritten
	}
	return o.make()
}

// old reports whether a third or less of a certificate's time is left.
func old(c *x509.Certificate) bool { return time.Until(c.NotAfter) <= c.NotAfter.Sub(c.NotBefore)/3 }

// make makes a certificate, and the key if there is none.
func (o *own) make() (*tls.Certificate, error) {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return nil, err
	}
	key, err := Key(o.key(), newKey)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	names, ips := machine()
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0], Organization: []string{"Parley"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ownLife), // clocks differ
		DNSNames: names, IPAddresses: ips,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := replace(o.certificate(), text); err != nil {
		return nil, err
	}
	return ReadOwn(o.dir)
}

// newKey generates a key of a kind that every client takes.
func newKey() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// machine returns the names and the addresses by which this machine may be reached. Some clients compare addresses too.
func machine() (names []string, ips []net.IP) {
	if name, err := os.Hostname(); err == nil && name != "" && name != "localhost" {
		names = append(names, name)
	}
	names = append(names, "localhost")
	addresses, _ := net.InterfaceAddrs() // without them the certificate has names alone
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			ips = append(ips, n.IP)
		}
	}
	return names, ips
}

// Key returns the private key that a PEM file holds in the form of PKCS #8. If there is no such file it is made, with
// mode 0600 and the key that generate returns. Of several who make it at a time one does, and all have the same key.
func Key(path string, generate func() (crypto.Signer, error)) (crypto.Signer, error) {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path, generate); err != nil {
			return nil, err
		}
		text, err = readFile(path)
	}
	if err != nil {
		return nil, err
	}
	return parseKey(path, text)
}

// ReadKey is Key that makes none: its error is [fs.ErrNotExist] if there is no such file.
func ReadKey(path string) (crypto.Signer, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parseKey(path, text)
}

func parseKey(path string, text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s holds no key that can sign", path)
	}
	return key, nil
}

func makeKey(path string, generate func() (crypto.Signer, error)) error {
	key, err := generate()
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	err = newfile.Create(path, func(w io.Writer) error { _, err := w.Write(text); return err })
	if errors.Is(err, fs.ErrExist) {
		return nil // a key that is there stays
	}
	return err
}

// replace puts text into the file at path, all or nothing.
func replace(path string, text []byte) error {
	return newfile.Replace(path, func(w io.Writer) error { _, err := w.Write(text); return err })
}
