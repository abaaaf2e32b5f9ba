// Package totp makes and recognises one-time codes by the time (RFC 6238): six digits, each good for 30 seconds, of a
// secret of 160 bits that a user's device has too, by HMAC-SHA-1, which is what the devices have. It knows nobody's
// account. All functions are safe for concurrent use.
//
// github.com/pquerna/otp computes the codes. It tells whether a code is right, but not which step it belongs to, and
// that is what keeps a code from being used twice: so the steps are tried here.
package totp

import (
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
)

const (
	// Period is how long a code is the present one.
	Period = 30 * time.Second
	// Digits is how many digits a code has.
	Digits = 6
	// skew is how many steps a device's clock may be ahead or behind: RFC 6238, section 5.2, wants one at most.
	skew = 1

	secretBytes = 20 // RFC 4226, section 4, R6
)

// ErrSecret is returned for a secret that nothing can be computed with.
var ErrSecret = errors.New("totp: the secret is damaged")

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// New returns a new secret, in base 32, of bytes from random. The error is that of random.
func New(random io.Reader) (secret string, err error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return encoding.EncodeToString(b), nil
}

// Check returns ErrSecret for a stored secret that nothing can be computed with.
func Check(secret string) error {
	b, err := encoding.DecodeString(secret)
	if err != nil || len(b) != secretBytes || encoding.EncodeToString(b) != secret {
		return ErrSecret
	}
	return nil
}

// Grouped returns secret in groups of four, as it is read and typed.
func Grouped(secret string) string {
	var b strings.Builder
	for i, c := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// URL returns what devices read secret from: it is user's at issuer. It says nothing that goes without saying, so that
// the QR code stays small: see https://github.com/google/google-authenticator/wiki/Key-Uri-Format.
func URL(issuer, user, secret string) string {
	issuer = strings.ReplaceAll(issuer, ":", "") // it ends at the colon
	issuer = strings.ReplaceAll(url.QueryEscape(issuer), "+", "%20")
	return "otpauth://totp/" + issuer + ":" + url.PathEscape(user) + "?secret=" + secret + "&issuer=" + issuer
}

// StepAt returns the number of the period that at lies in, by the clock on the wall.
func StepAt(at time.Time) int64 { return at.Unix() / int64(Period/time.Second) }

// Code returns the code of a step. It returns ErrSecret.
func Code(secret string, step int64) (string, error) {
	if Check(secret) != nil || step < 0 {
		return "", ErrSecret
	}
	return hotp.GenerateCode(secret, uint64(step))
}

// Find returns the step that code belongs to, among that of now and its neighbours, if it is after the step after. Of a
// code that is none it returns false, after the same time.
func Find(secret, code string, now time.Time, after int64) (step int64, ok bool) {
	code, _ = Normal(code)
	for i := StepAt(now) - skew; i <= StepAt(now)+skew; i++ {
		want, err := Code(secret, i)
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 && i > after && !ok {
			step, ok = i, true
		}
	}
	return step, ok
}

var ungrouped = strings.NewReplacer(" ", "", "-", "")

// Ungrouped returns a code as it was typed, without what may stand between its groups.
func Ungrouped(typed string) string { return ungrouped.Replace(typed) }

// Normal returns the six digits of a code that somebody typed, perhaps in two groups, as devices show it. It returns
// false for what is no such code.
func Normal(typed string) (code string, ok bool) {
	code = Ungrouped(typed)
	if len(code) != Digits || strings.Trim(code, "0123456789") != "" {
		return "", false
	}
	return code, true
}
