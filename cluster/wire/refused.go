package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// final returns the error of [Connect] if err will be the same at the next attempt, and nil if it may not.
func final(err error) error {
	var verify *tls.CertificateVerificationError
	var alert *net.OpError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired),
		errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired):
		return fmt.Errorf("%w: %s", ErrRefused, plain(err))
	case errors.As(err, &verify):
		return fmt.Errorf("%w: %s", ErrUntrusted, plain(verify.Err))
	case errors.As(err, &alert) && alert.Op == "remote error": // it does not like the certificate, or misses it
		return fmt.Errorf("%w: %s", ErrRefused, plain(alert))
	}
	return nil
}

// CheckFiles finds what is wrong with the files of the options. The client would say it less plainly, and again and
// again.
func (o *Options) CheckFiles() error {
	if o.Credentials != "" {
		b, err := readPlain(o.Credentials)
		if err != nil {
			return err
		}
		_, noToken := nkeys.ParseDecoratedJWT(b)
		if _, err := nkeys.ParseDecoratedUserNKey(b); err != nil || noToken != nil {
			return fmt.Errorf("%s has no credentials such as nsc writes", o.Credentials)
		}
	}
	if o.CA != "" {
		b, err := readPlain(o.CA)
		if err != nil {
			return err
		}
		if !x509.NewCertPool().AppendCertsFromPEM(b) {
			return fmt.Errorf("%s has no certificate in PEM", o.CA)
		}
	}
	if o.Certificate != "" {
		certificate, err := readPlain(o.Certificate)
		if err != nil {
			return err
		}
		key, err := readPlain(o.Key)
		if err != nil {
			return err
		}
		if _, err := tls.X509KeyPair(certificate, key); err != nil {
			return fmt.Errorf("%s and %s: %w", o.Certificate, o.Key, err)
		}
	}
	return nil
}

// readPlain reads a plain file: a pipe would not let go of whoever reads it.
func readPlain(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no plain file", path)
	}
	return os.ReadFile(path)
}
