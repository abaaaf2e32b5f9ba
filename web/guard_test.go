package web_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/doors"
	"parley/telnet/telnettest"
	"parley/web"
)

// guarded serves a site in a bubble, to who comes from any address.
func guarded(t *testing.T, site *web.Site) (l *telnettest.Listener, end func()) {
	t.Helper()
	return guardedBy(t, site, slog.New(slog.DiscardHandler))
}

// guardedBy is guarded, with what is told of those who end.
func guardedBy(t *testing.T, site *web.Site, logger *slog.Logger) (l *telnettest.Listener, end func()) {
	t.Helper()
	l = telnettest.Listen(80)
	site.Logger = logger
	server := &doors.Server{Gate: new(doors.Gate), Logger: site.Logger}
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(l, doors.Door{
			Open: func(nc net.Conn, pass *doors.Pass) (net.Conn, error) {
				pass.Sent()
				return site.Open(nc, pass, false)
			},
			Handle: func(nc net.Conn, _ *doors.Pass) error { return echo(nc.(*web.Conn)) },
		})
	}()
	return l, func() {
		site.Rest()
		server.Close()
		<-ended
		site.Close()
	}
}

const handshake = "GET /socket HTTP/1.1\r\nHost: 192.0.2.9\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Protocol: telnet.mudstandards.org\r\n\r\n"

// asked returns the answer to a request of who comes from 192.0.2.source, and the connection. The answer is nil where
// nobody is let in.
func asked(t *testing.T, l *telnettest.Listener, source byte, request string) (*http.Response, net.Conn) {
	t.Helper()
	return askedFrom(t, l, net.IPv4(192, 0, 2, source), request)
}

// askedFrom is asked for who comes from any address; from none for nil, as by a unix socket.
func askedFrom(t *testing.T, l *telnettest.Listener, source net.IP, request string) (*http.Response, net.Conn) {
	t.Helper()
	nc, err := l.DialFrom(source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_, _ = io.WriteString(nc, request) // who is not let in may be closed already
	answer, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil {
		return nil, nc
	}
	return answer, nc
}

// TestAnswer tests that a certificate authority finds what it looks for, by whatever name, and nobody finds more so.
func TestAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := func() []string { return []string{"talk.example.org"} }
		site := &web.Site{Hosts: hosts, Secure: true, Answer: func(path string) (string, bool) {
			return "proof", path == "/.well-known/acme-challenge/token"
		}}
		l, end := guarded(t, site)
		defer end()
		for path, status := range map[string]int{"/.well-known/acme-challenge/token": http.StatusOK,
			"/.well-known/acme-challenge/other": http.StatusMisdirectedRequest, "/": http.StatusMisdirectedRequest} {
			request := "GET " + path + " HTTP/1.1\r\nHost: chat.example.org\r\nConnection: close\r\n\r\n"
			answer, _ := asked(t, l, 7, request)
			if answer == nil || answer.StatusCode != status {
				t.Fatalf("%s: %v", path, answer)
			}
			text, err := io.ReadAll(answer.Body)
			if status == http.StatusOK && (string(text) != "proof" || err != nil) {
				t.Errorf("%s: %q, %v", path, text, err)
			}
		}
	})
}

// TestStrangers tests that who speaks something else than HTTP is sent away, with an answer of HTTP or none: at once,
// if what came shows that, and else when the time for a request is over.
func TestStrangers(t *testing.T) {
	const atOnce, late = time.Second, 6 * time.Second
	for name, tt := range map[string]struct {
		first  string
		within time.Duration
	}{
		"SSH": {"SSH-2.0-OpenSSH_10.2\r\n", atOnce}, "half of SSH": {"SSH-2.0", late},
		"SMTP": {"EHLO example.org\r\n", atOnce}, "Redis": {"*1\r\n$4\r\nPING\r\n", atOnce},
		"SIP": {"OPTIONS sip:nm SIP/2.0\r\n\r\n", atOnce}, "a name": {"guest\n", atOnce},
		"RDP":     {"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00", atOnce},
		"SMB":     {"\x00\x00\x00\x85\xffSMBr", atOnce},
		"SOCKS":   {"\x05\x01\x00", atOnce},
		"MQTT":    {"\x10\x0c\x00\x04MQTT\x04\x02\x00<\x00\x00", atOnce},
		"AMQP":    {"AMQP\x00\x00\x09\x01", atOnce},
		"X11":     {"l\x00\x0b\x00\x00\x00\x00\x00", atOnce},
		"Git":     {"0032git-upload-pack /parley.git\x00host=localhost\x00", atOnce},
		"PROXY 1": {"PROXY TCP4 192.0.2.1 198.51.100.1 56324 80\r\nGET / HTTP/1.1\r\nHost: 192.0.2.9\r\n\r\n", atOnce},
		"PROXY 2": {"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x01\xdc\x04\x00P", atOnce},
		"HTTP/2":  {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", atOnce}, "telnet": {"\xff\xfb\x1f", atOnce},
		"text": {strings.Repeat("x", 33), atOnce}, "nothing": {"", late},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { sendsAway(t, tt.first, tt.within) })
		})
	}
}

// sendsAway has somebody come who says something else than HTTP.
func sendsAway(t *testing.T, first string, within time.Duration) {
	var reasons bytes.Buffer
	l, end := guardedBy(t, new(web.Site), slog.New(slog.NewTextHandler(&reasons, nil)))
	nc, err := l.DialFrom(net.IPv4(192, 0, 2, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	began := time.Now()
	if _, err := io.WriteString(nc, first); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(nc)
	if took := time.Since(began); err != nil || took > within {
		t.Errorf("sent away after %v: %v", took, err)
	}
	end()
	if len(answer) == 0 {
		if silent := within == time.Second; silent != strings.Contains(reasons.String(), doors.NotSpoken.String()) {
			t.Errorf("the log says %s", &reasons)
		}
	} else if !bytes.HasPrefix(answer, []byte("HTTP/1.1 4")) && !bytes.HasPrefix(answer, []byte("HTTP/1.1 505 ")) {
		t.Errorf("the answer is %q", answer)
	}
}

// TestRequestPace tests that who asks for much again and again is answered no faster than a page needs, whatever the
// answer is.
func TestRequestPace(t *testing.T) {
	for name, host := range map[string]string{"found": "192.0.2.9", "another host": "evil.example"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, end := guarded(t, new(web.Site))
				defer end()
				nc, err := l.DialFrom(net.IPv4(192, 0, 2, 1))
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				began, answers := time.Now(), bufio.NewReader(nc)
				for i := range 200 {
					if _, err := io.WriteString(nc, "HEAD / HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); err != nil {
						t.Fatal(err)
					}
					if _, err := http.ReadResponse(answers, &http.Request{Method: http.MethodHead}); err != nil {
						t.Fatal(err)
					}
					if took := time.Since(began); i < 100 && took > 0 {
						t.Fatalf("request %d waited until %v", i, took)
					}
				}
				if took := time.Since(began); took < 4*time.Second || took > 6*time.Second {
					t.Errorf("200 requests took %v", took)
				}
			})
		})
	}
}

// TestRedirect tests that who comes from another machine without TLS is sent to it, and nothing else is done. Who comes
// from this one, if only by a unix socket, is not.
func TestRedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := guarded(t, &web.Site{Secure: true})
		defer end()
		answer, nc := asked(t, l, 1, "GET /?room=3 HTTP/1.1\r\nHost: 192.0.2.9:80\r\n\r\n")
		if at := answer.Header.Get("Location"); answer.StatusCode != 308 || at != "https://192.0.2.9:80/?room=3" {
			t.Errorf("%s, %q", answer.Status, at)
		}
		nc.Close()
		answer, nc = asked(t, l, 1, handshake)
		if answer.StatusCode != 308 {
			t.Error("a WebSocket:", answer.Status)
		}
		nc.Close()
		answer, nc = asked(t, l, 1, "POST / HTTP/1.1\r\nHost: 192.0.2.9\r\nContent-Length: 0\r\n\r\n")
		if answer.StatusCode != 403 || answer.Header.Get("Location") != "" {
			t.Error("POST:", answer.Status)
		}
		nc.Close()
		answer, nc = asked(t, l, 1, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
		if answer.StatusCode != 421 || answer.Header.Get("Location") != "" {
			t.Error("by another name:", answer.Status)
		}
		nc.Close()
		for _, here := range []net.IP{nil, net.IPv4(127, 0, 0, 2), net.IPv6loopback} {
			answer, nc = askedFrom(t, l, here, "GET / HTTP/1.1\r\nHost: 192.0.2.9\r\n\r\n")
			if answer.StatusCode != 200 {
				t.Errorf("from %v: %s", here, answer.Status)
			}
			nc.Close()
		}
	})
}

// TestFetching tests that pages count neither as new connections nor as ones that came to nothing, that there is a
// bound all the same, and that a WebSocket counts as every other connection.
func TestFetching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := guarded(t, new(web.Site))
		defer end()
		const page = "GET / HTTP/1.1\r\nHost: 192.0.2.9\r\n\r\n"
		for range 100 { // one second of penalty for each would be too many
			answer, nc := asked(t, l, 1, page)
			if answer == nil || answer.StatusCode != 200 {
				t.Fatal("a page is refused:", answer)
			}
			nc.Close()
			synctest.Wait()
		}
		for i := range 17 {
			if answer, _ := asked(t, l, 2, page); (answer != nil) != (i < 16) {
				t.Fatalf("page %d at a time: %v", i+1, answer)
			}
		}
		for i := range 5 {
			answer, _ := asked(t, l, 3, handshake)
			if want := []int{101, 101, 101, 101, 0}[i]; want > 0 && (answer == nil || answer.StatusCode != want) ||
				want == 0 && answer != nil {
				t.Errorf("WebSocket %d: %v", i+1, answer)
			}
		}
		// Who fetches first and asks for one WebSocket too many is told so.
		var conns []net.Conn
		for range 5 {
			answer, nc := asked(t, l, 4, "HEAD / HTTP/1.1\r\nHost: 192.0.2.9\r\n\r\n")
			if answer == nil || answer.StatusCode != 200 {
				t.Fatal(answer)
			}
			conns = append(conns, nc)
		}
		for i, nc := range conns {
			if _, err := io.WriteString(nc, handshake); err != nil {
				t.Fatal(err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(nc), nil)
			if want := []int{101, 101, 101, 101, 503}[i]; err != nil || answer.StatusCode != want {
				t.Errorf("WebSocket %d behind a page: %v, %v", i+1, answer, err)
			} else if answer.Close != (want == 503) { // nobody else is let in by the connection of who was refused
				t.Errorf("WebSocket %d behind a page: closed is %v", i+1, answer.Close)
			}
		}
		// A connection that fetches now and then ends after a while, and so does one that is silent.
		nc, err := l.DialFrom(net.IPv4(192, 0, 2, 5))
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		began := time.Now()
		for time.Since(began) < time.Hour {
			if _, err := io.WriteString(nc, page); err != nil {
				break
			}
			time.Sleep(4 * time.Second)
		}
		if d := time.Since(began); d > 2*time.Minute {
			t.Errorf("one connection fetched for %s", d)
		}
	})
}

// TestPingFlood tests that pings to which nobody reads the answers are not kept, and that who reads gets the last one.
func TestPingFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := guarded(t, new(web.Site))
		defer end()
		answer, nc := asked(t, l, 1, handshake)
		if answer.StatusCode != 101 {
			t.Fatal(answer.Status)
		}
		defer nc.Close()
		ping := append([]byte{0x89, 0x80 | 125, 0, 0, 0, 0}, strings.Repeat("x", 125)...)
		for range 10_000 { // 1.3 MB, and the connection holds 64 KiB
			if _, err := nc.Write(ping); err != nil {
				t.Fatal(err)
			}
		}
		last := []byte{0x89, 0x80 | 4, 0, 0, 0, 0, 'l', 'a', 's', 't'}
		if _, err := nc.Write(append(last, 0x82, 0x80|4, 0, 0, 0, 0, 'd', 'o', 'n', 'e')); err != nil {
			t.Fatal(err)
		}
		var got []byte
		buf := make([]byte, 4096)
		for !strings.Contains(string(got), "\x82\x04done") {
			n, err := nc.Read(buf)
			if got = append(got, buf[:n]...); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.Contains(string(got), "\x8a\x04last") || len(got) > 200<<10 {
			t.Errorf("%d bytes come back, the last %q", len(got), got[max(0, len(got)-20):])
		}
	})
}
