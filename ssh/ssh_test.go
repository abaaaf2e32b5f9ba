package ssh_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/session"
	"parley/session/terminaltest"
	"parley/ssh"
	"parley/telnet/telnettest"
)

// open is a guard that lets everybody in, and its handler hands out the terminal.
type openHouse struct {
	terminals chan *ssh.Terminal
	ended     chan error // ends the session
	run       func(ctx context.Context, command string, stdout, stderr io.Writer) int
}

func (openHouse) Nobody(name string) (any, error)                       { return name, nil }
func (openHouse) Password(string, string) (any, error)                  { return nil, errNo }
func (openHouse) Ask(string, func(string) (string, error)) (any, error) { return nil, errNo }
func (openHouse) Key(string, gossh.PublicKey) error                     { return errNo }
func (openHouse) KeyProved(string, gossh.PublicKey) (any, error)        { return nil, errNo }
func (h openHouse) Run(c context.Context, s string, o, e io.Writer) (status int) {
	return h.run(c, s, o, e)
}
func (h openHouse) Start(t *ssh.Terminal, done func(why error)) {
	h.terminals <- t
	go func() { done(<-h.ended) }()
}

var errNo = errors.New("no")

func newKey(t testing.TB) gossh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// visit lets a client come to h, and returns it, and why its visit will have ended.
func visit(t testing.TB, h openHouse) (client *gossh.Client, served <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return visitBy(t, h, peer, nc)
}

// visitBy is visit by a connection that is there: peer is its end of the client.
func visitBy(t testing.TB, h openHouse, peer, nc net.Conn) (client *gossh.Client, served <-chan error) {
	t.Helper()
	key, done, accepted := newKey(t), make(chan error, 1), make(chan struct{})
	go func() {
		defer close(accepted)
		_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
		conn, err := ssh.Accept(nc, ssh.Options{HostKey: key, Guard: h, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			nc.Close()
			done <- err
			return
		}
		conn.Start(context.Background(), h, func(why error) { done <- why })
	}()
	conn, channels, requests, err := gossh.NewClientConn(peer, "", &gossh.ClientConfig{User: "guest",
		HostKeyCallback: gossh.FixedHostKey(key.PublicKey())})
	<-accepted
	if err != nil {
		t.Fatal(err, <-done)
	}
	client = gossh.NewClient(conn, channels, requests)
	t.Cleanup(func() { client.Close() })
	return client, done
}

// visitInBubble is visit in a bubble, where waiting takes no time. The visit ends with the test.
func visitInBubble(t *testing.T, test func(t *testing.T, h openHouse, client *gossh.Client, served <-chan error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		peer, nc := telnettest.Pipe()
		h := house()
		client, served := visitBy(t, h, peer, nc)
		test(t, h, client, served)
	})
}

func house() openHouse {
	return openHouse{terminals: make(chan *ssh.Terminal, 1), ended: make(chan error, 1)}
}

// A peer is the channel of a client.
type peer struct{ gossh.Channel }

// TestTerminalContract tests that a terminal by SSH keeps the contract.
func TestTerminalContract(t *testing.T) {
	terminaltest.Test(t, func(t *testing.T) (session.Terminal, terminaltest.Peer) {
		h := house()
		client, served := visit(t, h)
		ch := openShell(t, client, true)
		t.Cleanup(func() {
			h.ended <- nil
			client.Close()
			if err := <-served; err != nil {
				t.Error(err)
			}
		})
		return <-h.terminals, peer{ch}
	})
}

func openShell(t testing.TB, client *gossh.Client, pty bool) gossh.Channel {
	t.Helper()
	ch, requests, err := client.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go gossh.DiscardRequests(requests)
	if pty {
		asks(t, ch, "pty-req", ptyRequest("xterm-256color", 100, 30), true)
	}
	asks(t, ch, "shell", nil, true)
	return ch
}

func ptyRequest(term string, columns, rows uint32) []byte {
	return gossh.Marshal(struct {
		Term                         string
		Columns, Rows, Width, Height uint32
		Modes                        string
	}{term, columns, rows, 0, 0, ""})
}

func asks(t testing.TB, ch gossh.Channel, request string, payload []byte, want bool) {
	t.Helper()
	if ok, err := ch.SendRequest(request, true, payload); ok != want || err != nil {
		t.Errorf("%s: %v, %v, want %v", request, ok, err, want)
	}
}

func env(name, value string) []byte { return gossh.Marshal(struct{ Name, Value string }{name, value}) }

// TestRequests tests what may be asked for, and that all else is refused and harms nobody.
func TestRequests(t *testing.T) { visitInBubble(t, testRequests) }

func testRequests(t *testing.T, h openHouse, client *gossh.Client, served <-chan error) {
	ch, requests, err := client.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go gossh.DiscardRequests(requests)
	asks(t, ch, "env", env("LANG", "de_DE.ISO-8859-1"), true)
	asks(t, ch, "env", env("LC_TIME", "de_DE.UTF-8"), true)
	asks(t, ch, "env", env("LD_PRELOAD", "/tmp/x.so"), false)
	asks(t, ch, "env", env("LC_ALL", strings.Repeat("x", 64<<10)), false)
	asks(t, ch, "env", []byte("\x00\x00\x00\xffLANG"), false)
	for range 50 {
		if _, err := ch.SendRequest("env", false, env("LC_ALL", "C")); err != nil {
			t.Fatal(err)
		}
	}
	asks(t, ch, "window-change", gossh.Marshal(struct{ A, B, C, D uint32 }{80, 24, 0, 0}), false) // there is no window
	asks(t, ch, "pty-req", ptyRequest("x\x1bterm"+strings.Repeat("y", 10<<10), 0, 1<<31), true)
	for _, request := range []string{"subsystem", "x11-req", "auth-agent-req@openssh.com", "no such thing"} {
		asks(t, ch, request, nil, false)
	}
	asks(t, ch, "shell", nil, true)
	asks(t, ch, "shell", nil, false)
	asks(t, ch, "exec", gossh.Marshal(struct{ Command string }{"who"}), false)
	asks(t, ch, "env", env("LANG", "C.UTF-8"), false)
	term := <-h.terminals
	if c, r := term.Size(); c != 0 || r != 500 || len(term.Name()) != 40 || strings.Contains(term.Name(), "\x1b") {
		t.Errorf("%d columns, %d rows, %q", c, r, term.Name())
	}
	if term.EditsLines() || !term.Encrypted() || term.AgreedCharset() != "ISO-8859-1" {
		t.Errorf("%v, %v, %q", term.EditsLines(), term.Encrypted(), term.AgreedCharset())
	}
	changed := make(chan struct{}, 1)
	term.Notify(func() { changed <- struct{}{} }, nil)
	asks(t, ch, "window-change", gossh.Marshal(struct{ A, B, C, D uint32 }{50, 10, 0, 0}), true)
	<-changed
	if c, r := term.Size(); c != 50 || r != 10 {
		t.Errorf("resized to %d, %d", c, r)
	}
	for range 100 {
		window := gossh.Marshal(struct{ A, B, C, D uint32 }{50, 10, 0, 0})
		if _, err := ch.SendRequest("window-change", false, window); err != nil {
			t.Fatal(err)
		}
	}
	asks(t, ch, "signal", gossh.Marshal(struct{ Name string }{"INT"}), true)
	if b := make([]byte, 8); readAll(t, term, b, 1) != "\x03" {
		t.Errorf("an interrupt is read as %q", b)
	}
	if _, _, err := client.OpenChannel("session", nil); err == nil {
		t.Error("a second session was opened")
	}
	if _, err := client.Dial("tcp", "127.0.0.1:22"); err == nil {
		t.Error("a connection was forwarded")
	}
	if ok, _, err := client.SendRequest("tcpip-forward", true, nil); ok || err != nil {
		t.Errorf("a port is forwarded: %v, %v", ok, err)
	}
	h.ended <- nil
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func readAll(t *testing.T, term *ssh.Terminal, b []byte, n int) string {
	t.Helper()
	n, err := term.Read(b[:n])
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// TestCommand tests that a command without a terminal is run, and its status told; and that with one it is typed.
func TestCommand(t *testing.T) {
	h := house()
	h.run = func(_ context.Context, command string, stdout, stderr io.Writer) int {
		io.WriteString(stdout, command+"\n")
		io.WriteString(stderr, "why\n")
		return 2
	}
	client, served := visit(t, h)
	s, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	s.Stdout, s.Stderr = &out, &errs
	var exit *gossh.ExitError
	if err := s.Run("say 0 hi"); !errors.As(err, &exit) || exit.ExitStatus() != 2 || out.String() != "say 0 hi\n" ||
		errs.String() != "why\n" {
		t.Errorf("%v, %q, %q", err, out.String(), errs.String())
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	h = house()
	client, served = visit(t, h)
	if s, err = client.NewSession(); err != nil {
		t.Fatal(err)
	}
	if err := s.RequestPty("xterm", 24, 80, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Start("join 3"); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, <-h.terminals, make([]byte, 16), 16); got != "join 3\n" {
		t.Errorf("typed: %q", got)
	}
	h.ended <- io.EOF
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	<-served
}

// TestSlowPeer tests that a write to a peer that does not read ends at its deadline, and with it the connection.
func TestSlowPeer(t *testing.T) {
	h := house()
	client, served := visit(t, h)
	openShell(t, client, false) // which nobody reads
	term := <-h.terminals
	_ = term.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
	var err error
	for range 10_000 {
		if _, err = term.Write(make([]byte, 32<<10)); err != nil {
			break
		}
	}
	if !errors.Is(err, context.DeadlineExceeded) && (err == nil || !strings.Contains(err.Error(), "timeout")) {
		t.Errorf("writes end with %v", err)
	}
	h.ended <- err
	<-served
}

// TestKeysAgain tests that a peer that asks for new keys all the time is left.
func TestKeysAgain(t *testing.T) {
	key := ssh.LimitedKey(newKey(t))
	for i := range 10 {
		if _, err := key.Sign(rand.Reader, []byte("x")); err != nil {
			t.Fatalf("after %d: %v", i, err)
		}
	}
	if _, err := key.Sign(rand.Reader, []byte("x")); err == nil {
		t.Error("the eleventh agreement at once is made")
	}
}

// TestPlain tests that who speaks something else is no peer.
func TestPlain(t *testing.T) {
	for _, first := range []string{"guest\r\n", "\r\n", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x00",
		"SSL-2.0-x\r\n", "S\r\n"} {
		a, b := net.Pipe()
		go func() {
			go io.Copy(io.Discard, b)
			io.WriteString(b, first)
		}()
		_, err := ssh.Accept(a, ssh.Options{HostKey: newKey(t), Guard: house()})
		if !errors.Is(err, ssh.ErrPlain) {
			t.Errorf("%q: %v", first, err)
		}
		a.Close()
		b.Close()
	}
}

// TestOffered tests what is agreed upon with a peer that would take anything: no default of the library beside ours.
func TestOffered(t *testing.T) {
	weak := gossh.InsecureAlgorithms()
	all := gossh.SupportedAlgorithms()
	for _, tt := range []struct {
		what    string
		ours    []string
		refused gossh.Config
	}{
		{"key exchange", ssh.KeyExchanges, gossh.Config{
			KeyExchanges: without(all.KeyExchanges, weak.KeyExchanges, ssh.KeyExchanges)}},
		{"cipher", ssh.Ciphers, gossh.Config{Ciphers: without(all.Ciphers, weak.Ciphers, ssh.Ciphers)}},
		{"MAC", ssh.MACs, gossh.Config{
			Ciphers: []string{gossh.CipherAES128CTR}, MACs: without(all.MACs, weak.MACs, ssh.MACs)}},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		key := newKey(t)
		go func() {
			if a, err := l.Accept(); err == nil {
				_ = a.SetDeadline(time.Now().Add(5 * time.Second))
				_, _ = ssh.Accept(a, ssh.Options{HostKey: key, Guard: house()})
				a.Close()
			}
		}()
		b, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = b.SetDeadline(time.Now().Add(5 * time.Second))
		_, _, _, err = gossh.NewClientConn(b, "", &gossh.ClientConfig{User: "guest", Config: tt.refused,
			HostKeyCallback: gossh.InsecureIgnoreHostKey()})
		if err == nil || !strings.Contains(err.Error(), "no common algorithm") {
			t.Errorf("%s: one is agreed upon that is none of %q: %v", tt.what, tt.ours, err)
		}
		b.Close()
		l.Close()
	}
}

// without returns the algorithms of all that are none of ours.
func without(all, weak, ours []string) []string {
	return slices.DeleteFunc(slices.Concat(all, weak), func(a string) bool {
		return slices.Contains(ours, a) || strings.HasPrefix(a, "curve25519-sha256")
	})
}
