package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"parley/certs"
	"parley/internal/build"
)

// acmeOptions are those of a certificate authority that speaks ACME.
type acmeOptions struct {
	ACMEDomain    []string `name:"acme-domain" placeholder:"NAME" help:"Host name that leads to this server; may be given more than once. A certificate for TLS is asked for by ACME, and renewed: whoever sets this agrees to the authority's terms. It looks for the server at port 443 of the name, or at port 80 for --web-listen."`
	ACMEDirectory string   `name:"acme-directory" default:"https://acme-v02.api.letsencrypt.org/directory" placeholder:"URL" help:"The authority that --acme-domain asks, by its directory. (${default})"`
	ACMERoot      string   `name:"acme-root" placeholder:"FILE" help:"Certificates, in PEM, by which to know that authority; those of the system if not given."`
}

// The ports to which an authority comes (RFC 8737, section 3, and RFC 8555, section 8.3).
const (
	challengePort     = 443
	pageChallengePort = 80
)

// errCertified ends the connection of an authority, which has seen what it wanted to see.
var errCertified = errors.New("an authority has looked for its challenge")

// checkACME finds what is wrong with the options of ACME.
func (o *options) checkACME() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(o.ACMEDomain) == 0 {
		if o.ACMERoot != "" || o.ACMEDirectory != certs.LetsEncrypt {
			fault("--acme-directory and --acme-root: without --acme-domain no certificate is asked for")
		}
		return errors.Join(faults...)
	}
	if o.TLSCert != "" {
		fault("--acme-domain: the certificate is in the file of --tls-cert already")
	}
	if len(o.TLSListen)+len(o.WebListen) == 0 {
		fault("--acme-domain: a certificate is for --tls-listen or --web-listen, and none is given")
	}
	for _, name := range o.ACMEDomain {
		if err := certs.CheckName(strings.ToLower(name)); err != nil {
			fault("--acme-domain: %q: %w", name, err)
		}
	}
	at, err := url.Parse(o.ACMEDirectory)
	if err != nil || at.Scheme != "https" || at.Host == "" {
		fault("--acme-directory: %q is not the address of an authority, such as %s", o.ACMEDirectory,
			certs.LetsEncrypt)
	}
	if _, err := o.authority(); err != nil {
		fault("--acme-root: %w", err)
	}
	return errors.Join(faults...)
}

// authority returns whom the options have certificates from.
func (o *options) authority() (certs.Authority, error) {
	a := certs.Authority{Directory: o.ACMEDirectory, Pages: len(o.WebListen) > 0, Agent: "Parley/" + build.Version}
	for _, name := range o.ACMEDomain {
		if name = strings.ToLower(name); !slices.Contains(a.Names, name) {
			a.Names = append(a.Names, name)
		}
	}
	if o.ACMERoot == "" {
		return a, nil
	}
	roots, err := certs.ReadRoots(o.ACMERoot)
	a.Roots = roots
	return a, err
}

// issued returns the source of the certificates that an authority issues.
func (o *options) issued(log *slog.Logger) (*certs.Source, error) {
	a, err := o.authority()
	if err != nil {
		return nil, err
	}
	return certs.Issued(o.ownCertificate(), a, log)
}

// readIssued returns the certificate that an authority has issued.
func (o *options) readIssued() (*tls.Certificate, error) {
	a, err := o.authority()
	if err != nil {
		return nil, err
	}
	return certs.ReadIssued(o.ownCertificate(), a)
}

// unreached returns what to do where none of the ports is one that an authority comes to; "" where one is.
func (o *options) unreached(tlsPorts, webPorts []int) string {
	if len(o.ACMEDomain) == 0 || slices.Contains(tlsPorts, challengePort) || slices.Contains(webPorts, challengePort) ||
		slices.Contains(webPorts, pageChallengePort) {
		return ""
	}
	return fmt.Sprintf("A certificate authority comes to port %d of %s alone, or to port %d for --web-listen. "+
		"Listen there, or have that port lead here.", challengePort, o.ACMEDomain[0], pageChallengePort)
}
