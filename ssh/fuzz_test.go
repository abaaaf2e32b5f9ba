package ssh

import (
	"testing"

	gossh "golang.org/x/crypto/ssh"
)

// FuzzRequest tests that no request does harm: what is kept is bounded, and a command is what was sent.
func FuzzRequest(f *testing.F) {
	pty := gossh.Marshal(struct {
		Term       string
		A, B, C, D uint32
		Modes      string
	}{"xterm", 80, 24, 0, 0, "\x03\x00\x00\x00\x7f\x00"})
	f.Add("pty-req", pty)
	f.Add("pty-req", pty[:9])
	f.Add("window-change", gossh.Marshal(struct{ A, B, C, D uint32 }{1, 1 << 31, 0, 0}))
	f.Add("env", gossh.Marshal(struct{ A, B string }{"LC_ALL", "de_DE.ISO-8859-1@euro"}))
	f.Add("env", gossh.Marshal(struct{ A, B string }{"TERM", "\x1b]0;x\x07"}))
	f.Add("signal", gossh.Marshal(struct{ A string }{"INT"}))
	f.Add("break", []byte{0, 0, 0, 1})
	f.Add("exec", gossh.Marshal(struct{ A string }{"say 0 hi"}))
	f.Fuzz(func(t *testing.T, request string, payload []byte) {
		term := &Terminal{}
		for range 3 {
			term.set(request, payload)
		}
		columns, rows := term.Size()
		if columns != 0 && (columns < minColumns || columns > maxColumns) || rows < 0 || rows > maxRows {
			t.Errorf("%d columns, %d rows", columns, rows)
		}
		name := term.Name()
		if len(name) > maxName || cleanName(name) != name {
			t.Errorf("the name %q", name)
		}
		switch term.AgreedCharset() {
		case "", "UTF-8", "ISO-8859-1", "CP437", "US-ASCII":
		default:
			t.Errorf("the charset %q", term.AgreedCharset())
		}
		if command, ok := parseCommand(payload); ok && (len(command) > maxCommand ||
			string(gossh.Marshal(struct{ A string }{command})) != string(payload)) {
			t.Errorf("%q is the command %q", payload, command)
		}
	})
}

// FuzzInput tests that the ends of lines are the same in whatever pieces they come.
func FuzzInput(f *testing.F) {
	f.Add([]byte("a\r\nb\nc\rd\r\r\n\n"), 1)
	f.Fuzz(func(t *testing.T, sent []byte, size int) {
		var whole, pieces input
		whole.put(sent)
		for rest := sent; len(rest) > 0; {
			n := min(max(size%7, 1), len(rest))
			pieces.put(rest[:n])
			rest = rest[n:]
		}
		if string(whole.text) != string(pieces.text) {
			t.Errorf("%q whole, %q in pieces of %d", whole.text, pieces.text, size)
		}
	})
}
