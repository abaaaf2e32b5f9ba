package session

import (
	"strings"

	"rsc.io/qr"
)

const (
	// qrColumns is how wide a screen must be that shows QR codes.
	qrColumns = 45
	// qrMargin is how many modules stay light around one, and qrLeast where the screen has no room for so many: ISO/IEC
	// 18004, section 5.3.8, wants four, and phones are content with two.
	qrMargin, qrLeast = 4, 2
	// qrPaint makes what is drawn dark on light whatever colours a terminal has by itself.
	qrPaint, qrUnpaint = "\x1b[0;30;47m", "\x1b[0m"
)

// Picture shows text as a QR code above the prompt, if the screen can show one: it has qrColumns, shows UTF-8, has room
// for the whole code, and nobody hears it instead.
func (s *Session) Picture(text string) {
	columns, rows := s.term.Size()
	if s.look.reader || s.look.charset != charsetUTF8 || columns < qrColumns {
		return
	}
	code, err := qr.Encode(text, qr.L)
	if err != nil { // too long for any
		return
	}
	for margin := qrMargin; margin >= qrLeast; margin-- {
		drawn := qrRows(code, margin, s.look.Colour)
		if code.Size+2*margin > columns || rows > 0 && len(drawn)+1 > rows { // the prompt takes a row
			continue
		}
		for _, row := range drawn {
			s.screen.PrintRows(row + "\r\n")
		}
		return
	}
}

// qrRows draws code, two modules of a column in one character. Without paint it is light on dark, as most screens are.
func qrRows(code *qr.Code, margin int, paint bool) []string {
	dark := func(x, y int) bool {
		return x >= 0 && y >= 0 && x < code.Size && y < code.Size && code.Black(x, y)
	}
	halves := map[[2]bool]rune{{true, true}: '█', {true, false}: '▀', {false, true}: '▄', {false, false}: ' '}
	var rows []string
	for y := -margin; y < code.Size+margin; y += 2 {
		var b strings.Builder
		for x := -margin; x < code.Size+margin; x++ {
			above, below := dark(x, y), dark(x, y+1)
			if !paint {
				above, below = !above, !below && y+1 < code.Size+margin
			}
			b.WriteRune(halves[[2]bool{above, below}])
		}
		row := b.String()
		if paint {
			row = qrPaint + row + qrUnpaint
		}
		rows = append(rows, row)
	}
	return rows
}

// ServerName is what the server is called.
func (s *Session) ServerName() string { return s.server.texts().Name }
