package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"parley/certs"
	"parley/chat"
	"parley/doors"
	"parley/internal/rawconn"
	"parley/web"
	"parley/words"
)

// A website is the door for browsers. nil stands for one that nobody comes by.
type website struct {
	site   *web.Site
	secure *secure
}

// website makes the door for browsers; nil if there is no address for it.
func (s *service) website(all entrances, t *secure, node *chat.Node, proxies func(netip.Addr) bool) *website {
	if len(all.of(webDoor)) == 0 {
		return nil
	}
	hosts := func() []string { return s.options.webHosts(t) } // those of a new certificate, too
	return &website{site: &web.Site{Hosts: hosts, Secure: true, Trusted: proxies, Answer: t.certs.Answer,
		Logger: s.log, Hook: s.sayByHook(node)}, secure: t}
}

// webURL returns the address of the page, which ends with a slash; empty if there is none.
func (o *options) webURL(all entrances, t *secure) string {
	doors := all.of(webDoor)
	if len(doors) == 0 {
		return ""
	}
	if o.WebURL != "" {
		return strings.TrimRight(o.WebURL, "/") + "/"
	}
	host := "localhost"
	for _, name := range o.webHosts(t) {
		ip, err := netip.ParseAddr(name)
		switch {
		case name == "localhost", err == nil && ip.IsLoopback(), strings.HasPrefix(name, "*"): // no address for others
			continue
		}
		host = name
		break
	}
	u := url.URL{Scheme: "https", Host: host, Path: "/"}
	standard := 443
	if host == "localhost" {
		u.Scheme, standard = "http", 80
	}
	if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	if ports := portsOf(doors.listeners()); len(ports) > 0 && ports[0] != standard {
		u.Host = net.JoinHostPort(host, strconv.Itoa(ports[0]))
	}
	return u.String()
}

// webURLHost returns the host in --web-url, which browsers come by; empty if there is none.
func (o *options) webURLHost() (string, error) {
	if o.WebURL == "" {
		return "", nil
	}
	u, err := url.Parse(o.WebURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" || strings.ContainsFunc(o.WebURL, unicode.IsSpace) {
		return "", fmt.Errorf("--web-url: %q is not the address of a page, such as https://chat.example.org/", o.WebURL)
	}
	return web.HostName(u.Hostname()), nil
}

// webHosts returns the names by which browsers may come; none for those of this machine alone.
func (o *options) webHosts(t *secure) []string {
	given := o.WebHost
	if len(given) == 0 && o.TLSCert != "" {
		given = certs.Names(t.certs.Certificate().Leaf)
	} else if len(given) == 0 {
		given = o.ACMEDomain
	}
	var hosts []string
	if host, err := o.webURLHost(); err == nil && host != "" {
		hosts = append(hosts, host)
	}
	if len(o.WebHost) == 0 && len(hosts)+len(given) > 0 {
		hosts = append(hosts, "localhost", "127.0.0.1", "::1")
	}
	for _, host := range given {
		hosts = append(hosts, web.HostName(host))
	}
	return hosts
}

// checkWeb finds what is wrong with the options of the door for browsers.
func (o *options) checkWeb() error {
	var faults []error
	for _, host := range o.WebHost {
		_, _, port := net.SplitHostPort(host)
		if web.HostName(host) == "" || !hostnames.MatchString(host) || port == nil || len(host) > 253 {
			faults = append(faults,
				fmt.Errorf("--web-host: %q is not the name of a host, such as chat.example.org", host))
		}
	}
	_, err := o.webURLHost()
	return errors.Join(append(faults, err)...)
}

// handshakeRecord is the first byte of who speaks TLS (RFC 8446, section 5.1).
const handshakeRecord = 0x16

// open serves pages until a WebSocket begins, in TLS or without.
func (w *website) open(nc net.Conn, pass *doors.Pass) (net.Conn, error) {
	if err := nc.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return nil, err
	}
	conn, err := w.first(nc)
	if err != nil {
		return nil, err
	}
	pass.Sent()
	encrypted := conn.first == handshakeRecord
	if encrypted {
		secure, err := w.secure.handshake(conn.Conn, nil)
		if err != nil {
			return nil, err
		}
		conn.Conn = secure
	}
	if err := nc.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	return w.site.Open(conn.Conn, pass, encrypted)
}

// A peeked connection is one whose first byte is known, and is still to be read.
type peeked struct {
	rawconn.Conn
	first byte
}

func (*website) first(nc net.Conn) (peeked, error) {
	var first [1]byte
	conn := rawconn.Of(nc)
	if _, err := conn.Read(first[:]); err != nil {
		return peeked{}, err
	}
	return peeked{rawconn.Begun(conn, first[:]), first[0]}, nil
}

// refuse tells who cannot come in why, if that can be said at once.
func (w *website) refuse(nc net.Conn, reason error) {
	conn, err := w.first(nc)
	if err != nil {
		return
	}
	var to net.Conn = conn
	if conn.first == handshakeRecord {
		secure := w.secure.atOnce(conn.Conn)
		if secure == nil {
			return
		}
		to = secure
	}
	text := words.English.Sentence(refusal(reason)) + "\n"
	status := http.StatusServiceUnavailable
	fmt.Fprintf(to, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"+
		"Retry-After: 30\r\nConnection: close\r\n\r\n%s", status, http.StatusText(status), len(text), text)
}

// endsBy returns what is to be told why the session at a WebSocket ended: the page learns by a code whether to come
// again, and its user why not.
func (w *website) endsBy(c *web.Conn, done func(error)) func(error) {
	return func(why error) {
		w.site.Left(c)
		switch {
		case why == nil:
		case errors.Is(why, chat.ErrStopped):
			c.EndsBy(web.CodeGoingAway, words.English.Sentence(chat.ErrStopped))
		case chat.IsRefusal(why):
			c.EndsBy(web.CodePolicy, words.English.Sentence(refusal(why)))
		}
		done(why)
	}
}

// rest ends connections that wait for nothing but another page.
func (w *website) rest() {
	if w != nil {
		w.site.Rest()
	}
}

func (w *website) close() {
	if w != nil {
		_ = w.site.Close() // there is nothing left that could fail
	}
}
