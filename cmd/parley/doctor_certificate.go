package main

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"time"

	"parley/certs"
)

// renewal is how long before its end an operator's certificate should have been renewed: most are at a month's.
const renewal = 14 * 24 * time.Hour

// certificate looks whether clients believe the certificate for TLS today, and whether the server can read it.
func (d *doctor) certificate() {
	o := d.options
	before := len(d.found)
	if advice := o.unreached(given(o.TLSListen), given(o.WebListen)); advice != "" {
		d.find("certificate", warn, "%s", advice)
	}
	own, ownErr := certs.ReadOwn(o.ownCertificate())
	c, err := o.readCertificate()
	switch {
	case (o.TLSCert != "" || o.checkACME() != nil) && err != nil: // as the configuration's fault says
		return
	case errors.Is(err, fs.ErrNotExist):
		if len(o.TLSListen)+len(o.WebListen) > 0 {
			d.find("certificate", fine, "The first start makes one.")
		}
		return
	case err != nil && len(o.ACMEDomain) > 0 && ownErr == nil: // as the server does then
		d.find("certificate", bad, "%v. Restart the server: it has the authority issue another, and until then "+
			"clients see the server's own.", err)
		return
	case err != nil:
		d.find("certificate", bad, "%v. Run the doctor as the user that the data folder belongs to, or move the "+
			"folder %s away: the next start makes another.", err, absolute(o.ownCertificate()))
		return
	}
	if len(o.ACMEDomain) > 0 && ownErr == nil && own.Leaf.Equal(c.Leaf) {
		d.find("certificate", warn, "The authority has issued none yet, so clients see the server's own. The server's "+
			"log says why.")
	}
	for _, der := range c.Certificate {
		if one, err := x509.ParseCertificate(der); err == nil { // they were read already
			d.dates(one, time.Now())
		}
	}
	if o.TLSCert != "" {
		d.reads(o.TLSCert)
		d.reads(o.TLSKey)
		if info, err := os.Stat(o.TLSKey); err == nil && posix && info.Mode().Perm()&0o007 != 0 {
			d.find("certificate", warn, "Everybody on this machine can read the key %s. chmod 600 ends that.",
				absolute(o.TLSKey))
		}
	}
	if len(d.found) == before {
		d.find("certificate", fine, "It is valid until %s.", c.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
}

// given returns the ports of addresses.
func given(addresses []string) (ports []int) {
	for _, address := range addresses {
		if _, port, err := splitAddress(address); err == nil {
			ports = append(ports, port)
		}
	}
	return ports
}

// dates looks at the dates of a certificate of the chain.
func (d *doctor) dates(c *x509.Certificate, now time.Time) {
	name := c.Subject.CommonName
	if names := certs.Names(c); name == "" && len(names) > 0 {
		name = names[0]
	}
	end := c.NotAfter.UTC().Format("2006-01-02 15:04 UTC")
	renew, soon := "Renew it; the server takes the new one by itself.", renewal
	switch {
	case len(d.options.ACMEDomain) > 0:
		soon = min(soon, c.NotAfter.Sub(c.NotBefore)/4)
		renew = "The server's log says why the authority has issued no other."
	case d.options.TLSCert == "":
		renew = "The server makes another by itself: restart it, or look into its log for why it did not."
	}
	switch {
	case now.Before(c.NotBefore):
		d.find("certificate", bad, "That of %s is not valid before %s. Look whether the clock is right.", name,
			c.NotBefore.UTC().Format("2006-01-02 15:04 UTC"))
	case now.After(c.NotAfter):
		d.find("certificate", bad, "That of %s ended at %s. %s", name, end, renew)
	case c.NotAfter.Sub(now) < soon:
		d.find("certificate", warn, "That of %s ends at %s. %s", name, end, renew)
	}
}
