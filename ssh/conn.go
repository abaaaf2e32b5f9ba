package ssh

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/internal/crash"
	"parley/internal/slots"
)

// Options are what [Accept] needs to know.
type Options struct {
	HostKey gossh.Signer
	Guard   Guard
	// Slots bound how many handshakes are computed at a time; nil means any number. One is held while a handshake is
	// computed, and not while it waits for its peer.
	Slots slots.Slots
	// Heard is called once, when the peer has sent something; nil means that nobody wants to know.
	Heard func()
	// Log is told of panics; nil means [slog.Default].
	Log *slog.Logger
}

// A Conn is a peer that was let in.
type Conn struct {
	wire     *wire
	ssh      *gossh.ServerConn
	channels <-chan gossh.NewChannel
	requests <-chan *gossh.Request
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
	w := newWire(nc, o)
	defer w.open()
	h := &handshake{guard: o.Guard, nc: nc}
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
	return &Conn{wire: w, ssh: conn, channels: channels, requests: requests, log: o.Log}, nil
}

// Who returns what the guard has returned for the proof that let the peer in.
func (c *Conn) Who() any { return c.ssh.Permissions.ExtraData[whoKey{}] }

// A Handler serves the session of a peer.
type Handler interface {
	// Start begins to serve somebody at t, and has done called, once and from any goroutine, when that is over: why is
	// nil if the user ended it.
	Start(t *Terminal, done func(why error))
	// Run runs a command, until ctx is done, and returns its exit status: 0, 1 for no, 2 for a command that cannot be
	// read.
	Run(ctx context.Context, command string, stdout, stderr io.Writer) (status int)
}

// Serve gives the peer's session to h, and returns when that is over: why it ended, nil if the user did that. The
// network connection is closed then. It is called once.
func (c *Conn) Serve(ctx context.Context, h Handler) (why error) {
	ctx, cancel := context.WithCancel(ctx)
	defer c.running.Wait()
	defer func() {
		c.abort()
		_ = c.ssh.Wait() // until the library has let go of the channels
	}()
	defer cancel()
	ended := make(chan result, 1)
	asked, over := c.requests, false
	for c.channels != nil || c.session.active() {
		select {
		case r, ok := <-asked:
			if !ok {
				asked = nil // the connection is gone, and the channels with it
				continue
			}
			_ = r.Reply(false, nil) // there is nothing that a server does for a client
		case n, ok := <-c.channels:
			if !ok {
				c.channels = nil
				cancel()
				continue
			}
			if err := c.open(n); err != nil {
				return err
			}
		case r, ok := <-c.session.requests():
			if !ok {
				c.session.asked = nil
				continue
			}
			c.obey(ctx, r, h, ended)
		case end := <-ended:
			over, why = true, end.why
			c.finish(end.status)
		}
	}
	if !over {
		return errors.Join(io.EOF, c.ssh.Wait())
	}
	return why
}

// A result is how a session ended.
type result struct {
	status int
	why    error
}

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
	c.session = &session{channel: channel, asked: asked, terminal: newTerminal(c, channel)}
	c.wire.bound(c.session.terminal.input.kept)
	c.running.Go(func() { // until the channel ends, at the latest with the connection
		defer crash.Survive(c.log, "input by SSH")
		defer c.session.terminal.fail(io.EOF)
		c.session.terminal.receive()
	})
	return nil
}

// start begins what r asks for: a shell, or a command.
func (c *Conn) start(ctx context.Context, s *session, command string, h Handler, ended chan<- result) {
	_ = c.wire.SetDeadline(time.Time{}) // a connection that is gone says so by itself
	if command != "" && !s.terminal.keys {
		s.phase = runs
		s.terminal.discard()
		c.running.Go(func() { // until the command has ended
			end := result{status: 1}
			defer func() { ended <- end }()
			defer crash.Survive(c.log, "command by SSH")
			end.status = h.Run(ctx, command, stream{s.terminal, s.channel}, stream{s.terminal, s.channel.Stderr()})
		})
		return
	}
	s.phase = talks
	s.terminal.input.begin()
	if command != "" {
		s.terminal.types(command + "\n")
	}
	h.Start(s.terminal, func(why error) {
		status := 0
		if why != nil && !errors.Is(why, io.EOF) {
			status = 1
		}
		ended <- result{status, why}
	})
}

// finish tells the peer that its session is over, and gives it a moment to hear that.
func (c *Conn) finish(status int) {
	c.session.phase = finished
	_ = c.wire.SetDeadline(time.Now().Add(lastTime))
	ch := c.session.channel
	c.session.terminal.discard() // what is still read is read for the end alone
	_, _ = ch.SendRequest("exit-status", false, gossh.Marshal(struct{ Status uint32 }{uint32(status)}))
	_ = ch.CloseWrite()
	_ = ch.Close() // who does not hear it hears that the connection is closed
}

// abort closes the connection below.
func (c *Conn) abort() { _ = c.ssh.Close() }
