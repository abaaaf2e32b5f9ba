package passwd

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// ErrEncoding is returned for a secret that is not UTF-8, or did not arrive as such.
var ErrEncoding = errors.New("the password is not valid UTF-8")

// ErrCharacter is returned for a new password that has a character which RFC 8264 lets nobody use: a control character,
// one that nobody sees, one that Unicode has not assigned.
var ErrCharacter = errors.New("the password has a character that it may not have")

// Prepare returns a new password in the form in which it is hashed, which does not depend on the keyboard or the way
// in: all blanks are U+0020, and letters are composed (RFC 8265, section 4.2). To prepare twice is to prepare once. An
// empty password stays empty.
//
// It returns ErrEncoding or ErrCharacter.
func Prepare(typed string) (string, error) {
	if !readable(typed) {
		return "", ErrEncoding
	}
	if typed == "" {
		return "", nil
	}
	prepared, err := precis.OpaqueString.String(typed)
	if err != nil {
		return "", ErrCharacter
	}
	return prepared, nil
}

// Forms returns what a password that somebody typed may have been hashed as: first as Prepare has it. Before there was
// Prepare, only letters were composed. If that gives something else, it comes second; and it comes alone if Prepare
// would not take the password any more.
//
// It returns ErrEncoding.
func Forms(typed string) ([]string, error) {
	prepared, err := Prepare(typed)
	if err == ErrEncoding {
		return nil, err
	}
	composed := norm.NFC.String(typed)
	switch {
	case err != nil:
		return []string{composed}, nil
	case composed == prepared:
		return []string{prepared}, nil
	}
	return []string{prepared, composed}, nil
}

// readable reports whether s is UTF-8, and was so when it came: what could not be read becomes U+FFFD on its way, and
// then one password would be as good as another.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError)
}
