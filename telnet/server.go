package telnet

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	gotelnet "github.com/reiver/go-telnet"
)

// ErrServerClosed is returned by [Server.Serve] after a call of Shutdown or Close.
var ErrServerClosed = errors.New("telnet: server closed")

// A Server serves every connection with its Handler. The zero Server works: it echoes.
//
// All methods are safe for concurrent use. The fields must not change while the server runs.
type Server struct {
	// Handler serves a connection; nil means gotelnet.EchoHandler. Its w and r are both the [*Conn], for a handler that
	// wants to know more of its peer than the interfaces tell; see [Bare] for one that also runs elsewhere. When it returns,
	// the peer is given what was written last and the connection is closed. A panic ends that connection alone.
	Handler gotelnet.Handler

	// Options are the settings of every Conn; nil means the zero value of [Options].
	Options *Options

	// MaxConns is how many connections there may be at a time, those included that are being closed; zero means any number. One more
	// is told Full, a text whose lines end in "\n", and closed.
	MaxConns int
	Full     string

	// Logger is told of panics and of trouble in accepting; nil means [slog.Default].
	Logger *slog.Logger

	mu        sync.Mutex // guards everything below
	listeners map[net.Listener]struct{}
	conns     map[net.Conn]struct{}
	full      uint64 // connections for which there was no room
	closed    bool
	closing   chan struct{} // closed when closed is set; nil until somebody waits for it

	handlers sync.WaitGroup // Add is called with mu held and closed unset
}

const (
	// Accepting is tried again after minAcceptDelay, then after twice as long each time.
	minAcceptDelay = 5 * time.Millisecond
	maxAcceptDelay = time.Second

	// lingerTime and lingerBytes bound what is still read of a peer after its handler returned.
	lingerTime  = time.Second
	lingerBytes = 64 * 1024

	// refuseTime bounds the write to a connection for which there is no room.
	refuseTime = 100 * time.Millisecond
)

// Serve accepts connections on l until Shutdown or Close is called, then returns [ErrServerClosed], or until accepting fails
// for good, then returns that error. Trouble that passes, such as too many open files, is waited out. Serve closes l.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	closing, ok := s.listen(l)
	if !ok {
		return ErrServerClosed
	}
	defer s.unlisten(l)
	var delay time.Duration
	for {
		nc, err := l.Accept()
		if err != nil {
			select {
			case <-closing:
				return ErrServerClosed
			default:
			}
			var passing interface{ Temporary() bool }
			if !errors.As(err, &passing) || !passing.Temporary() {
				return err
			}
			delay = min(max(2*delay, minAcceptDelay), maxAcceptDelay)
			s.logger().Warn("accepting a connection", "err", err, "retry", delay)
			select {
			case <-time.After(delay):
			case <-closing:
			}
			continue
		}
		delay = 0
		if err := setSocketOptions(nc); err != nil {
			s.logger().Debug("setting socket options", "peer", nc.RemoteAddr(), "err", err)
		}
		switch s.begin(nc) {
		case errFull:
			s.refuse(nc)
		case ErrServerClosed:
			nc.Close()
			return ErrServerClosed
		}
	}
}

// Shutdown stops listening, waits until all handlers have returned, and returns nil. If ctx is done before, it closes the
// connections that are left, waits for their handlers, and returns the error of ctx. It tells the handlers nothing: whoever
// runs them does that.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopListening()
	var waiting sync.WaitGroup
	defer waiting.Wait()
	done := make(chan struct{})
	start(&waiting, s.logger(), "shutdown", func() { // until the handlers have returned
		defer close(done)
		s.handlers.Wait()
	})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.closeConns()
		<-done
		return ctx.Err()
	}
}

// Close stops listening, closes all connections and waits for their handlers, so no handler may call it. It returns nil.
func (s *Server) Close() error {
	s.stopListening()
	s.closeConns()
	s.handlers.Wait()
	return nil
}

// listen notes that s listens to l, unless it is closed, and returns a channel that is closed when s is.
func (s *Server) listen(l net.Listener) (closing <-chan struct{}, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	if s.closing == nil {
		s.closing = make(chan struct{})
		s.listeners = make(map[net.Listener]struct{})
		s.conns = make(map[net.Conn]struct{})
	}
	s.listeners[l] = struct{}{}
	return s.closing, true
}

func (s *Server) unlisten(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

func (s *Server) stopListening() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && s.closing != nil {
		close(s.closing)
	}
	s.closed = true
	for l := range s.listeners {
		l.Close()
	}
}

func (s *Server) closeConns() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for nc := range s.conns {
		nc.Close()
	}
}

// errFull is returned by begin when there are MaxConns connections.
var errFull = errors.New("telnet: too many connections")

// refuse tells nc why it is closed. It does not wait: what fits into an empty socket is sent, and who sends something at that moment may
// miss it.
func (s *Server) refuse(nc net.Conn) {
	defer nc.Close()
	if nc.SetWriteDeadline(time.Now().Add(refuseTime)) == nil {
		_, _ = nc.Write(appendText(nil, []byte(s.Full), false)) // nobody is left to be told
	}
}

// begin starts the handler of nc. It returns ErrServerClosed or errFull, and leaves nc alone, if it must not. Its goroutine ends when the handler
// returns, which closing nc should bring about, and after what linger takes.
func (s *Server) begin(nc net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrServerClosed
	}
	if s.MaxConns > 0 && len(s.conns) >= s.MaxConns {
		s.full++
		return errFull
	}
	s.conns[nc] = struct{}{}
	// What the handler needs is made here: a goroutine that never needs more than the small stack it begins with keeps that.
	conn := NewConn(nc, s.Options)
	handler := s.Handler
	if handler == nil {
		handler = gotelnet.EchoHandler
	}
	ctx := gotelnet.NewContext().InjectLogger(contextLogger{s.logger()})
	start(&s.handlers, s.logger(), "connection", func() {
		defer s.end(conn)
		defer s.survive(conn)
		handler.ServeTELNET(ctx, conn, conn)
	})
	return nil
}

// survive ends a panic of conn's handler. Use it by defer.
func (s *Server) survive(conn *Conn) {
	if v := recover(); v != nil {
		logPanic(s.logger().With("remote", conn.RemoteAddr()), "handler", v)
	}
}

// end closes conn and forgets it.
func (s *Server) end(conn *Conn) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, conn.nc)
	}()
	linger(conn)
}

// linger closes conn so that the peer receives what was written last: a connection closed while input waits to be read is
// reset (RFC 2525, section 2.17), and the peer's system may throw away what had arrived.
func linger(conn *Conn) {
	defer conn.Close()
	if conn.CloseWrite() != nil {
		return
	}
	if conn.nc.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	buf := make([]byte, 1024)
	for total := 0; total < lingerBytes; {
		n, err := conn.nc.Read(buf)
		if err != nil {
			return
		}
		total += n
	}
}

// Stats are figures of a server, as sql.DBStats are of a database.
type Stats struct {
	// Full is how many connections were closed because there were MaxConns.
	Full uint64
}

// Stats returns the server's figures.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Full: s.full}
}

func (s *Server) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.Default()
	}
	return s.Logger
}
