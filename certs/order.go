package certs

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
)

// Package autocert of the library, which is made for servers of the web, is not used: it asks the authority while a
// client waits in a handshake, renews by timers that nobody can stop, and keeps to itself why that failed.

const (
	orderTime   = 5 * time.Minute  // for all of it
	requestTime = 30 * time.Second // for one answer of the authority
)

// The challenges that can be met (RFC 8737, and RFC 8555, section 8.3).
const (
	byTLS  = "tls-alpn-01"
	byHTTP = "http-01"
)

// obtain has the authority issue a certificate. After each try that has failed the next one meets the other kind of
// challenge, if there is one: the authority comes to port 443 for the one and to port 80 for the other, and one may
// lead nowhere.
func (i *issued) obtain(ctx context.Context) (*tls.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	defer i.challenges.forget()
	kind := byTLS
	if i.authority.Pages && i.tries%2 == 1 {
		kind = byHTTP
	}
	account, err := Key(i.accountKey(), newKey)
	if err != nil {
		return nil, fmt.Errorf("the key of the account with the certificate authority: %w", err)
	}
	client := i.client(account)
	// Who names an authority in the configuration agrees to its terms, as the option says.
	_, err = client.Register(ctx, new(acme.Account), acme.AcceptTOS)
	if err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil, fmt.Errorf("the certificate authority at %s: %w", i.authority.Directory, reason(err))
	}
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(i.authority.Names...))
	if err != nil {
		return nil, i.refused("takes no order", err)
	}
	for _, url := range order.AuthzURLs {
		if err := i.prove(ctx, client, url, kind); err != nil {
			return nil, i.refused("wants a proof ("+kind+")", err)
		}
	}
	if order, err = client.WaitOrder(ctx, order.URI); err != nil {
		return nil, i.refused("does not take the proof", err)
	}
	key, err := ReadKey(i.own.key())
	if err != nil {
		return nil, err
	}
	template := &x509.CertificateRequest{DNSNames: i.authority.Names}
	request, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return nil, err
	}
	chain, _, err := client.CreateCertFromOrder(ctx, order, request, true)
	if err != nil {
		return nil, i.refused("issues nothing", err)
	}
	return i.keep(chain)
}

// client returns a client of the authority with the key of an account.
func (i *issued) client(account crypto.Signer) *acme.Client {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: i.authority.Roots, MinVersion: tls.VersionTLS12}}
	return &acme.Client{Key: account, DirectoryURL: i.authority.Directory, UserAgent: i.authority.Agent,
		HTTPClient: &http.Client{Transport: transport, Timeout: requestTime}}
}

// prove shows the authority that one of the names leads here.
func (i *issued) prove(ctx context.Context, client *acme.Client, url, kind string) error {
	proof, err := client.GetAuthorization(ctx, url)
	if err != nil || proof.Status != acme.StatusPending {
		return err
	}
	for _, c := range proof.Challenges {
		if c.Type != kind {
			continue
		}
		if err := i.challenges.meet(client, c, proof.Identifier.Value); err != nil {
			return err
		}
		if _, err := client.Accept(ctx, c); err != nil {
			return err
		}
		_, err := client.WaitAuthorization(ctx, url)
		return err
	}
	return fmt.Errorf("for %s it offers no challenge that can be met here", proof.Identifier.Value)
}

// refused returns what an error means that came when the authority was asked: that it does as does says, if it has
// answered so, or that it cannot be asked.
func (i *issued) refused(does string, err error) error {
	_, problem := errors.AsType[*acme.Error](err)
	_, proof := errors.AsType[*acme.AuthorizationError](err)
	_, order := errors.AsType[*acme.OrderError](err)
	if problem || proof || order {
		return fmt.Errorf("the certificate authority %s: %w", does, reason(err))
	}
	return fmt.Errorf("the certificate authority at %s: %w", i.authority.Directory, reason(err))
}

// reason returns what an authority says, without the names that the protocol has for it.
func reason(err error) error {
	var said []string
	add := func(err error) {
		if problem, ok := errors.AsType[*acme.Error](err); ok {
			said = append(said, brief(problem.Detail))
			return
		}
		said = append(said, strings.TrimPrefix(err.Error(), "acme: "))
	}
	if refused, ok := errors.AsType[*acme.AuthorizationError](err); ok && len(refused.Errors) > 0 {
		for _, err := range refused.Errors {
			add(err)
		}
	} else {
		add(err)
	}
	return &told{strings.TrimRight(strings.Join(said, "; "), ". "), err}
}

// brief returns a text as one line, and no more of it than somebody reads: who is no authority answers with a page.
func brief(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// told is an error in other words.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.err }

// challenges are the answers to what an authority is about to ask. The zero value has none.
type challenges struct {
	mu    sync.Mutex // guards both
	certs map[string]*tls.Certificate
	pages map[string]string
}

// meet gets the answer ready.
func (c *challenges) meet(client *acme.Client, challenge *acme.Challenge, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.certs == nil {
		c.certs, c.pages = make(map[string]*tls.Certificate), make(map[string]string)
	}
	if challenge.Type == byHTTP {
		text, err := client.HTTP01ChallengeResponse(challenge.Token)
		c.pages[client.HTTP01ChallengePath(challenge.Token)] = text
		return err
	}
	shown, err := client.TLSALPN01ChallengeCert(challenge.Token, name)
	c.certs[name] = &shown
	return err
}

func (c *challenges) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.certs, c.pages = nil, nil
}

// errNotAsked ends a handshake that only an authority begins, when none was asked.
var errNotAsked = errors.New("certs: no certificate was asked for by that name")

// config returns how to speak TLS with whom hello is from: nil for as with all.
func (c *challenges) config(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	if len(hello.SupportedProtos) != 1 || hello.SupportedProtos[0] != acme.ALPNProto {
		return nil, nil
	}
	c.mu.Lock()
	shown := c.certs[strings.ToLower(hello.ServerName)]
	c.mu.Unlock()
	if shown == nil {
		return nil, errNotAsked
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{acme.ALPNProto},
		Certificates: []tls.Certificate{*shown}}, nil
}

// Asked reports whether a handshake was an authority's, which has seen by it what it wanted to.
func Asked(state tls.ConnectionState) bool { return state.NegotiatedProtocol == acme.ALPNProto }

// Answer returns what an authority is to find at the path of a URL that begins with http://, and whether it is to find
// anything.
func (s *Source) Answer(path string) (text string, ok bool) {
	if s.challenges == nil {
		return "", false
	}
	s.challenges.mu.Lock()
	defer s.challenges.mu.Unlock()
	text, ok = s.challenges.pages[path]
	return text, ok
}
