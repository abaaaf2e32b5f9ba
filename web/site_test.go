package web_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"parley/doors"
	"parley/web"
)

const patience = 10 * time.Second

// serve serves a site at a port of the loopback, whose WebSockets are handled by handle until it returns.
func serve(t *testing.T, site *web.Site, handle func(c *web.Conn) error) (address string) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	site.Logger = slog.New(slog.DiscardHandler)
	server := &doors.Server{Gate: new(doors.Gate), Logger: site.Logger}
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(l, doors.Door{
			Open: func(nc net.Conn, pass *doors.Pass) (net.Conn, error) { return site.Open(nc, pass, false) },
			Handle: func(nc net.Conn, _ *doors.Pass) error {
				defer site.Left(nc.(*web.Conn))
				return handle(nc.(*web.Conn))
			},
		})
	}()
	t.Cleanup(func() {
		site.Rest()
		server.Close()
		<-ended
		site.Close()
		goleak.VerifyNone(t, before)
	})
	return l.Addr().String()
}

// echo sends back what comes.
func echo(c *web.Conn) error {
	_, err := io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c})
	return err
}

func dial(t *testing.T, address string, o *websocket.DialOptions) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, response, err := websocket.Dial(ctx, "ws://"+address+web.SocketPath, o)
	if err == nil {
		t.Cleanup(func() { c.CloseNow() })
	}
	return c, response, err
}

// TestSocket tests that an independent client is understood: messages, pings, and the end from either side.
func TestSocket(t *testing.T) {
	heard := make(chan error, 3)
	address := serve(t, new(web.Site), func(c *web.Conn) error {
		err := echo(c)
		heard <- err
		return err
	})
	telnet := &websocket.DialOptions{Subprotocols: web.Subprotocols[:1]}
	c, _, err := dial(t, address, telnet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, text := range []string{"hello", "\xff\xfb\x18", strings.Repeat("x", web.MaxMessage)} {
		if err := c.Write(ctx, websocket.MessageBinary, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got := ""
		for len(got) < len(text) {
			kind, piece, err := c.Read(ctx)
			if err != nil || kind != websocket.MessageBinary {
				t.Fatal(kind, err)
			}
			got += string(piece)
		}
		if got != text {
			t.Errorf("%.20q comes back as %.20q", text, got)
		}
	}
	c.CloseRead(ctx)
	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		code websocket.StatusCode
		lost bool
	}{{websocket.StatusNormalClosure, false}, {websocket.StatusGoingAway, true}} {
		c, _, err := dial(t, address, telnet)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Close(tt.code, ""); err != nil {
			t.Error(err)
		}
		var failed net.Error
		if err := <-heard; (err != nil) != tt.lost || tt.lost && !errors.As(err, &failed) {
			t.Errorf("after code %d: %v", tt.code, err)
		}
	}
	c.CloseNow()
	var failed net.Error
	if err := <-heard; !errors.As(err, &failed) {
		t.Errorf("a connection that is cut: %v", err)
	}
}

// TestEnd tests that the client learns why the session is over, and that too much at a time ends it.
func TestEnd(t *testing.T) {
	address := serve(t, new(web.Site), func(c *web.Conn) error {
		var b [5]byte
		if _, err := io.ReadFull(c, b[:]); err != nil {
			return err
		}
		if _, err := c.Write([]byte("bye")); err != nil {
			return err
		}
		c.EndsBy(web.CodePolicy, "You were sent away.")
		return nil
	})
	telnet := &websocket.DialOptions{Subprotocols: web.Subprotocols[:1]}
	for _, tt := range []struct{ text, want string }{
		{"hello", `status = StatusPolicyViolation and reason = "You were sent away."`},
		{strings.Repeat("x", web.MaxMessage+1), "status = StatusMessageTooBig"},
	} {
		c, _, err := dial(t, address, telnet)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := c.Write(ctx, websocket.MessageBinary, []byte(tt.text)); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, _, err = c.Read(ctx)
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("after %.10q: %v", tt.text, err)
		}
	}
}

// TestBroken tests that who breaks the protocol in the middle of much that it sends learns why that is the end, and is
// not cut off.
func TestBroken(t *testing.T) {
	address := serve(t, new(web.Site), echo)
	for name, frames := range map[string]string{
		"too big": "\x82\xfe\x20\x00\x00\x00\x00\x00", "no mask": "\x82\x01",
		"an extension": "\xc2\x80\x00\x00\x00\x00",
	} {
		nc, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		_ = nc.SetDeadline(time.Now().Add(patience))
		request := strings.ReplaceAll(handshake, "192.0.2.9", address)
		if _, err := io.WriteString(nc, request+frames+strings.Repeat("\x00", 40<<10)); err != nil {
			t.Fatal(err)
		}
		_ = nc.(*net.TCPConn).CloseWrite()
		answer, err := io.ReadAll(nc)
		if _, end, _ := strings.Cut(string(answer), "\r\n\r\n"); err != nil || !strings.HasPrefix(end, "\x88") {
			t.Errorf("%s: %q, %v", name, answer, err)
		}
	}
}

// TestSubprotocols tests which one is chosen, and that who offers none that is spoken is told which are.
func TestSubprotocols(t *testing.T) {
	address := serve(t, new(web.Site), echo)
	for _, tt := range []struct {
		offered []string
		want    string
	}{
		{web.Subprotocols, web.Subprotocols[0]},
		{[]string{"x", "gmcp.mudstandards.org"}, "gmcp.mudstandards.org"},
		{[]string{"terminal.mudstandards.org"}, "terminal.mudstandards.org"},
		{[]string{"json.mudstandards.org", "terminal.mudstandards.org"}, "json.mudstandards.org"},
		{[]string{"mqtt"}, ""}, {nil, ""},
	} {
		c, _, err := dial(t, address, &websocket.DialOptions{Subprotocols: tt.offered})
		if err != nil {
			t.Errorf("%v: %v", tt.offered, err)
			continue
		}
		if got := c.Subprotocol(); got != tt.want {
			t.Errorf("of %v %q is chosen", tt.offered, got)
		}
		if tt.want != "" {
			c.CloseNow() // one source may have few
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, _, err = c.Read(ctx)
		cancel()
		if websocket.CloseStatus(err) != websocket.StatusProtocolError || !strings.Contains(err.Error(),
			web.Subprotocols[0]) {
			t.Errorf("who offers %v is told %v", tt.offered, err)
		}
	}
}

// TestMayCome tests who may begin a WebSocket or fetch a page: nobody by a name that is not ours, and no page of
// another site.
func TestMayCome(t *testing.T) {
	for _, tt := range []struct {
		hosts        []string
		host, origin string // $ is the address
		want         int
	}{
		{nil, "$", "", 101},
		{nil, "$", "http://$", 101},
		{nil, "$", "http://127.0.0.1:1", 403},
		{nil, "$", "https://evil.example", 403},
		{nil, "$", "null", 403},
		{nil, "$", "file://", 403},
		{nil, "localhost:1", "http://localhost:1", 101},
		{nil, "LOCALHOST", "", 101},
		{nil, "[::1]:1", "http://[::1]:1", 101},
		{nil, "evil.example", "http://evil.example", 421},
		{nil, "evil.example", "", 421},
		{nil, "localhost.evil.example", "", 421},
		{nil, "127.0.0.1.evil.example:80", "", 421},
		{[]string{"chat.example"}, "chat.example", "https://chat.example", 101},
		{[]string{"chat.example"}, "Chat.Example:8080", "http://chat.example:8080", 101},
		{[]string{"chat.example"}, "chat.example.", "https://chat.example.", 101}, // the name is whole
		{[]string{"chat.example"}, "chat.example.:8080", "http://chat.example.:8080", 101},
		{[]string{"chat.example"}, "chat.example", "https://chat.example.", 101}, // a proxy took the dot away
		{[]string{"chat.example"}, "chat.example", "https://chat.example.:1", 403},
		{[]string{"chat.example"}, "chat.example..", "", 421},
		{nil, "localhost.", "", 101},
		{[]string{"*.chat.example"}, "a.chat.example", "https://a.chat.example", 101},
		{[]string{"*.chat.example"}, "A.Chat.Example.:8080", "", 101},
		{[]string{"*.chat.example"}, "chat.example", "", 421},
		{[]string{"*.chat.example"}, "a.b.chat.example", "", 421},
		{[]string{"*.chat.example"}, ".chat.example", "", 421},
		{[]string{"*.chat.example"}, "achat.example", "", 421},
		{[]string{"*.chat.example"}, "a.evil.example", "", 421},
		{nil, ".", "", 421},
		{[]string{"chat.example"}, "$", "http://$", 421},
		{[]string{"chat.example"}, "chat.example", "https://sub.chat.example", 403},
	} {
		t.Run(strings.TrimSpace(tt.host+" "+tt.origin), func(t *testing.T) { // one server at a time
			site := &web.Site{Hosts: func() []string { return tt.hosts }}
			address := serve(t, site, echo)
			fill := strings.NewReplacer("$", address)
			headers := make(http.Header)
			if tt.origin != "" {
				headers.Set("Origin", fill.Replace(tt.origin))
			}
			_, response, err := dial(t, address, &websocket.DialOptions{Subprotocols: web.Subprotocols,
				Host: fill.Replace(tt.host), HTTPHeader: headers})
			if response == nil || response.StatusCode != tt.want {
				t.Errorf("%v: %v", tt, err)
			}
		})
	}
}

// TestIsPage tests that a page of this site is told from other programs: a browser names where a page is from.
func TestIsPage(t *testing.T) {
	for _, tt := range []struct {
		origin, subprotocol string
		want                bool
	}{
		{"http://localhost", web.Subprotocols[0], true},
		{"", web.Subprotocols[0], false},
		{"http://localhost", "terminal.mudstandards.org", false},
	} {
		came := make(chan bool, 1)
		address := serve(t, new(web.Site), func(c *web.Conn) error {
			came <- c.IsPage()
			return echo(c)
		})
		headers := make(http.Header)
		if tt.origin != "" {
			headers.Set("Origin", tt.origin)
		}
		_, _, err := dial(t, address, &websocket.DialOptions{Subprotocols: []string{tt.subprotocol}, Host: "localhost",
			HTTPHeader: headers})
		if err != nil {
			t.Fatal(err)
		}
		if got := <-came; got != tt.want {
			t.Errorf("%v: %t", tt, got)
		}
	}
}

// get returns the answer to a request that is written as it is.
func get(t *testing.T, address, request string) string {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(nc, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(nc)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// TestPages tests that the page may load nothing from elsewhere, and what is answered to requests that are none.
func TestPages(t *testing.T) {
	address := serve(t, new(web.Site), echo)
	page := get(t, address, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	for _, want := range []string{
		"200 OK", "default-src 'none'; script-src 'self'; ", "frame-ancestors 'none'",
		"X-Content-Type-Options: nosniff",
		"Referrer-Policy: no-referrer", `<script type="module" src="app.js"></script>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for request, want := range map[string]string{
		"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":           "405 ",
		"GET /site.go HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":     "404 ",
		"GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":      "426 ",
		"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":     "404 ",
		"GET / HTTP/1.1\r\nConnection: close\r\n\r\n":                               "400 ",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\nConnection: close\r\n\r\n": "400 ",
		"guest\r\n\r\n": "400 ",
		"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 16<<10): "431 ",
	} {
		if got, _, _ := strings.Cut(get(t, address, request), "\r\n"); !strings.HasPrefix(got, "HTTP/1.1 "+want) {
			t.Errorf("%.40q is answered %q", request, got)
		}
	}
}

// TestEmbedded tests that the files of others are those whose checksums are kept, and that nothing refers to another
// server.
func TestEmbedded(t *testing.T) {
	sums, err := os.ReadFile("static/xterm/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("static/xterm")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(sums, []byte("\n")); lines != len(entries)-1 {
		t.Errorf("%d sums for %d files", lines, len(entries)-1)
	}
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		data, err := os.ReadFile("static/xterm/" + name)
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); err != nil || got != want {
			t.Errorf("%s: %v, %s", name, err, got)
		}
	}
	for _, name := range []string{"index.html", "app.css", "app.js", "telnet.js", "reading.js", "terminal.js"} {
		data, err := os.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"http://", "https://", "//cdn", "innerHTML", "eval(", " style=", "onclick"} {
			if bytes.Contains(data, []byte(bad)) {
				t.Errorf("%s has %q", name, bad)
			}
		}
	}
}
