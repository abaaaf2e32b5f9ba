package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/chat"
	"parley/chat/passwd"
	"parley/doors"
	"parley/session"
	"parley/ssh"
	"parley/words"
)

// An sshGuard decides who comes in by one connection. All names get the same answers, whether there is such an account
// or not, but for guest and reader, where guests are let in.
type sshGuard struct {
	entry    *sshEntry
	ctx      context.Context
	pass     *doors.Pass
	nc       net.Conn
	there    context.Context // ends when the peer has gone
	say      func(sentence string) error
	failures int
	known    bool // the address is none that is banned
}

var errNotGuest = errors.New("a proof is wanted")

// Nobody implements [ssh.Guard].
func (g *sshGuard) Nobody(name string) (any, error) {
	if err := g.mayTry(); err != nil {
		return nil, err
	}
	if g.entry.open {
		return chat.Proof{}, nil
	}
	if !g.guest(name) {
		return nil, errNotGuest
	}
	return chat.Proof{User: chat.User{Name: name, Guest: true}}, nil
}

// Password implements [ssh.Guard]. A one-time code stands behind the password.
func (g *sshGuard) Password(name, typed string) (any, error) {
	if who, err := g.Nobody(name); !errors.Is(err, errNotGuest) {
		return who, err
	}
	proof, err := g.prove(name, typed)
	if err != nil {
		return nil, g.denied(err)
	}
	return proof, nil
}

// Ask implements [ssh.Guard]. A one-time code is asked for by a question of its own, if the password is right.
func (g *sshGuard) Ask(name string, ask func(prompt string) (string, error)) (any, error) {
	if who, err := g.Nobody(name); !errors.Is(err, errNotGuest) {
		return who, err
	}
	typed, err := ask(words.English.Say("ask password"))
	if err != nil {
		return nil, err
	}
	proof, err := chat.WithCode(typed, func(typed string) (chat.Proof, error) { return g.prove(name, typed) },
		func() (string, error) { return ask(words.English.Say("ask code")) })
	if err != nil {
		return nil, g.denied(err)
	}
	return proof, nil
}

// Key implements [ssh.Guard].
func (g *sshGuard) Key(name string, key gossh.PublicKey) error {
	if err := g.mayTry(); err != nil {
		return err
	}
	opens, err := g.entry.chat.OpensWithKey(g.ctx, name, key.Marshal())
	switch {
	case err != nil:
		return g.denied(err)
	case !opens:
		return chat.ErrLogin // without a word: there may be more keys
	}
	return nil
}

// KeyProved implements [ssh.Guard].
func (g *sshGuard) KeyProved(name string, key gossh.PublicKey) (any, error) {
	u, err := g.entry.chat.AuthenticateKey(g.ctx, name, key.Marshal(), g.pass.Source())
	if err != nil {
		return nil, g.denied(err)
	}
	return chat.Proof{User: u}, nil
}

// Talks implements [ssh.Talker].
func (g *sshGuard) Talks(there context.Context, say func(sentence string) error) {
	g.there, g.say = there, say
}

func (g *sshGuard) prove(name, typed string) (chat.Proof, error) {
	ctx := context.WithValue(g.there, passwd.WaitKey{}, passwd.Wait(g.awaitHash))
	return g.entry.chat.Authenticate(ctx, chat.Try{Name: name, Typed: typed, Source: g.pass.Source(),
		Encrypted: true})
}

// awaitHash waits until a password may be hashed, and tells the peer how long that takes: it has as much time as at the
// beginning from then on.
func (g *sshGuard) awaitHash(ctx context.Context, t *passwd.Turn) error {
	g.pass.Waits(true)
	defer g.pass.Waits(false)
	err := t.Await(ctx, func(number int, about time.Duration) error {
		if err := g.nc.SetDeadline(time.Now().Add(sshTime)); err != nil {
			return err
		}
		return g.say(words.English.Say("queued", number, about))
	})
	if err == nil {
		err = g.nc.SetDeadline(time.Now().Add(sshTime))
	}
	return err
}

// guest reports whether name is one that takes no proof: guest, or reader for those who hear what others see. An old
// account may have such a name.
func (g *sshGuard) guest(name string) bool {
	if !strings.EqualFold(name, "guest") && !strings.EqualFold(name, "reader") {
		return false
	}
	account, err := g.entry.chat.HasAccount(g.ctx, name)
	return err == nil && !account && g.entry.chat.Guests() != chat.GuestsOff
}

// asksForReader reports whether a guest has come by the name reader.
func asksForReader(u chat.User) bool { return u.Guest && strings.EqualFold(u.Name, "reader") }

// mayTry returns why nobody may come in from there at all.
func (g *sshGuard) mayTry() error {
	if g.known {
		return nil
	}
	switch err := g.entry.chat.MayConnect(g.ctx, g.pass.Source()); {
	case chat.IsRefusal(err):
		return g.denied(err)
	case err != nil:
		g.entry.log.Log(g.ctx, chat.LevelOf(err), "bans not looked at", "remote", g.nc.RemoteAddr(), "err", err)
	}
	g.known = true
	return nil
}

// denied returns what the peer is told for err.
func (g *sshGuard) denied(err error) error {
	d := &ssh.Denied{Text: words.English.Sentence(err), Why: err}
	switch {
	case errors.Is(err, chat.ErrLogin), errors.Is(err, chat.ErrManyTries):
		g.failures++
		g.pass.Failed()
		d.Last = g.failures >= session.MaxFailures
		// Not with the name: it may be a password that went into the wrong field.
		g.entry.log.Warn("login refused", "remote", g.nc.RemoteAddr(), "failures", g.failures)
	case errors.Is(err, chat.ErrBanned), errors.Is(err, chat.ErrAddressBanned):
		d.Last = true
	case g.there.Err() != nil: // nobody is there to be told
		return err
	case !chat.IsRefusal(err):
		g.entry.log.Log(g.ctx, chat.LevelOf(err), "login", "remote", g.nc.RemoteAddr(), "err", err)
	}
	return d
}
