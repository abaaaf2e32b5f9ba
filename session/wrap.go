package session

import (
	"strings"
	"unicode/utf8"

	"parley/chat"
)

// indent begins every row but the first of a line that was wrapped: what one user says can never look like a line that
// another one said, or the server.
const indent = "    "

// appendWrapped appends line, without an end of line, in rows of at most width columns, whatever the terminal thinks of
// the width of its characters. Rows end between words where they can, and the blanks there are dropped. Zero width is
// no limit; otherwise it must be more than twice the indent.
func appendWrapped(b []byte, line string, width int) []byte {
	if plain(line) && (width == 0 || len(line) <= width) { // as nearly all are
		return append(b, line...)
	}
	line = printable(line)
	if width == 0 {
		return append(b, line...)
	}
	for col := 0; line != ""; {
		word := strings.TrimLeft(line, " ")
		blanks := line[:len(line)-len(word)]
		if i := strings.IndexByte(word, ' '); i >= 0 {
			word = word[:i]
		}
		line = line[len(blanks)+len(word):]

		n := maxCells(word)
		switch {
		case col+len(blanks)+n <= width:
			b = append(append(b, blanks...), word...)
			col += len(blanks) + n
			continue
		case word == "": // blanks at the end that nobody would see
			return b
		case len(indent)+n <= width:
			b = append(append(b, "\r\n"+indent...), word...)
			col = len(indent) + n
			continue
		}
		if col+len(blanks) < width {
			b = append(b, blanks...)
			col += len(blanks)
		} else {
			b = append(b, "\r\n"+indent...)
			col = len(indent)
		}
		b, col = appendBroken(b, word, col, width)
	}
	return b
}

// appendBroken appends a word that is longer than a row, broken between grapheme clusters, to a row that is filled up
// to col.
func appendBroken(b []byte, word string, col, width int) ([]byte, int) {
	for word != "" {
		part := firstCluster(word)
		n := maxCells(part)
		if n > width-len(indent) { // a heap of joined emoji: its runes must do
			r, size := utf8.DecodeRuneInString(word)
			part, n = word[:size], maxRuneCells(r)
		}
		if col+n > width {
			b = append(b, "\r\n"+indent...)
			col = len(indent)
		}
		b = append(b, part...)
		col += n
		word = word[len(part):]
	}
	return b, col
}

// plain reports whether line is printable ASCII, a column for each byte.
func plain(line string) bool {
	for i := range len(line) {
		if line[i] < ' ' || line[i] >= 0x7F {
			return false
		}
	}
	return true
}

// printable returns line without anything that a terminal would act upon. Text has been cleaned when it comes here;
// this is for the day on which somebody forgets it.
func printable(line string) string {
	if plain(line) { // as nearly all are
		return line
	}
	return strings.Map(func(r rune) rune {
		switch {
		case chat.Printable(r):
			return r
		case r == '\t':
			return ' '
		}
		return utf8.RuneError
	}, line)
}
