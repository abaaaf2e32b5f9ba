package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"

	"parley/certs"
)

// certificate returns the source of the certificate that the options ask for.
func (o *options) certificate(log *slog.Logger) (*certs.Source, error) {
	switch {
	case o.TLSCert != "":
		return certs.Files(o.TLSCert, o.TLSKey, log)
	case len(o.ACMEDomain) > 0:
		return o.issued(log)
	}
	return certs.Own(o.ownCertificate(), log)
}

// fingerprintsCommand prints by what users know that they have come to this server. It reads files alone: the server
// may run or not.
type fingerprintsCommand struct{}

func (*fingerprintsCommand) run(_ context.Context, _ *program, o *options, stdout io.Writer) error {
	if err := cmp.Or(o.checkTLS(), o.checkACME()); err != nil {
		return &usageError{err}
	}
	key, err := certs.ReadKey(o.sshKey())
	hasKey := err == nil
	if hasKey {
		if _, err = fmt.Fprintf(stdout, "SSH host key     %s\n", sshFingerprint(key)); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c, err := o.readCertificate()
	switch {
	case hasKey && o.TLSCert == "" && errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrNotExist) && o.TLSCert == "":
		return fmt.Errorf("there is no certificate in the data folder %s, and no host key: the first start with "+
			"--tls-listen makes the one, and with --ssh-listen the other", o.Data)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(stdout, "TLS certificate  %s (SHA-256)\nTLS key          %s (SHA-256, stays when the "+
		"certificate is renewed)\nFor              %s\nUntil            %s\n", certs.Fingerprint(c.Leaf),
		certs.Pin(c.Leaf), strings.Join(certs.Names(c.Leaf), " "), c.Leaf.NotAfter.UTC().Format("2006-01-02 15:04 UTC"))
	return err
}

// readCertificate returns the certificate that a server with these options shows, and makes none. Until an authority
// has issued one that is the server's own.
func (o *options) readCertificate() (*tls.Certificate, error) {
	if o.TLSCert != "" {
		return certs.ReadFiles(o.TLSCert, o.TLSKey)
	}
	if len(o.ACMEDomain) > 0 {
		if c, err := o.readIssued(); !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
	}
	return certs.ReadOwn(o.ownCertificate())
}
