// Package pubkey reads the public keys with which users may log in by SSH, as they stand in files such as
// id_ed25519.pub.
package pubkey

import (
	"crypto/rsa"
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// These errors are returned by [Parse].
var (
	ErrNoKey   = errors.New("pubkey: no public key")
	ErrPrivate = errors.New("pubkey: a private key")
	ErrOptions = errors.New("pubkey: a key with options")
	ErrWeak    = errors.New("pubkey: a key of a kind that is not taken")
)

// The kinds that are taken. RSA keys have from 2,048 to 4,096 bits: longer ones take long to check, and do not fit into
// a line.
var kinds = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoSKECDSA256, ssh.KeyAlgoRSA,
}

const minRSA, maxRSA = 2048, 4096

// A Key is a public key. It is a value.
type Key struct {
	Kind    string `json:"kind"` // such as "ssh-ed25519"
	Blob    []byte `json:"blob"` // in the form of RFC 4253, section 6.6
	Comment string `json:"comment,omitempty"`
}

// Parse reads a line as it stands in a file of a public key: kind, key and a comment, which may be absent. It returns
// ErrPrivate for a line of a private one, ErrOptions where the line says how the key is to be used, ErrWeak for a kind
// or a length that is not taken, and ErrNoKey.
func Parse(line string) (Key, error) {
	if strings.Contains(strings.ToUpper(line), "PRIVATE KEY") {
		return Key{}, ErrPrivate
	}
	public, comment, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	switch {
	case err != nil, len(strings.TrimSpace(string(rest))) > 0:
		return Key{}, ErrNoKey
	case len(options) > 0:
		return Key{}, ErrOptions
	case !Taken(public):
		return Key{}, ErrWeak
	}
	return Key{Kind: public.Type(), Blob: public.Marshal(), Comment: comment}, nil
}

// Taken reports whether users may log in with a key of that kind and length.
func Taken(k ssh.PublicKey) bool {
	if !slices.Contains(kinds, k.Type()) {
		return false
	}
	if c, ok := k.(ssh.CryptoPublicKey); ok {
		if r, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok {
			return r.N.BitLen() >= minRSA && r.N.BitLen() <= maxRSA
		}
	}
	return true
}

// Check returns an error unless k is a key that [Parse] could have returned.
func (k Key) Check() error {
	public, err := ssh.ParsePublicKey(k.Blob)
	if err != nil || public.Type() != k.Kind || !Taken(public) {
		return ErrNoKey
	}
	return nil
}

// Fingerprint returns what SSH programs show of k, such as "SHA256:…"; "" if k is none.
func (k Key) Fingerprint() string {
	public, err := ssh.ParsePublicKey(k.Blob)
	if err != nil {
		return ""
	}
	return ssh.FingerprintSHA256(public)
}
