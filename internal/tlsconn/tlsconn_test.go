package tlsconn_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/certs"
	"parley/internal/slots"
	"parley/internal/tlsconn"
	"parley/telnet/telnettest"
)

func config(t *testing.T) *tls.Config {
	t.Helper()
	s, err := certs.Own(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s.Config()
}

// TestPlain tests that who speaks something else is found out at the first byte, whatever it is and in whatever pieces
// it comes, and is sent nothing.
func TestPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := config(t)
		for _, text := range []string{
			"GET / HTTP/1.1\r\n\r\n", "\r\n", "g", "SSH-2.0-x\r\n", "\xff\xfb\x1f", "\x80\x2e\x01\x03\x01", "\x00",
			"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "\x15\x03\x01\x00\x02\x02\x28", "\x03\x00\x00\x13\x0e\xe0",
		} {
			peer, nc := telnettest.Pipe()
			heard := 0
			if _, err := peer.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			_, err := tlsconn.Handshake(nc, config, make(slots.Slots, 1), func() { heard++ })
			if !errors.Is(err, tlsconn.ErrPlain) || heard != 1 {
				t.Errorf("%q: %v, heard %d times", text, err, heard)
			}
			nc.Close()
			if sent, err := io.ReadAll(peer); len(sent) > 0 || err != nil {
				t.Errorf("%q is sent %q, %v", text, sent, err)
			}
			peer.Close()
		}
	})
}

// TestHalf tests that who begins a handshake and goes no further is given up at the deadline, holds no slot meanwhile,
// and that an alert says what was wrong with a handshake.
func TestHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config, free := config(t), make(slots.Slots, 1)
		failed := make(chan error)
		begin := func(nc net.Conn) {
			_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
			go func() {
				_, err := tlsconn.Handshake(nc, config, free, nil)
				failed <- err
			}()
		}
		peer, nc := telnettest.Pipe()
		defer peer.Close()
		defer nc.Close()
		begin(nc)
		if _, err := peer.Write([]byte("\x16\x03\x01\x02\x00\x01\x00")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !free.Try() {
			t.Error("who is waited for holds the slot")
		}
		free.Give()
		old, oldConn := telnettest.Pipe()
		defer old.Close()
		defer oldConn.Close()
		go func() {
			_, err := tlsconn.Handshake(oldConn, config, free, nil)
			failed <- err
		}()
		client := tls.Client(old, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10,
			MaxVersion: tls.VersionTLS11})
		if err := client.Handshake(); err == nil || !strings.Contains(err.Error(), "protocol version") {
			t.Errorf("TLS 1.1: %v", err)
		}
		if err := <-failed; err == nil {
			t.Error("TLS 1.1 is spoken")
		}
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("half a handshake: %v", err)
		}
		if !free.Try() {
			t.Error("a slot is lost")
		}
	})
}

// TestWriteGivenUp tests that a write that is given up in the middle of a record breaks nothing: what follows arrives
// behind it.
func TestWriteGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer, nc := telnettest.Pipe()
		defer peer.Close()
		defer nc.Close()
		client := tls.Client(peer, &tls.Config{InsecureSkipVerify: true})
		shaken := make(chan error)
		go func() { shaken <- client.Handshake() }()
		c, err := tlsconn.Handshake(nc, config(t), nil, nil)
		if err = errors.Join(err, <-shaken); err != nil {
			t.Fatal(err)
		}
		var want []byte
		text := make([]byte, 50_000)
		for i := range text {
			text[i] = byte(i)
		}
		for range 3 {
			if err := c.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			n, err := c.Write(text)
			want = append(want, text[:n]...)
			if n < len(text) && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal(n, err)
			}
		}
		if len(want) >= 3*len(text) {
			t.Fatal("nothing was given up")
		}
		if n, err := c.TryWrite([]byte("more")); n != 0 || err != nil {
			t.Errorf("a try behind it: %d, %v", n, err)
		}
		if err := c.SetWriteDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() {
			_, err := c.Write([]byte("end"))
			ended <- errors.Join(err, c.CloseWrite())
		}()
		got, err := io.ReadAll(client)
		if err = errors.Join(err, <-ended); err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want)+"end" {
			t.Errorf("%d bytes arrived, %d were written", len(got), len(want)+3)
		}
	})
}
