package ssh

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/internal/slots"
)

// Options are what [Accept] needs to know.
type Options struct {
	HostKey gossh.Signer
	Guard   Guard
	// Slots bound how many handshakes are computed at a time; nil means any number. One is held while a handshake is
	// computed, and not while it waits for its peer.
	Slots slots.Slots
	// Relief bounds of how many peers at a time more is kept than MaxAhead, because what is written to them waits for
	// what they have sent; nil means any number.
	Relief Relief
	// Heard is called once, when the peer has sent something; nil means that nobody wants to know.
	Heard func()
	// Log is told of panics; nil means [slog.Default].
	Log *slog.Logger
}

// A Relief are slots, as [slots.Slots] are.
type Relief interface {
	// Try takes a slot if the peer may have one, and reports whether it has.
	Try() bool
	// Give gives it back.
	Give()
}

// A Conn is a peer that was let in.
type Conn struct {
	wire     *wire
	ssh      *gossh.ServerConn
	channels <-chan gossh.NewChannel
	requests <-chan *gossh.Request
	who      any
	log      *slog.Logger
	running  sync.WaitGroup // what reads the channel, and the command that runs

	session *session // nil before there is one
}

// lastTime is how long a peer may take to hear that its session is over.
const lastTime = time.Second

// Accept shakes hands with a peer at nc, as the server, and lets in whom the guard does. It returns before the deadline
// of nc, which it does not change, and nc is not closed. It returns [ErrPlain], the error of the guard if that let the
// peer try no more, or another error.
func Accept(nc net.Conn, o Options) (*Conn, error) {
	there, gone := context.WithCancel(context.Background())
	defer gone()
	w := newWire(nc, o, gone)
	defer w.open()
	h := &handshake{guard: o.Guard, wire: w, there: there}
	conn, channels, requests, err := gossh.NewServerConn(w, h.config(o.HostKey))
	switch {
	case h.last != nil:
		return nil, h.last
	case err != nil:
		return nil, err
	}
	w.keep(false)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	who := conn.Permissions.ExtraData[whoKey{}]
	conn.Permissions = nil // a map for one thing
	return &Conn{wire: w, ssh: conn, channels: channels, requests: requests, who: who, log: o.Log}, nil
}

// Who returns what the guard has returned for the proof that let the peer in.
func (c *Conn) Who() any { return c.who }

// open accepts the first session, and nothing else.
func (c *Conn) open(n gossh.NewChannel) error {
	switch {
	case n.ChannelType() != "session":
		return n.Reject(gossh.UnknownChannelType, "this is a chat: nothing is forwarded")
	case c.session != nil:
		return n.Reject(gossh.ResourceShortage, "one session for each connection")
	}
	channel, asked, err := n.Accept()
	if err != nil {
		return err
	}
	t := newTerminal(c, channel)
	c.session = &session{asked: asked, terminal: t}
	c.wire.bound(t.input.kept, t.onlyInput, t.output.alive)
	t.receive()
	return nil
}

// abort closes the connection below.
func (c *Conn) abort() { _ = c.ssh.Close() }
