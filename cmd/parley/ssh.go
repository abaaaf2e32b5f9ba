package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/certs"
	"parley/chat"
	"parley/doors"
	"parley/internal/slots"
	"parley/session"
	"parley/ssh"
	"parley/words"
)

// sshTime is how long somebody may take from the connection by SSH to the session.
const sshTime = time.Minute

// sshRelief is of how many by SSH, at a time, some megabytes may be kept that they have sent, so that they can say that
// they read, and sshReliefEach of how many from one source, if limits concern it.
const (
	sshRelief     = 8
	sshReliefEach = 2
)

// sshEntry is what all who speak SSH share. nil stands for nobody.
type sshEntry struct {
	chat *chat.Node
	key  gossh.Signer
	log  *slog.Logger
	free slots.Slots
	full *slots.Shares // those whose windows are full
	open bool          // nobody is asked for a proof here: the session asks
}

// sshEntry gets the host key, and makes it where there is none, if a door needs it.
func (s *service) sshEntry(node *chat.Node, all entrances, free slots.Slots) (*sshEntry, error) {
	if len(all.of(sshDoor)) == 0 {
		return nil, nil
	}
	path := s.options.sshKey()
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err != nil {
		return nil, fmt.Errorf("the host key for SSH: %w", err)
	}
	signer, err := certs.Key(path, func() (crypto.Signer, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	})
	if err != nil {
		return nil, fmt.Errorf("the host key for SSH: %w", err)
	}
	if _, ok := signer.(ed25519.PrivateKey); !ok {
		return nil, fmt.Errorf("the host key for SSH: %s holds a key of another kind than Ed25519", path)
	}
	key, err := gossh.NewSignerFromSigner(signer)
	if err != nil {
		return nil, fmt.Errorf("the host key for SSH: %w", err)
	}
	return &sshEntry{chat: node, key: key, log: s.log, free: free, full: slots.NewShares(sshRelief, sshReliefEach),
		open: s.program.sshOpen}, nil
}

// sshKey is the file of the host key.
func (o *options) sshKey() string { return filepath.Join(o.Data, "ssh", "host_key.pem") }

// sshFingerprint returns what SSH programs show of a host key.
func sshFingerprint(key crypto.Signer) string {
	public, err := gossh.NewPublicKey(key.Public())
	if err != nil {
		return err.Error()
	}
	return gossh.FingerprintSHA256(public)
}

// print says by what users know that they have come to this server.
func (e *sshEntry) print(w io.Writer) {
	if e != nil {
		fmt.Fprintf(w, "Fingerprint:    %s (SSH)\n", gossh.FingerprintSHA256(e.key.PublicKey()))
	}
}

// openBySSH lets in who has come by SSH.
func (h *handler) openBySSH(nc net.Conn, pass *doors.Pass) (net.Conn, error) {
	if h.visited != nil {
		h.visited()
	}
	if err := nc.SetDeadline(time.Now().Add(sshTime)); err != nil {
		return nil, err
	}
	guard := &sshGuard{entry: h.ssh, ctx: h.ctx, pass: pass, nc: nc}
	conn, err := ssh.Accept(nc, ssh.Options{HostKey: h.ssh.key, Guard: guard, Slots: h.ssh.free,
		Relief: h.ssh.relief(pass.Source(), pass.Limited()), Heard: pass.Sent, Log: h.ssh.log})
	switch {
	case errors.Is(err, ssh.ErrPlain):
		_ = nc.SetDeadline(time.Now().Add(time.Second))
		refuse(nc, chat.ErrWrongDoor)
		return nil, chat.ErrWrongDoor
	case errors.Is(err, os.ErrDeadlineExceeded):
		pass.Late()
	}
	if err != nil {
		return nil, err
	}
	return &sshVisit{Conn: nc, handler: h, pass: pass, conn: conn, proof: conn.Who().(chat.Proof)}, nil
}

// relief returns the slots for whose windows are full and who come from source.
func (e *sshEntry) relief(source netip.Addr, limited bool) ssh.Relief {
	if !limited {
		return e.full.All()
	}
	return e.full.Of(chat.SourceOf(source))
}

// startBySSH serves who was let in.
func (h *handler) startBySSH(nc net.Conn, _ *doors.Pass, done func(why error)) {
	v := nc.(*sshVisit)
	v.conn.Start(h.ctx, v, done)
}

// refuseBySSH tells who cannot come in by SSH why.
func refuseBySSH(nc net.Conn, reason error) {
	_ = ssh.Refuse(nc, words.English.Sentence(refusal(reason))) // who does not read it is refused all the same
}

// An sshVisit is the session of somebody who was let in, by a connection that is read and written by conn alone.
type sshVisit struct {
	net.Conn
	conn    *ssh.Conn
	handler *handler
	pass    *doors.Pass
	proof   chat.Proof
}

// Start implements [ssh.Handler].
func (v *sshVisit) Start(t *ssh.Terminal, done func(why error)) {
	v.handler.sessions.Start(v.handler.ctx, t, session.Visitor{Door: sshDoor, Source: v.pass.Source(),
		Pass: wordyPass{v.pass}, User: v.proof.User, Proof: v.proof, Reader: asksForReader(v.proof.User)}, done)
}

// Run implements [ssh.Handler].
func (v *sshVisit) Run(ctx context.Context, command string, stdout, stderr io.Writer) (status int) {
	v.pass.LoggedIn()
	return v.handler.sessions.RunBeside(ctx, session.Caller{Proof: v.proof, Source: v.pass.Source()}, command, stdout,
		stderr)
}

var _ interface {
	session.Terminal
	session.Encrypter
	session.CharsetAgreer
	session.TryReader
} = (*ssh.Terminal)(nil)
