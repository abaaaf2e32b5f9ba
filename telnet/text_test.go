package telnet

import (
	"bytes"
	"testing"
)

// FuzzText writes text in two pieces, and decodes it: it must come back, but for the ways to end a line.
func FuzzText(f *testing.F) {
	f.Add([]byte("a\nb\r\n\xff\xff"), 3)
	f.Add([]byte("a\r\nb\n\n"), 2)
	f.Add([]byte("\n"), 0)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		cut = min(max(0, cut), len(text))
		first, second := text[:cut], text[cut:]
		afterCR := bytes.HasSuffix(first, []byte("\r"))
		sent := appendText(appendText(nil, first, false), second, afterCR)
		if (&Conn{afterCR: afterCR}).travelsAsIs(second) != bytes.Equal(appendText(nil, second, afterCR), second) {
			t.Errorf("travelsAsIs is wrong about %q", second)
		}
		if whole := appendText(nil, text, false); !bytes.Equal(whole, sent) {
			t.Errorf("in two pieces %q, in one %q", sent, whole)
		}
		var d Decoder
		dst := make([]byte, len(sent))
		n, read, cmd, err := d.Decode(dst, sent)
		want := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		want = bytes.ReplaceAll(want, []byte("\r\x00"), []byte("\n"))
		want = bytes.ReplaceAll(want, []byte("\r"), []byte("\n"))
		want = bytes.ReplaceAll(want, []byte{0}, nil)
		if !bytes.Equal(dst[:n], want) || read != len(sent) || cmd.Code != 0 || err != nil {
			t.Errorf("sent %q, got %q, %v, %v, want %q", sent, dst[:n], cmd, err, want)
		}
	})
}
