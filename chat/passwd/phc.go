package passwd

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// maxMemory and maxTime bound what a stored hash may ask for: a damaged record must not take the machine.
const (
	maxMemory = 1 << 20 // KiB
	maxTime   = 64
)

// Check returns an error for a stored hash that nothing can be verified with.
func Check(hash string) error {
	_, _, _, err := decodePHC(hash)
	return err
}

func encodePHC(p Params, salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads, b64(salt),
		b64(key))
}

var errPHC = errors.New("stored password hash is damaged")

// decodePHC reads what encodePHC wrote: the PHC string format, https://github.com/P-H-C/phc-string-format.
func decodePHC(s string) (p Params, salt, key []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil {
		return p, nil, nil, errPHC
	}
	if p.Memory < 8 || p.Memory > maxMemory || p.Time < 1 || p.Time > maxTime || p.Threads < 1 {
		return p, nil, nil, errPHC
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return p, nil, nil, errPHC
	}
	// Each hash has one spelling; Sscanf is content with more.
	if encodePHC(p, salt, key) != s {
		return p, nil, nil, errPHC
	}
	return p, salt, key, nil
}
