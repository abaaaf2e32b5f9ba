package session

import (
	"strings"
	"testing"
)

func TestStrangeProtocol(t *testing.T) {
	for _, tt := range []struct {
		first string
		want  bool
	}{
		{"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", true},
		{"HEAD / HTTP/1.0\r\n\r\n", true},
		{"POST /guest HTTP/1.1\r\n\r\nguest\r\nshout spam\r\n", true},
		{"PUT /x HTTP/1.1\r\n", true},
		{"OPTIONS * HTTP/1.1\r\n", true},
		{"CONNECT example.org:25 HTTP/1.1\r\n", true},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true},
		{"PROPFIND / HTTP/1.1\r\n", true},
		{"GET http://example.org/ HTTP/1.1\r\n", true},
		{"GET /\r\n", true}, // HTTP/0.9
		{"GET /" + strings.Repeat("x", 500), true},
		{"\x16\x03\x01\x02\x00\x01\x00", true},
		{"\x16\x03", true},
		{"", false},
		{"\r\n", false},
		{"\x16", false},
		{"get\r\n", false},
		{"GET\r\n", false},
		{"Get /\r\n", false},
		{"guest\r\nGET / HTTP/1.1\r\n", false}, // a line of a script, and no browser's
		{"alice HTTP/1.1\r\n", false},
		{"post office\r\n", false},
	} {
		if got := strangeProtocol([]byte(tt.first)); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.first, got, tt.want)
		}
	}
}
