package doors

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"parley/internal/crash"
	"parley/internal/rawconn"
)

// ErrServerClosed is returned by [Server.Serve] after a call of Shutdown or Close.
var ErrServerClosed = errors.New("doors: server closed")

// A Door speaks with those who come through one listener.
type Door struct {
	// Open, if it is not nil, makes of a connection that was let in the one that Handle or Start serves: a handshake.
	// It is called in a goroutine of its own and may wait; closing nc must make it return. If it returns an error that
	// is why the connection ended, and it is closed as after Handle.
	Open func(nc net.Conn, pass *Pass) (net.Conn, error)
	// Handle serves a connection that was let in, and returns why it ended: nil where its user ended it. The connection
	// is closed when it returns, after what was written last had a second to arrive. Closing the connection must make
	// it return.
	Handle func(nc net.Conn, pass *Pass) error
	// Start is Handle for who needs no goroutine all the time: it returns soon, and calls done, once and from any
	// goroutine, with what Handle would return. If it is nil Handle is called in a goroutine of its own.
	Start func(nc net.Conn, pass *Pass, done func(why error))
	// Forwarded says that a proxy (see [Server]) may leave out its header here, if it says in another way who comes:
	// see [Pass.From].
	Forwarded bool
	// Refuse tells nc why it is not let in: reason is a [Refusal]. It has a deadline, and a goroutine of its own; the
	// connection is closed behind it. nil means that nothing is said.
	Refuse func(nc net.Conn, reason error)
}

// A Server accepts connections from any number of listeners. The zero Server lets everybody in.
//
// All methods are safe for concurrent use. The fields must not change while the server runs.
type Server struct {
	// Gate decides who comes in; nil means everybody.
	Gate *Gate
	// Proxy says which addresses are those of proxies that say in a header of the PROXY protocol who comes by them. The
	// header is required of them, and obeyed from nobody else. The zero Addr is that of who comes by a unix socket. nil
	// means that there are none.
	Proxy func(netip.Addr) bool
	// Logger is told of panics, of trouble in accepting, and, once in a while, how many connections ended and why. nil
	// means [slog.Default].
	Logger *slog.Logger
	// Why says in a few words, of which there must not be many different ones, why a connection ended: err is what
	// Handle or the gate returned. nil, and "" as its answer, mean [Why].
	Why func(err error) string

	mu        sync.Mutex // guards everything below
	listeners map[net.Listener]struct{}
	conns     map[net.Conn]struct{} // all that are not closed yet
	refusing  int                   // of these, those that are not let in
	told      *rate.Limiter         // of those at doors that take a handshake; made by initLocked
	awaiting  int                   // of these, those whose proxy has not said who comes
	closing   chan struct{}         // closed when Shutdown or Close was called; made by initLocked
	drained   chan struct{}         // closed when no connection is left after that
	closed    bool

	poller  rawconn.Poller // in which conns rest
	ends    tally
	running sync.WaitGroup // counts conns, with mu held and closed unset, and what is done for them meanwhile
}

const (
	// Accepting is tried again after minAcceptDelay, then after twice as long each time.
	minAcceptDelay = 5 * time.Millisecond
	maxAcceptDelay = time.Second

	// lingerTime and lingerBytes bound what is still read of a peer after its handler returned.
	lingerTime  = time.Second
	lingerBytes = 64 * 1024

	// lastTime is what handlers may take, once their connections were closed, before Shutdown gives them up.
	lastTime = time.Second
)

// Accepting as many as come one after the other would take a processor for as long as a flood lasts, and those who are
// in would wait for it. So acceptRest follows each acceptRun that have come within floodTime.
const (
	acceptRun  = 32
	floodTime  = 8 * time.Millisecond
	acceptRest = time.Millisecond
)

// Serve accepts connections on l for d until Shutdown or Close is called, then returns [ErrServerClosed], or until
// accepting fails for good, then returns that error. Trouble that passes, such as too many open files, is waited out.
// Serve closes l, which [Listen] has opened or something else that gives connections.
func (s *Server) Serve(l net.Listener, d Door) error {
	defer l.Close()
	closing, ok := s.listen(l)
	if !ok {
		return ErrServerClosed
	}
	defer s.unlisten(l)
	if err := setListenerOptions(l); err != nil {
		s.logger().Debug("setting socket options", "addr", l.Addr(), "err", err)
	}
	var delay time.Duration
	run, began := 0, time.Now()
	for {
		if run++; run > acceptRun {
			if time.Since(began) < floodTime {
				time.Sleep(acceptRest)
			}
			run, began = 1, time.Now()
		}
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
		if nc := s.poller.Watch(nc); s.isProxy(addrOf(nc)) {
			s.await(nc, d)
		} else {
			s.admit(nc, d)
		}
	}
}

// admit lets nc in, or tells it why not. It does not wait.
func (s *Server) admit(nc net.Conn, d Door) {
	pass, why := s.Gate.enter(addrOf(nc), nc)
	if why == nil {
		s.watchOver(nc)
		if nc = pass.paced(nc); s.note(nc) {
			(&visit{server: s, nc: nc, opened: nc, pass: pass}).begin(d)
			return
		}
		pass.leave()
		pass.closed()
		why = ErrServerClosed
	} else if s.mayRefuse(d) && s.note(nc) {
		s.running.Go(func() { // for refuseTime at most
			defer s.survive(nc, "refusal")
			s.refuse(nc, d, why)
		})
		return
	}
	nc.Close()
	s.ended(nc, why)
}

// note counts nc among those that are waited for, until forget, unless s is closed.
func (s *Server) note(nc net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[nc] = struct{}{}
	s.running.Add(1)
	return true
}

// A visit is a connection that was let in, until it is closed.
type visit struct {
	server *Server
	nc     net.Conn
	opened net.Conn // what is served: nc, or what the door makes of it
	pass   *Pass
	over   atomic.Bool // its handler has returned
}

// begin lets d serve the visitor. It does not wait.
func (v *visit) begin(d Door) {
	if d.Open == nil {
		v.serve(d)
		return
	}
	v.server.running.Go(func() { // until the connection is opened, and if it is not for lingerTime
		defer v.server.survive(v.nc, "connection")
		if why := v.open(d); why != nil {
			v.end(why)
			return
		}
		v.serve(d)
	})
}

func (v *visit) open(d Door) (why error) {
	why = crash.ErrPanic
	defer v.server.survive(v.nc, "handshake")
	opened, why := d.Open(v.nc, v.pass)
	if why == nil {
		v.opened = opened
	}
	return why
}

// serve lets d serve the connection that was opened. It does not wait.
func (v *visit) serve(d Door) {
	if d.Start == nil {
		v.server.running.Go(func() { // until the handler returns, and for lingerTime
			defer v.server.survive(v.nc, "connection")
			v.end(v.handle(d))
		})
		return
	}
	started := false
	defer func() {
		if !started {
			v.done(crash.ErrPanic)
		}
	}()
	defer v.server.survive(v.nc, "handler")
	d.Start(v.opened, v.pass, v.done)
	started = true
}

func (v *visit) handle(d Door) (why error) {
	why = crash.ErrPanic
	defer v.server.survive(v.nc, "handler")
	return d.Handle(v.opened, v.pass)
}

// done is told, by any goroutine, that the handler has come to its end.
func (v *visit) done(why error) {
	if !v.over.CompareAndSwap(false, true) {
		return
	}
	// Not in the new goroutine, whose stack would have to grow for that.
	lingers := v.leave(why)
	v.server.running.Go(func() { // for lingerTime
		defer v.server.survive(v.nc, "connection")
		v.close(lingers)
	})
}

// end closes the connection.
func (v *visit) end(why error) { v.close(v.leave(why)) }

// leave notes that the visitor goes, and why. lingers says that what was said last has lingerTime to arrive, from now
// on. It does not wait.
func (v *visit) leave(why error) (lingers bool) {
	defer v.server.survive(v.nc, "end")
	v.server.ended(v.opened, why)
	return v.pass.leave() && v.opened.SetDeadline(time.Now().Add(lingerTime)) == nil
}

func (v *visit) close(lingers bool) {
	defer v.server.forget(v.nc)
	defer v.pass.closed()
	defer v.nc.Close()
	if lingers {
		linger(v.opened)
	}
}

// linger waits until the peer has what was written last: a connection closed while input waits to be read is reset (RFC
// 2525, section 2.17), and the peer's system may throw away what had arrived. The caller has set a deadline.
func linger(nc net.Conn) {
	half, ok := nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	buf := make([]byte, 128) // nearly always there is nothing but the end
	for total := 0; total < lingerBytes; {
		n, err := nc.Read(buf)
		if err != nil {
			return
		}
		total += n
	}
}

// Shutdown stops listening, waits until all connections have ended, and returns nil. If ctx is done before, it closes
// those that are left, gives their handlers a last second, and returns the error of ctx, whether they have returned or
// not. It tells the handlers nothing: whoever runs them does that.
func (s *Server) Shutdown(ctx context.Context) (err error) {
	drained := s.stopListening()
	defer s.flush()
	defer s.poller.Close() // nobody is left to rest, but for handlers that are given up
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
	}
	s.closeConns()
	select {
	case <-drained:
	case <-time.After(lastTime):
	}
	return ctx.Err()
}

// Close stops listening, closes all connections and waits for their handlers, so no handler may call it. It returns
// nil.
func (s *Server) Close() error {
	s.stopListening()
	s.closeConns()
	s.running.Wait()
	s.poller.Close()
	s.flush()
	return nil
}

func (s *Server) initLocked() {
	if s.closing == nil {
		s.told = rate.NewLimiter(RefusalRate, MaxRefusing)
		s.closing, s.drained = make(chan struct{}), make(chan struct{})
		s.listeners, s.conns = make(map[net.Listener]struct{}), make(map[net.Conn]struct{})
	}
}

// listen notes that s listens to l, unless it is closed, and returns a channel that is closed when s is.
func (s *Server) listen(l net.Listener) (closing <-chan struct{}, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.initLocked()
	if s.closed {
		return nil, false
	}
	s.listeners[l] = struct{}{}
	return s.closing, true
}

func (s *Server) unlisten(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// stopListening returns a channel that is closed when no connection is left.
func (s *Server) stopListening() (drained <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.initLocked()
	if !s.closed {
		s.closed = true
		close(s.closing)
		s.drainLocked()
	}
	for l := range s.listeners {
		l.Close()
	}
	return s.drained
}

// drainLocked closes s.drained if there is nothing to wait for.
func (s *Server) drainLocked() {
	if s.closed && len(s.conns) == 0 {
		select {
		case <-s.drained:
		default:
			close(s.drained)
		}
	}
}

func (s *Server) closeConns() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for nc := range s.conns {
		nc.Close()
	}
}

func (s *Server) forget(nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, nc)
	s.running.Done()
	s.drainLocked()
}

// survive ends a panic and logs where it was. Use it by defer.
func (s *Server) survive(nc net.Conn, what string) {
	if v := recover(); v != nil {
		crash.Log(s.logger().With("remote", nc.RemoteAddr()), what, v)
	}
}

func (s *Server) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.Default()
	}
	return s.Logger
}

// addrOf returns where nc comes from: the zero Addr if that is no address of TCP.
func addrOf(nc net.Conn) netip.Addr {
	if addr, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		return addr.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
