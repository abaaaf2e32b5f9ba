package main

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"testing"

	"parley/certs"
	"parley/internal/tlsconn"
	"parley/session"
	"parley/session/terminaltest"
	"parley/telnet"
	"parley/telnet/telnettest"
)

// TestTerminalContract tests that whatever a session sits at keeps the contract: telnet over a socket, over the pipe of
// plays, over both with TLS between, and over what can do no more than a net.Conn.
func TestTerminalContract(t *testing.T) {
	socket := func(t *testing.T) (server, peer net.Conn) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if peer, err = net.Dial("tcp", l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if server, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		return server, peer
	}
	for _, tt := range []struct {
		name string
		open func(t *testing.T) (server, peer net.Conn)
	}{
		{"socket", socket},
		{"pipe", func(*testing.T) (net.Conn, net.Conn) {
			peer, server := telnettest.Pipe()
			return server, peer
		}},
		{"TLS", func(t *testing.T) (net.Conn, net.Conn) { return encrypted(t, socket) }},
		{"TLS over a pipe", func(t *testing.T) (net.Conn, net.Conn) {
			return encrypted(t, func(*testing.T) (net.Conn, net.Conn) {
				peer, server := telnettest.Pipe()
				return server, peer
			})
		}},
		{"plain", func(t *testing.T) (net.Conn, net.Conn) {
			server, peer := socket(t)
			return struct{ net.Conn }{server}, peer
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			terminaltest.Test(t, func(t *testing.T) (session.Terminal, terminaltest.Peer) {
				server, peer := tt.open(t)
				t.Cleanup(func() { server.Close(); peer.Close() })
				return telnet.NewConn(server, nil), peer.(terminaltest.Peer)
			})
		})
	}
}

// encrypted puts TLS over what open returns.
func encrypted(t *testing.T, open func(t *testing.T) (server, peer net.Conn)) (net.Conn, net.Conn) {
	t.Helper()
	source, err := certs.Own(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server, peer := open(t)
	client := tls.Client(peer, &tls.Config{InsecureSkipVerify: true})
	shaken := make(chan error, 1)
	go func() { shaken <- client.Handshake() }()
	conn, err := tlsconn.Handshake(server, source.Config(), nil, nil)
	if err = errors.Join(err, <-shaken); err != nil {
		t.Fatal(err)
	}
	return conn, client
}
