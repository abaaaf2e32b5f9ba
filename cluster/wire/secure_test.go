package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"parley/cluster/natstest"
)

// An issuer signs certificates.
type issuer struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "issuer"}, IsCA: true,
		BasicConstraintsValid: true, NotAfter: time.Now().Add(time.Hour)}
	i.key, i.cert = sign(t, template, nil, nil)
	i.file = writePEM(t, "ca.pem", "CERTIFICATE", i.cert.Raw)
	return i
}

// sign makes a key and a certificate for it, signed by issuer, or by itself.
func sign(t *testing.T, template, issuer *x509.Certificate, by *ecdsa.PrivateKey) (*ecdsa.PrivateKey,
	*x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if issuer == nil {
		issuer, by = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

// issue returns files with a certificate of that address, or of no address, and its key.
func (i *issuer) issue(ip net.IP) (cert, key string) {
	i.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "parley"},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{ip},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	k, c := sign(i.t, template, i.cert, i.key)
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		i.t.Fatal(err)
	}
	return writePEM(i.t, "cert.pem", "CERTIFICATE", c.Raw), writePEM(i.t, "key.pem", "PRIVATE KEY", raw)
}

func writePEM(t *testing.T, name, kind string, raw []byte) string {
	t.Helper()
	return write(t, name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}))
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A try is an attempt to connect: want is what the refusal says, empty if there is none.
type try struct {
	name    string
	options func(o *Options)
	want    string
	refused bool // with ErrRefused
}

func (tt *try) run(t *testing.T, urls []string) {
	t.Helper()
	o := Options{Servers: urls, Node: "a", Log: slog.New(slog.DiscardHandler)}
	tt.options(&o)
	began := time.Now()
	w, err := Connect(t.Context(), o)
	if err == nil {
		w.Close()
	}
	switch {
	case (err == nil) != (tt.want == ""):
		t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
	case err == nil:
	case !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: got %q, want %q", tt.name, err, tt.want)
	case errors.Is(err, ErrRefused) != tt.refused:
		t.Errorf("%s: refused is %v", tt.name, errors.Is(err, ErrRefused))
	case time.Since(began) > startTime/2:
		t.Errorf("%s: refused after %v", tt.name, time.Since(began))
	}
}

// TestTLS connects to servers that have certificates, and that want to see one.
func TestTLS(t *testing.T) {
	ours, others := newIssuer(t), newIssuer(t)
	local := net.IPv4(127, 0, 0, 1)
	serverTLS := func(ip net.IP, clients bool) func(*server.Options) {
		cert, key := ours.issue(ip)
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return func(o *server.Options) {
			o.TLS, o.TLSVerify, o.TLSTimeout = true, clients, 10
			o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
			if clients {
				pool := x509.NewCertPool()
				pool.AddCert(ours.cert)
				o.TLSConfig.ClientAuth, o.TLSConfig.ClientCAs = tls.RequireAndVerifyClientCert, pool
			}
		}
	}
	cert, key := ours.issue(local)
	_, otherKey := ours.issue(local)
	foreign, foreignKey := others.issue(local)
	shows := func(cert, key string) func(*Options) {
		return func(o *Options) { o.CA, o.Certificate, o.Key = ours.file, cert, key }
	}
	const untrusted = "the certificate of the NATS server is not trusted: "
	for _, group := range []struct {
		server func(*server.Options)
		tries  []try
	}{
		{serverTLS(local, false), []try{
			{"right", func(o *Options) { o.CA = ours.file }, "", false},
			{"by tls://", func(o *Options) {
				o.CA, o.Servers = ours.file, []string{strings.Replace(o.Servers[0], "nats", "tls", 1)}
			}, "", false},
			{"no authority", func(*Options) {}, untrusted, false},
			{"another authority", func(o *Options) { o.CA = others.file }, untrusted, false},
			{"no file", func(o *Options) { o.CA = "/nowhere" }, "/nowhere", false},
			{"no certificates", func(o *Options) { o.CA = write(t, "empty", nil) }, "no certificate", false},
		}},
		{serverTLS(net.IPv4(192, 0, 2, 1), false), []try{
			{"of another machine", func(o *Options) { o.CA = ours.file }, untrusted, false},
		}},
		{serverTLS(local, true), []try{
			{"shown", shows(cert, key), "", false},
			{"none shown", shows("", ""), "the NATS servers refuse", true},
			{"of another authority", shows(foreign, foreignKey), "the NATS servers refuse", true},
			{"another's key", shows(cert, otherKey), "does not match", false},
		}},
	} {
		urls := natstest.Start(t, 1, group.server).URLs()
		for _, tt := range group.tries {
			tt.run(t, urls)
		}
	}
}

// TestPasswords connects to servers that ask for a name and a password.
func TestPasswords(t *testing.T) {
	urls := natstest.Start(t, 1, func(o *server.Options) { o.Username, o.Password = "parley", "right" }).URLs()
	as := func(login string) func(*Options) {
		return func(o *Options) {
			o.Servers = []string{strings.Replace(o.Servers[0], "nats://", "nats://"+login+"@", 1)}
		}
	}
	for _, tt := range []try{
		{"right", as("parley:right"), "", false},
		{"wrong", as("parley:wrong"), ErrRefused.Error(), true},
		{"somebody else", as("eve:right"), ErrRefused.Error(), true},
		{"nobody", func(*Options) {}, ErrRefused.Error(), true},
	} {
		tt.run(t, urls)
	}
}

// TestCredentials connects to servers that know accounts by an operator's keys, with files as nsc writes them.
func TestCredentials(t *testing.T) {
	operator, account, stranger := pair(t, nkeys.CreateOperator), pair(t, nkeys.CreateAccount),
		pair(t, nkeys.CreateAccount)
	oc := jwt.NewOperatorClaims(public(t, operator))
	signed, err := oc.Encode(operator)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := jwt.DecodeOperatorClaims(signed)
	if err != nil {
		t.Fatal(err)
	}
	resolver := new(server.MemAccResolver)
	ac := jwt.NewAccountClaims(public(t, account))
	text, err := ac.Encode(operator)
	if err != nil {
		t.Fatal(err)
	}
	if err := resolver.Store(public(t, account), text); err != nil {
		t.Fatal(err)
	}
	urls := natstest.Start(t, 1, func(o *server.Options) {
		o.TrustedOperators, o.AccountResolver, o.JetStream = []*jwt.OperatorClaims{claims}, resolver, false
	}).URLs()
	with := func(file string) func(*Options) { return func(o *Options) { o.Credentials = file } }
	for _, tt := range []try{
		{"right", with(credentials(t, account, time.Hour)), "", false},
		{"of an unknown account", with(credentials(t, stranger, time.Hour)), ErrRefused.Error(), true},
		{"none", func(*Options) {}, ErrRefused.Error(), true},
		{"over", with(credentials(t, account, -time.Hour)), ErrRefused.Error(), true},
		{"no file", with("/nowhere"), "/nowhere", false},
		{"no credentials", with(write(t, "x.creds", []byte("hello\n"))), "has no credentials", false},
	} {
		tt.run(t, urls)
	}
}

func pair(t *testing.T, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	k, err := create()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func public(t *testing.T, k nkeys.KeyPair) string {
	t.Helper()
	p, err := k.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// credentials returns a file for a user of the account.
func credentials(t *testing.T, account nkeys.KeyPair, lasts time.Duration) string {
	t.Helper()
	user := pair(t, nkeys.CreateUser)
	claims := jwt.NewUserClaims(public(t, user))
	claims.Expires = time.Now().Add(lasts).Unix()
	text, err := claims.Encode(account)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	file, err := jwt.FormatUserConfig(text, seed)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "parley.creds", file)
}
