package session

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An address of the web in a finished line is made a link, for terminals that say that they show links: by the sequence
// OSC 8, around what is seen anyway. The link leads to what is seen, and ends in the row where it begins. One that is
// broken over several rows is a link in each of them.

// maxTarget is how many bytes an address may have: what is longer, terminals cut.
const maxTarget = 2000

// A link is where an address stands in a line, and where it leads.
type link struct {
	start, end int
	target     string
}

// links returns the addresses in line, which is printable.
func links(line string) (all []link) {
	for at := 0; ; {
		i := strings.Index(line[at:], "://")
		if i < 0 {
			return all
		}
		at += i + len("://")
		start := schemeBefore(line[:at])
		if start < 0 {
			continue
		}
		end := at + addressLength(line[at:])
		if l := (link{start, end, target(line[start:end])}); isHost(line[at:end]) && len(l.target) <= maxTarget {
			all = append(all, l)
			at = end
		}
	}
}

// schemeBefore returns where the scheme begins with which text ends, or -1 if that is none of the web's.
func schemeBefore(text string) int {
	for _, scheme := range []string{"https://", "http://"} {
		start := len(text) - len(scheme)
		if start < 0 || !strings.EqualFold(text[start:], scheme) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		if start == 0 || !unicode.In(before, unicode.L, unicode.N) && before != '_' {
			return start
		}
	}
	return -1
}

// addressLength returns how much of text belongs to an address, whose scheme stands before it. What ends a sentence,
// and a bracket that was opened before the address, does not.
func addressLength(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool {
		if r >= utf8.RuneSelf {
			return !unicode.In(r, unicode.L, unicode.N, unicode.M)
		}
		return !isAlphanumeric(byte(r)) && !strings.ContainsRune("-._~:/?#[]@!$&'()*+,;=%", r) // RFC 3986, section 2
	})
	if end < 0 {
		end = len(text)
	}
	for end > 0 {
		switch last := text[end-1]; {
		case strings.IndexByte(".,;:!?'*", last) >= 0,
			last == ')' && strings.Count(text[:end], "(") < strings.Count(text[:end], ")"),
			last == ']' && strings.Count(text[:end], "[") < strings.Count(text[:end], "]"):
			end--
			continue
		}
		break
	}
	return end
}

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// isHost reports whether an address without its scheme begins with the name of a host, or its number, and a port
// perhaps. Letters beyond ASCII, which look like others, and a user, which looks like a host, make it none.
func isHost(address string) bool {
	if i := strings.IndexAny(address, "/?#"); i >= 0 {
		address = address[:i]
	}
	host, port := address, ""
	if i := strings.LastIndexByte(address, ':'); i >= 0 && !strings.HasSuffix(address, "]") {
		host, port = address[:i], address[i+1:]
	}
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && strings.Contains(inner, ":") && strings.Trim(inner, "0123456789abcdefABCDEF:.") == ""
	}
	for i := range len(host) {
		if !isAlphanumeric(host[i]) && host[i] != '.' && host[i] != '-' {
			return false
		}
	}
	return host != "" && isAlphanumeric(host[0])
}

// target returns address in ASCII: other characters as their bytes in hexadecimal (RFC 3987, section 3.1).
func target(address string) string {
	var b strings.Builder
	for i := range len(address) {
		if c := address[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// appendLinkedLines is appendLines with links.
func appendLinkedLines(b []byte, text string, width int) []byte {
	for line := range strings.SplitSeq(text, "\n") {
		b = appendLinked(b, string(appendLines(nil, line, width)), line)
	}
	return b
}

// appendLinked appends rows, which show the one line text, maybe in colours, with links.
func appendLinked(b []byte, rows, text string) []byte {
	if !strings.Contains(text, "://") {
		return append(b, rows...)
	}
	text = printable(text)
	todo := links(text)
	if len(todo) == 0 {
		return append(b, rows...)
	}
	w := linkWriter{b: b, text: text, todo: todo}
	if !w.write(rows) {
		return append(w.b[:len(b)], rows...) // no link is better than a wrong one
	}
	return w.b
}

// A linkWriter goes through the rows of a line.
type linkWriter struct {
	b      []byte
	text   string // what is still to come of the line
	at     int    // how much has come
	todo   []link
	inside bool // a link is open
}

// write writes rows, and reports whether they show the line.
func (w *linkWriter) write(rows string) bool {
	broken := false // a row has begun, and its indent is still to come
	for rows != "" {
		size := 1
		switch {
		case strings.HasPrefix(rows, "\r\n"):
			if size, broken = 2, true; w.inside {
				w.shut()
			}
		case rows[0] == '\x1b':
			_, _, size = sequence(rows)
		case broken:
			if size, broken = len(indent), false; !strings.HasPrefix(rows, indent) {
				return false
			}
			for strings.HasPrefix(w.text, " ") { // those between rows are not shown
				w.take(1)
			}
		case w.text == "" || rows[0] != w.text[0]:
			return false
		default:
			if len(w.todo) > 0 && w.at >= w.todo[0].start && !w.inside {
				w.open()
			}
			w.take(1)
		}
		w.b, rows = append(w.b, rows[:size]...), rows[size:]
		if w.inside && w.at == w.todo[0].end {
			w.shut()
			w.todo = w.todo[1:]
		}
	}
	return true
}

func (w *linkWriter) take(n int) { w.text, w.at = w.text[n:], w.at+n }

// open begins a link, or goes on with one that was broken: the id joins what is one.
func (w *linkWriter) open() {
	h := fnv.New32a()
	h.Write([]byte(w.todo[0].target))
	w.b = fmt.Appendf(w.b, "\x1b]8;id=%x;%s\x1b\\", h.Sum32(), w.todo[0].target)
	w.inside = true
}

func (w *linkWriter) shut() {
	w.b = append(w.b, "\x1b]8;;\x1b\\"...)
	w.inside = false
}
