package web

// A beginning looks at what a connection begins with until that is the first line of a request (RFC 9112, section 3),
// or cannot be one any more. Package http would wait for the end of that line, which binary protocols never send.
type beginning struct {
	at     part
	method int // bytes of it
}

// A part is where a beginning has come to.
type part uint8

const (
	inMethod part = iota
	inTarget
	isHTTP
	isOther
)

// maxMethod is how long a method may be: all that are registered are shorter.
const maxMethod = 32

// add adds what came, and reports whether it may still be HTTP.
func (b *beginning) add(came []byte) bool {
	for _, c := range came {
		switch {
		case b.at == isHTTP || b.at == isOther:
		case c == '\n':
			b.at = isHTTP // or a line that package http answers as one that is wrong
		case c < ' ' && c != '\r', c == 0x7f:
			b.at = isOther
		case b.at == inTarget:
		case c == ' ':
			b.at = inTarget
		case c >= 0x80, b.method == maxMethod:
			b.at = isOther
		default:
			b.method++
		}
	}
	return b.at != isOther
}
