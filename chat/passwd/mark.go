package passwd

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"hash/maphash"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Mark recognises a password in a line, and does not hold it: of each form of the password it has the length, a hash
// under a key that no other process has, and 16 bits of a faster one, which tell most other words apart. The nil Mark
// recognises nothing. Safe for concurrent use.
type Mark struct {
	forms []markedForm
}

type markedForm struct {
	bytes int
	quick uint16
	sum   [sha256.Size]byte
}

// quickSeed is the key of the faster hash.
var quickSeed = maphash.MakeSeed()

func quickSum(s string) uint16 { return uint16(maphash.String(quickSeed, s)) }

// markKey is the key of all marks. It is as old as the process and stands nowhere else.
var markKey = sync.OnceValue(func() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // which does not fail
	return key
})

// NewMark returns a mark of the password that somebody typed: nil if it is empty, or did not arrive as UTF-8.
func NewMark(typed string) *Mark {
	forms, err := Forms(typed)
	if err != nil || typed == "" {
		return nil
	}
	m := new(Mark)
	h := hmac.New(sha256.New, markKey())
	for _, form := range forms {
		m.forms = append(m.forms, markedForm{len(form), quickSum(form), sumOf(h, form)})
	}
	return m
}

func sumOf(h hash.Hash, s string) (sum [sha256.Size]byte) {
	h.Reset()
	_, _ = io.WriteString(h, s) // a hash takes everything
	h.Sum(sum[:0])
	return sum
}

// FoundIn reports whether the password stands in line: as one word or several, with anything but letters and digits
// around it. It hashes only what is as long as the password and begins and ends like that.
func (m *Mark) FoundIn(line string) bool {
	if m == nil {
		return false
	}
	line = normalised(line)
	for _, form := range m.forms {
		for start := 0; start+form.bytes <= len(line); start++ {
			end := start + form.bytes
			if between(line, start) && between(line, end) && form.is(line[start:end]) {
				return true
			}
		}
	}
	return false
}

func (f markedForm) is(s string) bool {
	return quickSum(s) == f.quick && sumOf(hmac.New(sha256.New, markKey()), s) == f.sum
}

// normalised returns line as Prepare would have it, but for what no password may have.
func normalised(line string) string {
	for i := range len(line) {
		if line[i] >= utf8.RuneSelf {
			return norm.NFC.String(strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Zs, r) {
					return ' '
				}
				return r
			}, line))
		}
	}
	return line
}

// between reports whether a word may begin or end in s at offset i: it does not stand between two letters or digits.
func between(s string, i int) bool {
	if i == 0 || i == len(s) {
		return true
	}
	if a, b := s[i-1], s[i]; a < utf8.RuneSelf && b < utf8.RuneSelf {
		return !asciiWord[a] || !asciiWord[b]
	}
	if !utf8.RuneStart(s[i]) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	behind, _ := utf8.DecodeRuneInString(s[i:])
	return !inWord(before) || !inWord(behind)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

var asciiWord = func() (word [utf8.RuneSelf]bool) {
	for r := range rune(utf8.RuneSelf) {
		word[r] = inWord(r)
	}
	return word
}()
