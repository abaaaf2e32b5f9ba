package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"parley/doors"
	"parley/internal/crash"
	"parley/internal/rawconn"
)

// A Site serves the page and opens WebSockets. Its fields must not change once it is in use.
type Site struct {
	// Hosts returns the names by which browsers come, each as [HostName] returns it; *.example.org is all names with
	// one word before that. It is called for each request, from any goroutine. Addresses and localhost are the names
	// where this is nil, or returns none.
	Hosts func() []string
	// Secure says that the site can be reached by TLS at the same port: who comes without, and not from this machine,
	// is sent there.
	Secure bool
	// Answer returns what is to be found at a path without TLS, by whatever name, and whether anything is; nil means
	// nothing. A certificate authority looks there.
	Answer func(path string) (text string, ok bool)
	// Trusted reports whether an address is that of a proxy, whose X-Forwarded-For is believed; the zero Addr is that
	// of who comes by a unix socket. nil means that none is.
	Trusted func(netip.Addr) bool
	// Hook says what comes by hooks; nil means that there are none.
	Hook Hook
	// Logger is told of panics; nil means [slog.Default].
	Logger *slog.Logger

	begin   sync.Once
	server  *http.Server
	come    chan *visit // to the server
	stopped chan struct{}
	running sync.WaitGroup // the server, and who pings

	mu    sync.Mutex // guards conns
	conns map[*Conn]struct{}
}

const (
	headTime  = 5 * time.Second  // in which a request has to be there
	idleTime  = 5 * time.Second  // between two
	replyTime = 60 * time.Second // in which an answer has to be taken
	pageTime  = 60 * time.Second // in which pages are fetched over one connection
	maxHeader = 8 << 10          // bytes of the head of a request
	pingTime  = 30 * time.Second // of silence, at least; twice that at most

	// So many requests are answered at once over one connection, and then requestRate a second. A page takes less than
	// twenty. An answer costs much more than the few bytes that ask for it, for which a connection has another pace.
	requestBurst = 100
	requestRate  = 20
)

// ErrPages is why a connection ended that fetched pages, and never became a WebSocket.
var ErrPages = errors.New("web: pages were fetched")

// A visit is a connection while it is HTTP.
type visit struct {
	rawconn.Conn
	pass      *doors.Pass
	encrypted bool
	since     time.Time
	once      sync.Once
	over      chan struct{} // closed when the connection is, or has become opened
	opened    *Conn
	pace      *rate.Limiter // of requests; nil if no limits concern the visitor
	begins    beginning     // the reader's own
	strange   atomic.Bool   // it did not begin as HTTP
}

// Read reads for package http. It ends where something else than HTTP begins.
func (v *visit) Read(p []byte) (int, error) {
	n, err := v.Conn.Read(p)
	if !v.begins.add(p[:n]) {
		v.strange.Store(true)
		return 0, io.EOF
	}
	return n, err
}

// Close ends the visit.
func (v *visit) Close() error {
	v.end()
	return v.Conn.Close()
}

func (v *visit) end() { v.once.Do(func() { close(v.over) }) }

// CloseWrite ends the output.
func (v *visit) CloseWrite() error {
	return rawconn.CloseWrite(v.Conn)
}

// Open serves nc as HTTP until it becomes a WebSocket, which it returns. encrypted says that nc is. It returns
// [ErrPages] for who fetched pages alone, and a [doors.Refusal] for who speaks another protocol. Closing nc makes it
// return.
func (s *Site) Open(nc net.Conn, pass *doors.Pass, encrypted bool) (net.Conn, error) {
	s.begin.Do(s.start)
	v := &visit{Conn: rawconn.Of(nc), pass: pass, encrypted: encrypted, since: time.Now(), over: make(chan struct{})}
	if pass.Limited() {
		v.pace = rate.NewLimiter(requestRate, requestBurst)
	}
	select {
	case s.come <- v:
	case <-s.stopped:
		return nil, doors.ErrServerClosed
	}
	<-v.over
	switch {
	case v.strange.Load():
		return nil, doors.Refusal{Reason: doors.NotSpoken}
	case v.opened == nil:
		return nil, ErrPages
	}
	return v.opened, nil
}

// start starts the server of HTTP, and who pings.
func (s *Site) start() {
	s.come, s.stopped = make(chan *visit), make(chan struct{})
	s.conns = make(map[*Conn]struct{})
	if s.Logger == nil {
		s.Logger = slog.Default()
	}
	s.server = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: headTime, WriteTimeout: replyTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, nc net.Conn) context.Context {
			return context.WithValue(ctx, visitKey{}, nc)
		},
	}
	s.running.Go(func() { // until Close
		defer crash.Survive(s.Logger, "web")
		_ = s.server.Serve(&comers{s}) // it ends because Close was called
	})
	s.running.Go(func() { // until Close
		defer crash.Survive(s.Logger, "pings")
		s.pingAll()
	})
}

type visitKey struct{}

func visitOf(r *http.Request) *visit { return r.Context().Value(visitKey{}).(*visit) }

// Rest ends connections that wait for another request: the server stops. WebSockets go on.
func (s *Site) Rest() {
	s.begin.Do(s.start)
	s.server.SetKeepAlivesEnabled(false)
}

// Close ends the site, when all its connections are over.
func (s *Site) Close() error {
	s.begin.Do(s.start)
	close(s.stopped)
	err := s.server.Close()
	s.running.Wait()
	return err
}

// comers are the connections that Open brings, as a listener.
type comers struct{ site *Site }

func (c *comers) Accept() (net.Conn, error) {
	select {
	case v := <-c.site.come:
		return v, nil
	case <-c.site.stopped:
		return nil, net.ErrClosed
	}
}

func (*comers) Close() error   { return nil }
func (*comers) Addr() net.Addr { return &net.TCPAddr{} }

// pingAll pings those at rest now and then, so that no proxy gives them up.
func (s *Site) pingAll() {
	tick := time.NewTicker(pingTime)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.stopped:
			return
		}
		for _, c := range s.all() {
			c.Ping()
		}
	}
}

func (s *Site) all() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

// Left says that c is over: it is not pinged any more.
func (s *Site) Left(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

func (s *Site) came(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = struct{}{}
}
