package ssh

import (
	"context"
	"errors"

	gossh "golang.org/x/crypto/ssh"
)

// A Guard decides who comes in by one connection. Each method is given the name that the peer says, which it may change
// from one to the next, and returns who that is, for [Conn.Who]. An error that is a [*Denied] is told to the peer. The
// methods are called one at a time.
type Guard interface {
	// Nobody is asked whether somebody may come in without a proof.
	Nobody(name string) (who any, err error)
	// Password is asked whether what was typed opens the account.
	Password(name, typed string) (who any, err error)
	// Ask finds out by questions, which ask puts to the user, who does not see what is typed then.
	Ask(name string, ask func(prompt string) (string, error)) (who any, err error)
	// Key is asked whether key could open the account. That the peer has the key is not known: nothing follows from
	// the answer.
	Key(name string, key gossh.PublicKey) error
	// KeyProved is asked for whom key opens the account. The peer has shown that it has the key.
	KeyProved(name string, key gossh.PublicKey) (who any, err error)
}

// A Talker is a [Guard] that has something to say while it looks at a proof.
type Talker interface {
	Guard
	// Talks is called once, before all others. say tells the peer a sentence, until the guard lets it in. there ends
	// when the peer has gone.
	Talks(there context.Context, say func(sentence string) error)
}

// A Denied is the error of a [Guard] that the peer is told.
type Denied struct {
	Text string // a sentence
	Last bool   // there are no more tries
	Why  error
}

// Error says why, for the log.
func (d *Denied) Error() string { return d.Why.Error() }

// Unwrap returns why.
func (d *Denied) Unwrap() error { return d.Why }

// errDenied is all that a peer's other failures are to the library, which logs nothing.
var errDenied = errors.New("ssh: denied")

// A handshake is what goes on until a peer is let in.
type handshake struct {
	guard Guard
	wire  *wire
	there context.Context         // ends when the peer has gone
	peer  gossh.ServerPreAuthConn // set before the guard is asked
	last  error                   // why the peer was denied for good
}

// begin notes by what the peer is told something.
func (h *handshake) begin(peer gossh.ServerPreAuthConn) {
	h.peer = peer
	if t, ok := h.guard.(Talker); ok {
		t.Talks(h.there, h.say)
	}
}

func (h *handshake) say(sentence string) error { return h.peer.SendAuthBanner(sentence + "\r\n") }

// whoKey is where the library carries who was let in: it belongs to the one try that succeeded.
type whoKey struct{}

// verdict makes the library's answer of a guard's.
func (h *handshake) verdict(who any, err error) (*gossh.Permissions, error) {
	if err == nil {
		return &gossh.Permissions{ExtraData: map[any]any{whoKey{}: who}}, nil
	}
	denied, ok := errors.AsType[*Denied](err)
	if !ok {
		return nil, errDenied
	}
	_ = h.say(denied.Text) // a connection that is broken ends the next read
	if denied.Last {
		h.last = err
		_ = h.wire.Close() // not before: once it cannot read, the library does not write
	}
	return nil, errDenied
}

func (h *handshake) none(c gossh.ConnMetadata) (*gossh.Permissions, error) {
	return h.verdict(h.guard.Nobody(c.User()))
}

func (h *handshake) password(c gossh.ConnMetadata, typed []byte) (*gossh.Permissions, error) {
	return h.verdict(h.guard.Password(c.User(), string(typed)))
}

func (h *handshake) interactive(c gossh.ConnMetadata,
	challenge gossh.KeyboardInteractiveChallenge) (*gossh.Permissions, error) {
	return h.verdict(h.guard.Ask(c.User(), func(prompt string) (string, error) {
		answers, err := challenge("", "", []string{prompt}, []bool{false})
		if err != nil {
			return "", err
		}
		return answers[0], nil
	}))
}

func (h *handshake) key(c gossh.ConnMetadata, key gossh.PublicKey) (*gossh.Permissions, error) {
	if err := h.guard.Key(c.User(), key); err != nil {
		_, err = h.verdict(nil, err)
		return nil, err
	}
	return nil, nil
}

// keyProved alone binds a user to a connection: key is called for keys that the peer does not have.
func (h *handshake) keyProved(c gossh.ConnMetadata, key gossh.PublicKey, _ *gossh.Permissions,
	_ string) (*gossh.Permissions, error) {
	return h.verdict(h.guard.KeyProved(c.User(), key))
}
