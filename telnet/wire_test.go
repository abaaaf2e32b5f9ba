package telnet_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"parley/telnet"
)

// The tests speak of the wire in telnet's own words: WILL, DO and so on with an option, SB with option, bytes and SE,
// other commands by name, text in Go's quotes. No IAC is written: every word is behind one.

var commandNames = map[byte]string{
	telnet.EOF: "EOF", telnet.SUSP: "SUSP", telnet.ABORT: "ABORT", telnet.EOR: "EOR", telnet.NOP: "NOP",
	telnet.DM:  "DM",
	telnet.BRK: "BRK", telnet.IP: "IP", telnet.AO: "AO", telnet.AYT: "AYT", telnet.EC: "EC", telnet.EL: "EL",
	telnet.GA: "GA",
}

var verbNames = map[byte]string{telnet.WILL: "WILL", telnet.WONT: "WONT", telnet.DO: "DO", telnet.DONT: "DONT"}

var optionNames = map[byte]string{
	0: "BINARY", telnet.OptEcho: "ECHO", telnet.OptSGA: "SGA", 5: "STATUS", telnet.OptTM: "TM", 18: "LOGOUT",
	telnet.OptTTYPE: "TTYPE", telnet.OptEOR: "EOR", telnet.OptNAWS: "NAWS", 32: "TSPEED", 33: "LFLOW", 34: "LINEMODE",
	35: "XDISPLOC", 36: "ENVIRON", 37: "AUTH", 38: "ENCRYPT", 39: "NEW-ENVIRON", telnet.OptCharset: "CHARSET",
	telnet.OptMSSP: "MSSP", 86: "MCCP", telnet.OptGMCP: "GMCP",
}

func code(names map[byte]string, name string) (byte, bool) {
	for b, n := range names {
		if n == name {
			return b, true
		}
	}
	return 0, false
}

func option(t testing.TB, name string) byte {
	if b, ok := code(optionNames, name); ok {
		return b
	}
	n, err := strconv.ParseUint(name, 10, 8)
	if err != nil {
		t.Fatalf("no option called %q", name)
	}
	return byte(n)
}

// wire returns the bytes of words.
func wire(t testing.TB, words string) []byte {
	var b []byte
	words = strings.NewReplacer("\n", " ", "\t", "").Replace(words)
	for words = strings.TrimSpace(words); words != ""; words = strings.TrimSpace(words) {
		if words[0] == '"' {
			quoted, err := strconv.QuotedPrefix(words)
			if err != nil {
				t.Fatalf("%v: %s", err, words)
			}
			text, _ := strconv.Unquote(quoted)
			b = append(b, text...)
			words = words[len(quoted):]
			continue
		}
		var word string
		word, words, _ = strings.Cut(words, " ")
		b = append(b, telnet.IAC)
		switch c, ok := code(verbNames, word); {
		case ok:
			word, words, _ = strings.Cut(words, " ")
			b = append(b, c, option(t, word))
		case word == "SB":
			var inner string
			inner, words, ok = strings.Cut(words, " SE")
			if !ok {
				t.Fatalf("SB without SE")
			}
			word, inner, _ = strings.Cut(inner, " ")
			b = append(b, telnet.SB, option(t, word))
			for inner = strings.TrimSpace(inner); inner != ""; inner = strings.TrimSpace(inner) {
				if inner[0] == '"' {
					quoted, _ := strconv.QuotedPrefix(inner)
					text, _ := strconv.Unquote(quoted)
					b = append(b, text...)
					inner = inner[len(quoted):]
					continue
				}
				word, inner, _ = strings.Cut(inner, " ")
				n, err := strconv.ParseUint(word, 10, 8)
				if err != nil {
					t.Fatal(err)
				}
				b = append(b, byte(n))
			}
			b = append(b, telnet.IAC, telnet.SE)
		default:
			c, ok := code(commandNames, word)
			if !ok {
				t.Fatalf("no command called %q", word)
			}
			b = append(b, c)
		}
	}
	return b
}

// words is the reverse of wire, for what a server sends.
func words(b []byte) string {
	var out []string
	text := 0
	flush := func(end int) {
		if end > text {
			out = append(out, strconv.Quote(string(b[text:end])))
		}
	}
	name := func(o byte) string {
		if n, ok := optionNames[o]; ok {
			return n
		}
		return strconv.Itoa(int(o))
	}
	for i := 0; i < len(b); {
		if b[i] != telnet.IAC || i+1 < len(b) && b[i+1] == telnet.IAC {
			if b[i] == telnet.IAC {
				i++
			}
			i++
			continue
		}
		flush(i)
		switch c := b[min(i+1, len(b)-1)]; {
		case verbNames[c] != "" && i+2 < len(b):
			out = append(out, verbNames[c]+" "+name(b[i+2]))
			i += 3
		case c == telnet.SB && i+2 < len(b):
			end := i + 3
			for end+1 < len(b) && (b[end] != telnet.IAC || b[end+1] != telnet.SE) {
				end++
			}
			w := "SB " + name(b[i+2])
			for _, d := range b[i+3 : end] {
				w += " " + strconv.Itoa(int(d))
			}
			out = append(out, w+" SE")
			i = end + 2
		case commandNames[c] != "":
			out = append(out, commandNames[c])
			i += 2
		default:
			out = append(out, fmt.Sprintf("?%X", c))
			i += 2
		}
		text = i
	}
	flush(len(b))
	return strings.Join(out, " ")
}
