package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"parley/certs"
	"parley/chat"
	"parley/doors"
	"parley/internal/crash"
	"parley/internal/slots"
	"parley/internal/tlsconn"
)

// handshakeTime is how long somebody may take to agree upon TLS.
const handshakeTime = 10 * time.Second

// handshakeSlots are for the handshakes of TLS and SSH that are computed at a time. Half of the processors, or one, are
// left to those who are in already.
func handshakeSlots() slots.Slots { return make(slots.Slots, max(1, runtime.GOMAXPROCS(0)/2)) }

// secure is what all who speak TLS share. nil stands for nobody.
type secure struct {
	certs  *certs.Source
	config *tls.Config
	slots  slots.Slots
	at     uint16 // the port of the first listener; zero if it has none
	stop   context.CancelFunc
	wg     sync.WaitGroup // who looks after the certificate
}

// secure gets the certificate for the doors that need one; nil if none does.
func (s *service) secure(ctx context.Context, all entrances, free slots.Slots) (*secure, error) {
	if len(all.of(tlsDoor)) == 0 && len(all.of(webDoor)) == 0 {
		return nil, nil
	}
	source, err := s.options.certificate(s.log)
	if err != nil {
		return nil, fmt.Errorf("the certificate for TLS: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	t := &secure{certs: source, config: source.Config(), stop: stop, slots: free}
	ports := portsOf(all.of(tlsDoor).listeners())
	if len(ports) > 0 {
		t.at = uint16(ports[0])
	}
	if advice := s.options.unreached(ports, portsOf(all.of(webDoor).listeners())); advice != "" {
		s.log.Warn(advice)
	}
	t.wg.Go(func() { // until close
		defer crash.Survive(s.log, "certificate")
		source.Watch(ctx)
	})
	return t, nil
}

func (t *secure) close() {
	if t != nil {
		t.stop()
		t.wg.Wait()
	}
}

// port returns the port at which telnet is encrypted; zero for none.
func (t *secure) port() uint16 {
	if t == nil {
		return 0
	}
	return t.at
}

func (t *secure) source() *certs.Source {
	if t == nil {
		return nil
	}
	return t.certs
}

// print says by what users know that they have come to this server.
func (t *secure) print(w io.Writer) {
	if t != nil {
		fmt.Fprintf(w, "Fingerprint:    %s (SHA-256)\n", certs.Fingerprint(t.certs.Certificate().Leaf))
	}
}

// open agrees upon TLS with who has come. Who speaks something else, or nothing, is told so in plain text.
func (t *secure) open(nc net.Conn, pass *doors.Pass) (net.Conn, error) {
	if err := nc.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return nil, err
	}
	silent := true
	conn, err := t.handshake(nc, func() {
		silent = false
		pass.Sent()
	})
	if err == nil {
		return conn, nc.SetDeadline(time.Time{})
	}
	late := errors.Is(err, os.ErrDeadlineExceeded)
	if late {
		pass.Late()
	}
	if errors.Is(err, tlsconn.ErrPlain) || late && silent {
		_ = nc.SetWriteDeadline(time.Now().Add(time.Second))
		refuse(nc, chat.ErrEncryptedAlone)
		return nil, chat.ErrEncryptedAlone
	}
	return nil, err
}

// handshake agrees upon TLS with who has come to talk, or shows an authority what it has come to see.
func (t *secure) handshake(nc net.Conn, heard tlsconn.Heard) (*tlsconn.Conn, error) {
	conn, err := tlsconn.Handshake(nc, t.config, t.slots, heard)
	if err == nil && certs.Asked(conn.ConnectionState()) {
		err = errCertified
	}
	return conn, err
}

// refuse tells who cannot come in why, if a handshake for that can be computed at once.
func (t *secure) refuse(nc net.Conn, reason error) {
	if conn := t.atOnce(nc); conn != nil {
		refuse(conn, reason)
		_ = conn.CloseWrite() // who does not read it is refused all the same
	}
}

// atOnce returns nc with TLS, or nil if a handshake cannot be computed at once, or fails.
func (t *secure) atOnce(nc net.Conn) *tlsconn.Conn {
	if !t.slots.Try() {
		return nil
	}
	t.slots.Give()
	conn, err := tlsconn.Handshake(nc, t.config, t.slots, nil)
	if err != nil {
		return nil
	}
	return conn
}

// checkTLS finds what is wrong with the options of TLS.
func (o *options) checkTLS() error {
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key: one does not do without the other")
	}
	if o.TLSCert == "" {
		return nil
	}
	if _, err := certs.ReadFiles(o.TLSCert, o.TLSKey); err != nil {
		return fmt.Errorf("--tls-cert: %w", err)
	}
	return nil
}

// ownCertificate is the folder of the certificate that the server makes.
func (o *options) ownCertificate() string { return filepath.Join(o.Data, "tls") }
