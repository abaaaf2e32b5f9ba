package passwd

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/frequency"
)

const (
	// DefaultMin is how many characters a password must have where nobody says something else.
	DefaultMin = 4
	// Good is from how many characters on a password is long enough to be taken without advice.
	Good = 8
	// commonest is how many of the most frequent passwords are worth a warning.
	commonest = 10_000
)

// These errors are returned for a new password that is not taken.
var (
	// ErrEmpty is returned for no password at all.
	ErrEmpty = errors.New("the password is empty")
	// ErrShort is returned for a password with fewer characters than it must have.
	ErrShort = errors.New("the password is too short")
	// ErrOneCharacter is returned for a password that is one character, once or over and over.
	ErrOneCharacter = errors.New("the password is one character only")
	// ErrName is returned for a password that is the user's name, or the name and next to nothing.
	ErrName = errors.New("the password is the name")
)

// Judge returns why a user called name may not have the password, which is prepared, or nil. least is how many
// characters it must have.
func Judge(name, password string, least int) error {
	first, size := utf8.DecodeRuneInString(password)
	switch {
	case password == "":
		return ErrEmpty
	case utf8.RuneCountInString(password) < least:
		return ErrShort
	case strings.Count(password, string(first))*size == len(password):
		return ErrOneCharacter
	case likeName(name, password):
		return ErrName
	}
	return nil
}

// maxBeside is how many digits and signs beside a name do not make a password of it.
const maxBeside = 4

// likeName reports whether nothing but digits and signs, and only a few, is left of password when name is taken out of
// it, forwards or backwards, as often as it is there. What digits the name itself has makes no difference.
func likeName(name, password string) bool {
	password = plain(password)
	for _, word := range []string{plain(name), strings.Map(letter, plain(name))} {
		backwards := []rune(word)
		slices.Reverse(backwards)
		for _, word := range []string{word, string(backwards)} {
			if word == "" {
				continue
			}
			left := strings.ReplaceAll(password, word, "")
			if left != password && strings.Map(letter, left) == "" && utf8.RuneCountInString(left) <= maxBeside {
				return true
			}
		}
	}
	return false
}

// letter is for strings.Map: it drops all that are no letters.
func letter(r rune) rune {
	if unicode.IsLetter(r) {
		return r
	}
	return -1
}

var unmarked = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// plain returns s without regard to letter case and to the signs that a name may have.
func plain(s string) string {
	s = strings.ToLower(s)
	if stripped := unmarked.Replace(s); stripped != "" {
		return stripped
	}
	return s
}

// Advice is what to tell somebody whose new password is taken.
type Advice uint8

// The kinds of advice.
const (
	Fine   Advice = iota // nothing
	Short                // it has fewer than Good characters
	Common               // it is among those that are guessed first, in any letter case
)

// Advise returns the advice for a prepared password. The most frequent passwords are those that zxcvbn, a well-known
// judge of passwords, has found in leaked ones.
func Advise(password string) Advice {
	common := frequency.FrequencyLists["passwords"]
	switch {
	case slices.Contains(common[:min(len(common), commonest)], strings.ToLower(password)):
		return Common
	case utf8.RuneCountInString(password) < Good:
		return Short
	}
	return Fine
}
