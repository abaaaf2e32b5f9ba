package session

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"parley/chat"
)

// A charset is the characters that a terminal has, and the bytes by which it sends and shows them. Within the session
// all text is UTF-8. What is shown is made to fit before it is laid out: so each character that is sent takes the
// columns that it was counted for. The zero charset is UTF-8.
type charset uint8

const (
	charsetUTF8 charset = iota
	charsetLatin1
	charsetCP437
	charsetASCII
)

// charsets has them by the value of the setting. What is not here is UTF-8.
var charsets = map[string]charset{"Latin-1": charsetLatin1, "CP437": charsetCP437, "ASCII": charsetASCII}

// upper says what the bytes from 0x80 on are, where they are anything.
var upper = [...]*charmap.Charmap{charsetLatin1: charmap.ISO8859_1, charsetCP437: charmap.CodePage437,
	charsetASCII: nil}

// byteOf returns the byte that stands for r, and whether there is one. The control characters of ISO 8859-1 (0x80 to
// 0x9F) are none: a terminal would act upon them.
func (c charset) byteOf(r rune) (b byte, ok bool) {
	if r < utf8.RuneSelf {
		return byte(r), true
	}
	if upper[c] == nil || !chat.Printable(r) {
		return '?', false
	}
	return upper[c].EncodeRune(r)
}

// runeOf returns what the terminal means by b: U+FFFD for nothing.
func (c charset) runeOf(b byte) rune {
	switch {
	case b < utf8.RuneSelf:
		return rune(b)
	case upper[c] == nil:
		return utf8.RuneError
	}
	return upper[c].DecodeByte(b)
}

// fit returns text in the characters that the terminal has. Others are transliterated; what has no transliteration
// becomes a question mark, an emoji of several runes just one. ASCII stays as it is, control characters included.
func (c charset) fit(text string) string {
	if c == charsetUTF8 || isASCII(text) {
		return text
	}
	text = norm.NFC.String(text) // an accent that stands alone is lost, while é is kept
	var b strings.Builder
	for text != "" {
		cluster := firstCluster(text)
		text = text[len(cluster):]
		if len(cluster) == 1 && cluster[0] < utf8.RuneSelf {
			b.WriteString(cluster)
			continue
		}
		before, seen := b.Len(), false
		for _, r := range cluster {
			if _, ok := c.byteOf(r); ok {
				b.WriteRune(r)
				continue
			}
			b.WriteString(transliterated(r))
			seen = seen || !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
		}
		if b.Len() == before && seen {
			b.WriteByte('?')
		}
	}
	return b.String()
}

// transliterated returns printable ASCII for r, or nothing.
func transliterated(r rune) string {
	text := unidecode.Unidecode(string(r))
	if plain(text) {
		return text
	}
	return " " // the separators of lines and paragraphs
}

// encode returns p, whose text fits, as bytes for the terminal. What does not fit after all, such as what was composed
// before another charset was set, is made to.
func (c charset) encode(p []byte) []byte {
	if c == charsetUTF8 || isASCII(p) {
		return p
	}
	text := c.fit(string(p))
	out := make([]byte, 0, len(text))
	for _, r := range text {
		b, _ := c.byteOf(r)
		out = append(out, b)
	}
	return out
}

// feed gives e what the terminal has sent, and returns how much of it e has had, as [Editor.Feed] does.
func (c charset) feed(e Editor, p []byte) (used int, action Action) {
	if _, raw := e.(*probe); raw || c == charsetUTF8 {
		return e.Feed(p)
	}
	p = p[:min(len(p), len(buffers{}.in))] // what was read ahead is not gone through again for each line of it
	if isASCII(p) {
		return e.Feed(p)
	}
	text := make([]byte, 0, 3*len(p))
	for _, b := range p {
		text = utf8.AppendRune(text, c.runeOf(b))
	}
	had, action := e.Feed(text)
	for had < len(text) && !utf8.RuneStart(text[had]) { // it gets whole characters
		more, _ := e.Feed(text[had : had+1])
		had += more
	}
	return utf8.RuneCount(text[:had]), action
}

func isASCII[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
