package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"parley/internal/crash"
)

// The times of a connection. A server that says nothing is given up within pingEvery * (pings + 1).
const (
	pingEvery  = 500 * time.Millisecond
	pings      = 2
	dialTime   = time.Second
	writeTime  = time.Second
	redialWait = 100 * time.Millisecond // before a server is tried again that was tried already
	startTime  = 10 * time.Second       // for so long Connect tries
)

// These errors are returned by [Connect].
var (
	// ErrRefused is returned when the NATS servers do not let this node in.
	ErrRefused = errors.New("the NATS servers refuse the credentials of this node")
	// ErrUntrusted is returned when a NATS server shows a certificate that is not its own, or that nobody vouches for.
	ErrUntrusted = errors.New("the certificate of the NATS server is not trusted")
)

// Options say which servers a node connects to, and how. Servers and Node must be there.
type Options struct {
	// Servers are addresses such as nats://192.0.2.1:4222 or tls://nats1.example.org:4222. They may have a user and a
	// password. Any of them will do: the client hears of the others. Those on this machine are tried first.
	Servers []string
	// Node is the name of this node. Among the nodes it is used once.
	Node string
	// Prefix is what all subjects begin with. Empty means parley.
	Prefix string
	// Credentials is a file with a JWT and a key as nsc writes them; empty for none.
	Credentials string
	// CA is a file with the certificates that may have signed that of a server, empty for those of the machine.
	// Certificate and Key are files with what this node shows, or empty.
	CA, Certificate, Key string
	// Log takes what an operator should know. Nil means slog.Default.
	Log *slog.Logger

	dialer nats.CustomDialer
}

// A Wire is the connection of a node with the others. All methods are safe for concurrent use.
type Wire struct {
	name   string
	prefix string
	log    *slog.Logger
	conn   *nats.Conn
	link   *Link
	done   chan struct{} // closed by Close
	once   sync.Once
	wg     sync.WaitGroup
}

// Connect connects to one of the servers, which delivers messages to this node from when Connect returns. If none can
// be reached it tries for ten seconds, or until ctx is done. It returns ErrRefused if the servers know the node's
// credentials to be wrong, ErrUntrusted if the node does not trust them, and otherwise an error that says what came of
// the last attempt.
func Connect(ctx context.Context, o Options) (*Wire, error) {
	w := &Wire{name: o.Node, prefix: o.Prefix, log: o.Log, done: make(chan struct{})}
	if w.log == nil {
		w.log = slog.Default()
	}
	if w.prefix == "" {
		w.prefix = "parley"
	}
	options, err := w.options(&o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		w.conn, err = nats.Connect(strings.Join(nearestFirst(ctx, o.Servers), ","), options...)
		if err == nil {
			break
		}
		if err := final(err); err != nil {
			return nil, err
		}
		select {
		case <-time.After(redialWait):
		case <-ctx.Done():
			return nil, fmt.Errorf("no NATS server can be reached at %s (%s): look whether it runs, and who may reach "+
				"it", shown(o.Servers), plain(err))
		}
	}
	w.link, err = w.newLink()
	if err == nil {
		err = w.conn.FlushTimeout(dialTime) // from now on the server knows who listens
	}
	if err != nil {
		w.conn.Close()
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	w.wg.Go(func() { // until Close
		defer crash.Survive(w.log, "wire")
		w.link.send()
	})
	w.log.Info("connected to NATS", "server", w.conn.ConnectedUrlRedacted(), "node", w.name)
	return w, nil
}

// options returns those of the NATS client. Its own would give up after two minutes, notice a dead server after four,
// and send what is long out of date to the next.
func (w *Wire) options(o *Options) ([]nats.Option, error) {
	options := []nats.Option{
		nats.Name("parley " + o.Node),
		nats.CustomInboxPrefix(w.Subject("inbox", o.Node)),
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(pings),
		nats.MaxReconnects(-1), nats.ReconnectWait(redialWait), nats.ReconnectJitter(redialWait/2, redialWait),
		nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(), nats.Timeout(dialTime), nats.FlusherTimeout(writeTime),
		nats.DontRandomize(), // see nearestFirst
		nats.NoEcho(),        // what it tells all others it need not hear itself
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				w.log.Warn("the NATS server is gone", "err", plain(err))
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) {
			w.log.Info("connected to NATS again", "server", c.ConnectedUrlRedacted())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) {
			if s != nil {
				w.log.Warn("NATS", "subject", s.Subject, "err", plain(err))
			} else {
				w.log.Warn("NATS", "err", plain(err))
			}
		}),
	}
	if err := o.CheckFiles(); err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	if o.Credentials != "" {
		options = append(options, nats.UserCredentials(o.Credentials))
	}
	if o.CA != "" {
		options = append(options, nats.RootCAs(o.CA))
	}
	if o.Certificate != "" {
		options = append(options, nats.ClientCert(o.Certificate, o.Key))
	}
	return append(options, nats.SetCustomDialer(cmp.Or[nats.CustomDialer](o.dialer,
		&dialer{net.Dialer{Timeout: dialTime}}))), nil
}

// Subject returns the subject of those words.
func (w *Wire) Subject(words ...string) string {
	return w.prefix + "." + strings.Join(words, ".")
}

// Sender returns the last word of the subject of m, which is who has sent it.
func Sender(m *nats.Msg) string { return m.Subject[strings.LastIndexByte(m.Subject, '.')+1:] }

// Conn returns the connection.
func (w *Wire) Conn() *nats.Conn { return w.conn }

// Link returns what carries the messages of the order.
func (w *Wire) Link() *Link { return w.link }

// Prefix returns what all subjects begin with.
func (w *Wire) Prefix() string { return w.prefix }

// Node returns the name of this node.
func (w *Wire) Node() string { return w.name }

// Server returns the address of the server that the node is connected to, without a password: empty if there is none.
func (w *Wire) Server() string { return w.conn.ConnectedUrlRedacted() }

// Close ends the connection, once what was handed to it has been sent or a second has passed.
func (w *Wire) Close() {
	w.once.Do(func() {
		w.flush()
		close(w.done)
		w.wg.Wait()
		w.conn.Close()
	})
}

// flush waits for what is to be sent, such as a goodbye.
func (w *Wire) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	for len(w.link.out) > 0 && w.conn.IsConnected() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if w.conn.IsConnected() {
		_ = w.conn.FlushWithContext(ctx) // what does not arrive is lost, as always
	}
}

// plain returns what err says without the client's own name before it.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "nats: ") }

// shown returns the addresses without the passwords in them.
func shown(servers []string) string {
	var hosts []string
	for _, s := range servers {
		if _, host, found := strings.Cut(s, "@"); found {
			s = host
		}
		hosts = append(hosts, s)
	}
	return strings.Join(hosts, ", ")
}
