package web

import (
	"crypto/sha1"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/doors"
	"parley/internal/crash"
	"parley/internal/rawconn"
)

//go:embed static
var embedded embed.FS

// policy lets the page load what this site serves, and nothing else. Styles may stand in elements, because xterm.js
// sets them so.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// SocketPath is where the WebSocket is.
const SocketPath = "/socket"

// handler serves what is asked for, to who may ask for it.
func (s *Site) handler() http.Handler {
	static, err := fs.Sub(embedded, "static")
	if err != nil {
		panic(err) // it is part of the program
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(static))
	mux.HandleFunc("GET "+SocketPath, s.socket)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				crash.Log(s.Logger.With("remote", r.RemoteAddr), "request", v)
				panic(http.ErrAbortHandler)
			}
		}()
		v := visitOf(r)
		v.pass.Fetches()
		if v.pace != nil && v.pace.Wait(r.Context()) != nil {
			return // it has gone meanwhile
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cache-Control", "no-cache")
		if time.Since(v.since) > pageTime {
			h.Set("Connection", "close")
		}
		answer, found := "", false
		if s.Answer != nil && !v.encrypted {
			answer, found = s.Answer(r.URL.Path)
		}
		switch {
		case found:
			h.Set("Content-Type", "application/octet-stream")
			_, _ = io.WriteString(w, answer)
		case !s.isOurs(r.Host):
			http.Error(w, say("web name"), http.StatusMisdirectedRequest)
		case s.Secure && !v.encrypted && !v.pass.Proxied() && !here(v.pass.Source()):
			s.redirect(w, r)
		case strings.HasPrefix(r.URL.Path, HookPath):
			s.hook(w, r, strings.TrimPrefix(r.URL.Path, HookPath))
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// isOurs reports whether host, which may have a port, is a name of this site. A page of another site that has its name
// lead here, to read what is said here, comes by that name.
func (s *Site) isOurs(host string) bool {
	name := HostName((&url.URL{Host: host}).Hostname())
	if s.Hosts != nil {
		if hosts := s.Hosts(); len(hosts) > 0 {
			return slices.ContainsFunc(hosts, func(host string) bool { return stands(host, name) })
		}
	}
	_, err := netip.ParseAddr(name)
	return err == nil || name == "localhost"
}

// stands reports whether host, which may begin with a * as in a certificate, stands for name. The * is one word without
// a dot (RFC 9525, section 6.3).
func stands(host, name string) bool {
	if parent, any := strings.CutPrefix(host, "*."); any {
		word, rest, _ := strings.Cut(name, ".")
		return word != "" && rest == parent
	}
	return host == name
}

// HostName returns the name of a host as it is compared: in lower case, and without the dot behind a name that is whole
// (RFC 3986, section 3.2.2).
func HostName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// here reports whether source is this machine. Who has no address has come by a unix socket.
func here(source netip.Addr) bool { return !source.IsValid() || source.IsLoopback() }

// redirect sends who comes without TLS to the same port with it. What was to be done is not repeated: it has been read
// on the way by now.
func (s *Site) redirect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, say("web encrypted"), http.StatusForbidden)
		return
	}
	to := url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, to.String(), http.StatusPermanentRedirect)
}

// accepted answers the key of a client (RFC 6455, section 4.2.2).
func accepted(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// checkHandshake returns the status and the reason for which r is not the beginning of a WebSocket that may begin: 0 if
// it is.
func checkHandshake(r *http.Request) (status int, reason string) {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	switch {
	case !hasToken(r.Header["Connection"], "upgrade"), !hasToken(r.Header["Upgrade"], "websocket"):
		return http.StatusUpgradeRequired, say("web socket alone")
	case r.ProtoMajor != 1 || r.ProtoMinor < 1, len(r.Header["Sec-Websocket-Key"]) != 1, err != nil, len(key) != 16:
		return http.StatusBadRequest, say("web no handshake")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return http.StatusUpgradeRequired, say("web version")
	case !sameOrigin(r):
		return http.StatusForbidden, say("web other site")
	}
	return 0, ""
}

// hasToken reports whether token is in a list of a header (RFC 9110, section 5.6.1), in any letter case.
func hasToken(lists []string, token string) bool {
	for _, list := range lists {
		for word := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.Trim(word, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// sameOrigin reports whether a page of this site asks, or a program that is no browser: those name no origin.
func sameOrigin(r *http.Request) bool {
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return true
	}
	origin, err := url.Parse(origins[0])
	return len(origins) == 1 && err == nil && (origin.Scheme == "http" || origin.Scheme == "https") &&
		authority(origin.Host) == authority(r.Host)
}

// authority returns host, which may have a port, as it is compared.
func authority(host string) string {
	u := url.URL{Host: host}
	return net.JoinHostPort(HostName(u.Hostname()), u.Port())
}

// choose returns the subprotocol that is spoken with who asks for r: "" if none is spoken of those it offers.
func choose(r *http.Request) string {
	for _, name := range Subprotocols {
		if hasToken(r.Header["Sec-Websocket-Protocol"], name) {
			return name
		}
	}
	return ""
}

// socket begins a WebSocket. Who offers no subprotocol that is spoken gets one that ends with the reason.
func (s *Site) socket(w http.ResponseWriter, r *http.Request) {
	if status, reason := checkHandshake(r); status != 0 {
		w.Header().Set("Sec-WebSocket-Version", "13")
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, reason, status)
		return
	}
	v := visitOf(r)
	source, ok := s.sourceOf(r)
	if !ok {
		http.Error(w, say("proxy silent"), http.StatusForbidden)
		return
	}
	remote := v.RemoteAddr()
	var stays error
	if v.pass.Forwards() {
		remote = net.TCPAddrFromAddrPort(netip.AddrPortFrom(source, 0))
		stays = v.pass.From(source)
	} else {
		stays = v.pass.Stays()
	}
	var refused doors.Refusal
	if errors.As(stays, &refused) {
		w.Header().Set("Retry-After", "10")
		w.Header().Set("Connection", "close") // by which a proxy may bring somebody else, who was not looked at
		http.Error(w, say("web full"), http.StatusServiceUnavailable)
		return
	}
	hijacked, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(fmt.Errorf("a connection of HTTP/1.1 cannot be taken over: %w", err))
	}
	v = hijacked.(*visit)
	subprotocol := choose(r)
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + accepted(r.Header.Get("Sec-WebSocket-Key")) + "\r\n"
	if subprotocol != "" {
		answer += "Sec-WebSocket-Protocol: " + subprotocol + "\r\n"
	}
	below := v.Conn
	if n := buffer.Reader.Buffered(); n > 0 {
		early, _ := buffer.Reader.Peek(n) // they are there
		below = rawconn.Begun(below, append([]byte(nil), early...))
	}
	_ = v.SetWriteDeadline(time.Now().Add(headTime))
	if _, err = v.Conn.Write([]byte(answer + "\r\n")); err == nil {
		err = v.SetDeadline(time.Time{})
	}
	if err != nil {
		v.Close()
		return
	}
	if subprotocol == "" {
		s.endAtOnce(v, below)
		return
	}
	v.opened = newConn(below, remote, v.encrypted, speak(subprotocol))
	v.opened.page = subprotocol == Subprotocols[0] && len(r.Header["Origin"]) > 0
	s.came(v.opened)
	v.end()
}

// endAtOnce tells who offers no subprotocol that is spoken which ones are.
func (s *Site) endAtOnce(v *visit, below rawconn.Conn) {
	defer v.Close()
	_ = v.SetDeadline(time.Now().Add(time.Second))
	why := &CloseError{Code: CodeProtocol, Reason: "offer a subprotocol: " + strings.Join(Subprotocols, ", ")}
	if _, err := below.Write(appendClose(nil, why)); err != nil {
		return
	}
	_ = v.CloseWrite() // the client may have to read it before the end
	_, _ = below.Read(make([]byte, 128))
}
