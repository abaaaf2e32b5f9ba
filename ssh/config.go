package ssh

import (
	"errors"
	"io"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/time/rate"
)

// The algorithms that are offered. The library's defaults have more, which older programs need and which are weak.
var (
	keyExchanges = []string{gossh.KeyExchangeMLKEM768X25519, gossh.KeyExchangeCurve25519}
	ciphers      = []string{
		gossh.CipherAES256GCM, gossh.CipherChaCha20Poly1305, gossh.CipherAES128GCM, gossh.CipherAES256CTR,
		gossh.CipherAES128CTR,
	}
	// For the two ciphers in counter mode, which are for old programs.
	macs = []string{gossh.HMACSHA512ETM, gossh.HMACSHA256ETM}
	// userKeys are those with which users may sign: none with SHA-1.
	userKeys = []string{
		gossh.KeyAlgoED25519, gossh.KeyAlgoSKED25519, gossh.KeyAlgoECDSA256, gossh.KeyAlgoECDSA384,
		gossh.KeyAlgoECDSA521, gossh.KeyAlgoSKECDSA256, gossh.KeyAlgoRSASHA512, gossh.KeyAlgoRSASHA256,
	}
)

// version is what the server says first (RFC 4253, section 4.2).
const version = "SSH-2.0-Parley"

// config returns what the library is to do for one peer.
func (h *handshake) config(key gossh.Signer) *gossh.ServerConfig {
	c := &gossh.ServerConfig{
		Config:                      gossh.Config{KeyExchanges: keyExchanges, Ciphers: ciphers, MACs: macs},
		PublicKeyAuthAlgorithms:     userKeys,
		ServerVersion:               version,
		MaxAuthTries:                -1, // the guard counts: an agent may offer many keys before the right one
		PreAuthConnCallback:         h.begin,
		NoClientAuth:                true,
		NoClientAuthCallback:        h.none,
		PasswordCallback:            h.password,
		KeyboardInteractiveCallback: h.interactive,
		PublicKeyCallback:           h.key,
		VerifiedPublicKeyCallback:   h.keyProved,
	}
	c.AddHostKey(limited(key))
	return c
}

// Each agreement upon keys makes the host key sign. A peer may ask for keyBurst agreements at once, and then for one
// each keyEvery: clients ask after a gigabyte or an hour.
const (
	keyBurst = 10
	keyEvery = 30 * time.Second
)

var errManyKeys = errors.New("ssh: the peer asks for new keys all the time")

// A hostKey is the host key as one connection may use it.
type hostKey struct {
	gossh.Signer
	free *rate.Limiter
}

func limited(key gossh.Signer) *hostKey {
	return &hostKey{Signer: key, free: rate.NewLimiter(rate.Every(keyEvery), keyBurst)}
}

// Sign implements [gossh.Signer].
func (k *hostKey) Sign(rand io.Reader, data []byte) (*gossh.Signature, error) {
	if !k.free.Allow() {
		return nil, errManyKeys
	}
	return k.Signer.Sign(rand, data)
}
