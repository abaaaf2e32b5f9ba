package session

import (
	"strings"
	"unicode/utf8"
)

// A text of the operator's may have colours, by the sequence SGR (ECMA-48, section 8.3.117), and tabs. Where there are
// no colours, or a line is too long for its row, it is shown without. Whatever else is no text is left out.

const (
	tabColumns = 8
	maxSGR     = 40 // bytes of what a sequence says, and of all that hold at once
)

// hasColour reports whether text has colours.
func hasColour(text string) bool { return strings.Contains(text, "\x1b[") }

// isArt reports whether more is made of text than of a sentence.
func isArt(text string) bool {
	return strings.IndexByte(text, '\x1b') >= 0 || strings.IndexByte(text, '\t') >= 0
}

// A painter goes through the lines of a text. The zero painter is at the start of it.
type painter struct {
	holds string // the sequences that hold at the end of the last line
}

// line returns a line without its colours, and with them. No line leaves a colour behind: the next one takes it up.
func (p *painter) line(line string) (plain, painted string) {
	if p.holds == "" && !isArt(line) { // as most are
		plain = printable(line)
		return plain, plain
	}
	var bare, full strings.Builder
	full.WriteString(p.holds)
	column, used := 0, p.holds != ""
	for line != "" {
		if line[0] == '\x1b' {
			parameters, isSGR, size := sequence(line)
			if isSGR {
				p.take(line[:size], parameters)
				full.WriteString(line[:size])
				used = true
			}
			line = line[size:]
			continue
		}
		r, size := utf8.DecodeRuneInString(line)
		text := line[:size]
		if line = line[size:]; r == '\t' {
			text = strings.Repeat(" ", tabColumns-column%tabColumns)
		}
		text = printable(text)
		column += cells(text)
		bare.WriteString(text)
		full.WriteString(text)
	}
	if used {
		full.WriteString("\x1b[0m")
	}
	return bare.String(), full.String()
}

// take notes that a sequence holds from now on.
func (p *painter) take(sgr, parameters string) {
	switch {
	case strings.Trim(parameters, "0;") == "":
		p.holds = ""
	case len(p.holds)+len(sgr) <= maxSGR:
		p.holds += sgr
	}
}

// sequence returns what the sequence says that s begins with, whether it is an SGR, and its length. Of an ESC that
// begins none it is the ESC alone.
func sequence(s string) (parameters string, isSGR bool, size int) {
	if len(s) < 2 || s[1] != '[' {
		return "", false, 1
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0x40 && c <= 0x7E:
			parameters = s[2:i]
			isSGR = c == 'm' && len(parameters) <= maxSGR && strings.Trim(parameters, "0123456789;:") == ""
			return parameters, isSGR, i + 1
		case c < 0x20 || c > 0x7E:
			return "", false, i // it is broken off
		}
	}
	return "", false, len(s)
}

// printText puts a text of the operator's above the prompt, nothing for an empty one. A line that is too long for its
// row is shown without the blanks in front of it.
func (s *Session) printText(text string) {
	var p painter
	var heard []string
	for line := range strings.SplitSeq(text, "\n") {
		plain, painted := p.line(line)
		plain, painted = s.look.charset.fit(plain), s.look.charset.fit(painted)
		width := s.screen.lineWidth()
		switch {
		case text == "":
		case s.look.reader:
			heard = append(heard, plain)
		case s.look.Colour && painted != plain && (width == 0 || maxCells(plain) <= width):
			s.printPainted(painted, plain)
		case width > 0 && maxCells(plain) > width:
			s.print(strings.TrimLeft(plain, " "))
		default:
			s.print(plain)
		}
	}
	if said := spoken(strings.Join(heard, "\n")); said != "" {
		s.print(said)
	}
}

// printPainted puts one row of such a text above the prompt; plain is the row without its colours.
func (s *Session) printPainted(painted, plain string) {
	painted += "\r\n"
	if s.look.Links {
		painted = string(appendLinked(nil, painted, plain))
	}
	s.screen.PrintRows(painted)
}
