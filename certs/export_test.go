package certs

import (
	"context"
	"crypto/x509"
	"time"
)

// Look looks once, as Watch does again and again.
func (s *Source) Look(ctx context.Context) { s.look(ctx, false) }

// LookAsked looks once, as Watch does after a Reload.
func (s *Source) LookAsked(ctx context.Context) { s.look(ctx, true) }

// Due returns when a certificate for names is to be renewed.
func Due(c *x509.Certificate, names ...string) time.Time {
	return (&issued{authority: Authority{Names: names}}).due(c)
}
