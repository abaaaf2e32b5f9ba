package telnettest

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The commands of RFC 854 and RFC 885 (EOR) that a client handles.
const (
	iac  = 255
	dont = 254
	do   = 253
	wont = 252
	will = 251
	sb   = 250
	ip   = 244
	se   = 240
	eof  = 236
)

// The options that a client agrees to, by number (IANA, Telnet Options).
const (
	optEcho       = 1
	optSGA        = 3
	optTM         = 6
	optTTYPE      = 24
	optEOR        = 25
	optNAWS       = 31
	optTSPEED     = 32
	optLINEMODE   = 34
	optNewEnviron = 39
	optCHARSET    = 42
	optMSSP       = 70
	optGMCP       = 201
)

// The first byte of a subnegotiation of TTYPE (RFC 1091) and CHARSET (RFC 2066).
const (
	is, send          = 0, 1
	request, accepted = 1, 2
)

var commandWords = map[byte]string{
	236: "EOF", 237: "SUSP", 238: "ABORT", 239: "EOR", 240: "SE", 241: "NOP", 242: "DM", 243: "BRK", 244: "IP",
	245: "AO",
	246: "AYT", 247: "EC", 248: "EL", 249: "GA", 250: "SB", 251: "WILL", 252: "WONT", 253: "DO", 254: "DONT",
	255: "IAC",
}

var optionWords = map[byte]string{
	0: "BINARY", 1: "ECHO", 3: "SGA", 5: "STATUS", 6: "TM", 18: "LOGOUT", 24: "TTYPE", 25: "EOR", 31: "NAWS",
	32: "TSPEED",
	33: "LFLOW", 34: "LINEMODE", 35: "XDISPLOC", 36: "ENVIRON", 37: "AUTH", 38: "ENCRYPT", 39: "NEW-ENVIRON",
	42: "CHARSET",
	70: "MSSP", 86: "MCCP2", 201: "GMCP",
}

// negotiations are the commands that an option follows.
var negotiations = []string{"WILL", "WONT", "DO", "DONT"}

// subnegotiationWords are those of the first byte, by option.
var subnegotiationWords = map[byte]map[byte]string{
	optTTYPE:   {is: "IS", send: "SEND"},
	optCHARSET: {request: "REQUEST", accepted: "ACCEPTED", 3: "REJECTED"},

	optNewEnviron: {0: "IS", 1: "SEND", 2: "INFO"},
}

// textOptions are those whose subnegotiations are text.
var textOptions = []byte{optMSSP, optGMCP}

// unit returns the length of the first thing in p: a command with all that belongs to it, or text up to the end of a
// line or to a command. It is 0 for a command that is not complete.
func unit(p []byte) int {
	if p[0] != iac {
		n := bytes.IndexByte(p, iac)
		if n < 0 {
			n = len(p)
		}
		if end := bytes.IndexByte(p[:n], '\n'); end >= 0 {
			n = end + 1
		}
		return n
	}
	length := 2
	if len(p) > 1 {
		switch p[1] {
		case will, wont, do, dont:
			length = 3
		case sb:
			return subnegotiation(p)
		}
	}
	if len(p) < length {
		return 0
	}
	return length
}

func subnegotiation(p []byte) int {
	for i := 2; i+1 < len(p); i++ {
		if p[i] == iac {
			i++
			if p[i] == se {
				return i + 1
			}
		}
	}
	return 0
}

// Words spells what went over the wire in telnet's words, as RFC 1143 and others write it: every command on its own
// (`IAC DO TTYPE`, `IAC SB NAWS 0 80 0 24 IAC SE`), text quoted as in Go and cut after line feeds. Numbers are decimal,
// a byte 255 of data is written once. What is left of p after that is the start of a command. [Bytes] is the inverse.
func Words(p []byte) (words []string, left []byte) {
	for len(p) > 0 {
		n := unit(p)
		if n == 0 {
			break
		}
		words = append(words, spell(p[:n]))
		p = p[n:]
	}
	return words, p
}

func spell(unit []byte) string {
	switch {
	case unit[0] != iac:
		return strconv.Quote(string(unit))
	case len(unit) == 2:
		return "IAC " + word(commandWords, unit[1])
	case len(unit) == 3:
		return "IAC " + word(commandWords, unit[1]) + " " + word(optionWords, unit[2])
	}
	data := bytes.ReplaceAll(unit[2:len(unit)-2], []byte{iac, iac}, []byte{iac})
	if len(data) == 0 {
		return "IAC SB IAC SE"
	}
	option, data := data[0], data[1:]
	b := []string{"IAC SB", word(optionWords, option)}
	if slices.Contains(textOptions, option) && bytes.IndexByte(data, iac) < 0 {
		b = append(b, strconv.Quote(string(data)))
	} else if words := subnegotiationWords[option]; words != nil && len(data) > 0 && bytes.IndexByte(data, iac) < 0 {
		b = append(b, word(words, data[0]))
		if len(data) > 1 {
			b = append(b, strconv.Quote(string(data[1:])))
		}
	} else {
		for _, v := range data {
			b = append(b, strconv.Itoa(int(v)))
		}
	}
	return strings.Join(append(b, "IAC SE"), " ")
}

func word(words map[byte]string, b byte) string {
	if w, ok := words[b]; ok {
		return w
	}
	return strconv.Itoa(int(b))
}

// Bytes returns the bytes that words, as [Words] writes them, stand for. A number stands for one byte of data, doubled
// if it is 255; quoted text stands for itself, so "\xff" is a lone IAC. The error names the word that is none.
func Bytes(words string) ([]byte, error) {
	var p []byte
	option := -1 // of the subnegotiation begun
	last := ""
	for words = strings.TrimSpace(words); words != ""; words = strings.TrimSpace(words) {
		var w string
		if words[0] == '"' {
			quoted, err := strconv.QuotedPrefix(words)
			if err != nil {
				return nil, fmt.Errorf("text without its end: %s", words)
			}
			words = words[len(quoted):]
			s, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("text %s: %w", quoted, err)
			}
			p = append(p, s...)
			last = ""
			continue
		}
		end := strings.IndexFunc(words, unicode.IsSpace)
		if end < 0 {
			end = len(words)
		}
		w, words = words[:end], words[end:]
		b, err := byteOf(w, last, option)
		if err != nil {
			return nil, err
		}
		p = append(p, b)
		switch {
		case last == "SB":
			option = int(b)
		case w == "SE":
			option = -1
		}
		if b == iac && w != "IAC" && !slices.Contains(negotiations, last) {
			p = append(p, b)
		}
		last = w
	}
	return p, nil
}

// byteOf returns the byte that a word stands for behind the word last, inside a subnegotiation of option.
func byteOf(w, last string, option int) (byte, error) {
	var words map[byte]string
	switch {
	case w == "IAC":
		return iac, nil
	case last == "IAC":
		words = commandWords
	case last == "SB" || slices.Contains(negotiations, last):
		words = optionWords
	case option >= 0:
		words = subnegotiationWords[byte(option)]
	}
	for b, known := range words {
		if w == known {
			return b, nil
		}
	}
	n, err := strconv.ParseUint(w, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("%q is no telnet word after %q", w, last)
	}
	return byte(n), nil
}
