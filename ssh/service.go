package ssh

import (
	"context"
	"errors"
	"io"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/internal/crash"
)

// A Handler serves the session of a peer.
type Handler interface {
	// Start begins to serve somebody at t, and has done called, once and from any goroutine, when that is over: why is
	// nil if the user ended it.
	Start(t *Terminal, done func(why error))
	// Run runs a command, until ctx is done, and returns its exit status: 0, 1 for no, 2 for a command that cannot be
	// read.
	Run(ctx context.Context, command string, stdout, stderr io.Writer) (status int)
}

// A service is a connection while a handler serves it. It belongs to one goroutine at a time.
type service struct {
	*Conn
	ctx     context.Context
	cancel  context.CancelFunc // ends the command that runs; nil while there was none
	handler Handler
	done    func(why error)

	ended chan result // how the session has ended
	over  bool        // it has
	why   error       // why the connection is not served any more; nil as long as nothing is known
}

// A result is how a session ended.
type result struct {
	status int
	why    error
}

// Start gives the peer's session to h. It returns at once. When that is over, and the network connection is closed, it
// has done called, once and from another goroutine: why is nil if the user ended the session. Start is called once.
func (c *Conn) Start(ctx context.Context, h Handler, done func(why error)) {
	s := &service{Conn: c, ctx: ctx, handler: h, done: done, ended: make(chan result, 1)}
	s.await()
}

// await has a goroutine wait until something happens.
func (s *service) await() { go s.rest() }

// rest waits until something happens, and deals with it. The next goroutine waits for more: this one's stack has grown,
// which it would keep. The last one calls done.
func (s *service) rest() {
	if s.once() {
		s.await()
	} else {
		s.end()
	}
}

// once waits for one event and deals with it. It reports whether there may be more.
func (s *service) once() (more bool) {
	defer crash.Survive(s.log, "session by SSH")
	e, broken := s.next(), crash.ErrPanic
	defer func() {
		if broken != nil {
			s.why = broken
		}
	}()
	more, broken = s.handle(e)
	return more
}

// An event is what has happened: one of these, or nothing, when there will be no more of one.
type event struct {
	global  *gossh.Request   // the peer asks something of the connection
	channel gossh.NewChannel // it wants a channel
	request *gossh.Request   // it asks something of its session
	result  *result          // the session has ended
}

func (s *service) next() (e event) {
	ok := true
	select {
	case e.global, ok = <-s.requests:
		if !ok {
			s.requests = nil // the connection is gone, and the channels with it
		}
	case e.channel, ok = <-s.channels:
		if !ok {
			s.channels = nil
		}
	case e.request, ok = <-s.session.requests():
		if !ok {
			s.session.asked = nil
		}
	case end := <-s.ended:
		e.result = &end
	}
	return e
}

// handle deals with an event. It reports whether there may be more. An error has broken the connection.
func (s *service) handle(e event) (more bool, err error) {
	switch {
	case e.global != nil:
		_ = e.global.Reply(false, nil) // there is nothing that a server does for a client
	case e.channel != nil:
		if err := s.open(e.channel); err != nil {
			return false, err
		}
	case e.request != nil:
		s.obey(e.request)
	case e.result != nil:
		s.over, s.why = true, e.result.why
		s.finish(e.result.status)
	case s.channels == nil && s.cancel != nil:
		s.cancel()
	}
	return s.channels != nil || s.session.active(), nil
}

// end closes the connection, and waits for all that was at work for it.
func (s *service) end() {
	if s.cancel != nil {
		s.cancel()
	}
	s.abort()
	gone := s.ssh.Wait() // the library has let go of the channels
	if s.session != nil {
		s.session.terminal.discard() // what is left of the input is not waited for
	}
	s.running.Wait()
	if !s.over && s.why == nil {
		s.why = errors.Join(io.EOF, gone)
	}
	s.done(s.why)
}

// begin begins what the peer asks for: a shell, or a command.
func (s *service) begin(command string) {
	s.wire.begin()
	t := s.session.terminal
	if command != "" && !t.keys {
		s.session.phase = runs
		t.discard()
		ctx, cancel := context.WithCancel(s.ctx)
		s.cancel = cancel
		s.running.Go(func() { // until the command has ended
			end := result{status: 1}
			defer func() { s.ended <- end }()
			defer crash.Survive(s.log, "command by SSH")
			end.status = s.handler.Run(ctx, command, stream{t, t.channel}, stream{t, t.channel.Stderr()})
		})
		return
	}
	s.session.phase = talks
	if command != "" {
		t.types(command + "\n")
	}
	s.handler.Start(t, func(why error) {
		status := 0
		if why != nil && !errors.Is(why, io.EOF) {
			status = 1
		}
		s.ended <- result{status, why}
	})
}

// finish tells the peer that its session is over, and gives it a moment to hear that.
func (s *service) finish(status int) {
	s.session.phase = finished
	_ = s.wire.SetDeadline(time.Now().Add(lastTime))
	ch := s.session.terminal.channel
	s.session.terminal.discard() // what is still read is read for the end alone
	_, _ = ch.SendRequest("exit-status", false, gossh.Marshal(struct{ Status uint32 }{uint32(status)}))
	_ = ch.CloseWrite()
	_ = ch.Close() // who does not hear it hears that the connection is closed
}
