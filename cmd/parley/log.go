package main

import (
	"io"
	"log/slog"
	"net"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// logger returns the log that the options ask for: one line of printable ASCII for each event, whatever it is about.
func (o *options) logger(w io.Writer, level slog.Leveler) *slog.Logger {
	settings := &slog.HandlerOptions{Level: level, ReplaceAttr: sameAddresses}
	if o.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(asciiWriter{w}, settings))
	}
	return slog.New(slog.NewTextHandler(asciiWriter{w}, settings))
}

// sameAddresses writes addresses in JSON as they are written in text, where a reader of the log looks for them.
func sameAddresses(_ []string, a slog.Attr) slog.Attr {
	if address, ok := a.Value.Any().(net.Addr); ok {
		a.Value = slog.StringValue(address.String())
	}
	return a
}

// An asciiWriter writes lines in printable ASCII, everything else in them as \u and four digits of UTF-16, which both
// forms of the log can be read back from. Both handlers of log/slog write an event as one line, in one call, with the
// ends of lines within it escaped; but they leave what they think is printable as it is, and where a terminal thinks
// otherwise it is the reader of the log who is fooled.
type asciiWriter struct{ w io.Writer }

// Write writes line, which is whole. It returns len(line) unless there is an error.
func (a asciiWriter) Write(line []byte) (int, error) {
	if _, err := a.w.Write(appendASCII(nil, line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// appendASCII appends line to dst, escaped but for an end of line at its end.
func appendASCII(dst, line []byte) []byte {
	end := len(line)
	if end > 0 && line[end-1] == '\n' {
		end--
	}
	for i := 0; i < end; {
		r, n := utf8.DecodeRune(line[i:end])
		i += n
		switch {
		case r >= ' ' && r <= '~':
			dst = append(dst, byte(r))
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			dst = appendEscape(appendEscape(dst, high), low)
		default:
			dst = appendEscape(dst, r)
		}
	}
	return append(dst, line[end:]...)
}

func appendEscape(dst []byte, r rune) []byte {
	digits := strconv.FormatInt(int64(r)|0x10000, 16)
	return append(append(dst, `\u`...), digits[1:]...)
}
