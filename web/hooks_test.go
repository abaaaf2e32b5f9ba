package web

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"parley/doors"
)

// TestHook tests what is answered to programs, and what they are said to say.
func TestHook(t *testing.T) {
	said := ""
	site := &Site{Logger: slog.New(slog.DiscardHandler)}
	site.Hook = func(_ context.Context, source netip.Addr, secret, text string) HookAnswer {
		if !source.IsLoopback() {
			t.Errorf("it comes from %s", source)
		}
		said = secret + ": " + text
		if secret == "slow" {
			return HookAnswer{Status: http.StatusTooManyRequests, Text: "Wait.", Retry: 1500 * time.Millisecond}
		}
		return HookAnswer{Status: http.StatusOK, Text: "Said."}
	}
	address := "http://" + serving(t, site)
	for _, tt := range []struct {
		method, path, kind, body string
		status                   int
		said                     string
	}{
		{"POST", "s1", "application/x-www-form-urlencoded", "red & blue=1%20\r\n", 200, "s1: red & blue=1%20"},
		{"POST", "s1", "", strings.Repeat("x", 512) + "\n", 200, "s1: " + strings.Repeat("x", 512)},
		{"POST", "s1", "", strings.Repeat("x", 513), 413, ""},
		{"POST", "s1", "", strings.Repeat("x", 100_000), 413, ""},
		{"POST", "s1", "", "one\ntwo", 400, ""},
		{"POST", "s1", "", "red\x1b[2J", 400, ""},
		{"POST", "s1", "", "one\u2028two", 400, ""},
		{"POST", "s1", "", "red\xff", 400, ""},
		{"POST", "s1", "multipart/form-data; boundary=x", "--x", 415, ""},
		{"POST", "s1", "Application/JSON", "{}", 415, ""},
		{"GET", "s1", "", "", 405, ""},
		{"PUT", "s1", "", "red", 405, ""},
		{"POST", "slow", "", "red", 429, "slow: red"},
		{"POST", "a/b", "", "red", 200, "a/b: red"},
	} {
		said = ""
		r, err := http.NewRequest(tt.method, address+HookPath+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if tt.kind != "" {
			r.Header.Set("Content-Type", tt.kind)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != tt.status || said != tt.said || !strings.HasSuffix(string(text), ".\n") &&
			tt.status != http.StatusMethodNotAllowed {
			t.Errorf("%s %.20q: %s, said %.30q, %q", tt.method, tt.body, answer.Status, said, text)
		}
		if retry := answer.Header.Get("Retry-After"); (tt.status == 429) != (retry == "2") {
			t.Errorf("%s: try again after %q", answer.Status, retry)
		}
		if allow := answer.Header.Get("Allow"); (tt.status == 405) != (allow == "POST") {
			t.Errorf("%s: allowed is %q", answer.Status, allow)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// serving serves site at a port of the loopback.
func serving(t *testing.T, site *Site) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &doors.Server{Gate: new(doors.Gate), Logger: site.Logger}
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(l, doors.Door{
			Open:   func(nc net.Conn, pass *doors.Pass) (net.Conn, error) { return site.Open(nc, pass, false) },
			Handle: func(net.Conn, *doors.Pass) error { return nil },
		})
	}()
	t.Cleanup(func() {
		site.Rest()
		server.Close()
		<-ended
		site.Close()
	})
	return l.Addr().String()
}

// FuzzHook tests that what a hook says is one line of text, and that whatever is none is refused.
func FuzzHook(f *testing.F) {
	for _, seed := range []string{"red\n", "red\r\n", "\n\n", "a\tb", "\xff", "\u2028", "é", strings.Repeat("x", 513)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		line, a := hookLine(body)
		switch {
		case a.Status != 0 && (line != "" || a.Text == "" || a.Status < 400):
			t.Errorf("%q is refused, and said: %q, %+v", body, line, a)
		case a.Status == 0 && (len(line) > MaxHook || !utf8.ValidString(line) || !strings.HasPrefix(body, line) ||
			strings.ContainsAny(line, "\n\r\x1b\x00")):
			t.Errorf("%q says %q", body, line)
		}
	})
}
