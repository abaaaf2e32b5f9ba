package web

import (
	"bufio"
	"bytes"
	"net/http"
	"testing"
)

// FuzzBeginning tests that the pieces in which bytes come make no difference, and that every request is taken for one.
func FuzzBeginning(f *testing.F) {
	for _, seed := range []string{
		"", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "OPTIONS * HTTP/1.0\n\n", "guest\n", "\r\n\r\n\x00\r\nQUIT\n",
		"\x03\x00\x00\x13\x0e\xe0\x00\x00", "SSH-2.0-x\r\n", "\xff\xfd\x01", "GET \x00", "GET /\xff HTTP/1.1\r\n\r\n",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL / HTTP/1.1\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, came []byte) {
		var whole, pieces beginning
		is := whole.add(came)
		for i := range came {
			pieces.add(came[i : i+1])
		}
		if pieces != whole {
			t.Errorf("whole it is %+v, and byte by byte %+v", whole, pieces)
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(came)))
		if err == nil && len(r.Method) <= maxMethod && !is {
			t.Errorf("%q is a request", came)
		}
	})
}
