package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/chat"
	"parley/cluster"
	"parley/cluster/order"
	"parley/cluster/simnet"
)

// serveThree is three servers that are one Parley, in memory: one store, one desk. Who connects comes to the next
// one; if byAddress is set, who comes from an address that somebody came from before, to the same one. A long
// play has its desk in memory: on a network that beats every half second a simulated day takes half a minute. What
// travels between the servers goes by what link returns, unless it is nil.
func serveThree(ctx context.Context, s serving, byAddress, long bool, link linkMaker) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shared := new(sharedStore)
	desks, closeDesks, err := openDesks(ctx, long, link, threeNodes...)
	if err != nil {
		return err
	}
	defer closeDesks()
	deal := &dealer{listen: s.listen, servers: len(desks), byAddress: byAddress}
	ended := make(chan error, len(desks))
	var serving sync.WaitGroup
	var reloads []chan os.Signal
	for i, desk := range desks {
		reload := make(chan os.Signal, 1)
		reloads = append(reloads, reload)
		p := &program{listen: deal.to(i), reload: reload, stderr: s.stderr, random: s.random, hash: cheapHash,
			hashing: s.hashing, ground: &sharedGround{shared, desk}}
		serving.Go(func() { ended <- p.run(ctx, s.args, io.Discard) }) // until ctx is done, or the server is stopped
	}
	serving.Go(func() { // until ctx is done
		for {
			select {
			case signal := <-s.reload:
				for _, reload := range reloads {
					reload <- signal
				}
			case <-ctx.Done():
				return
			}
		}
	})
	for range desks {
		if err = errors.Join(err, <-ended); err != nil {
			cancel()
		}
	}
	cancel()
	serving.Wait()
	return err
}

// threeNodes are the names of the servers.
var threeNodes = []string{"a", "b", "c"}

// hopTime is how long a message takes from one server to another, and hopsTime what takes several of them.
const (
	hopTime  = time.Microsecond
	hopsTime = 20 * hopTime
	// startGap is how long one server starts after the other, so that it is always the same one that becomes the desk.
	startGap = 17 * time.Millisecond
)

// A linkMaker returns what carries the messages of the node called name, which has that port in the network.
type linkMaker func(name string, port *simnet.Port) order.Link

// openDesks opens views of one desk: in memory, or over a network whose every message takes a moment, in which all else
// comes to rest.
func openDesks(ctx context.Context, inMemory bool, link linkMaker, names ...string) (desks []chat.Desk, end func(),
	err error) {
	if inMemory {
		return chat.NewMemoryDesks(names...), func() {}, nil
	}
	var views []*cluster.View
	end = func() {
		for _, view := range views {
			view.Close()
		}
	}
	net, epochs := simnet.New(1, simnet.Faults{Delay: hopTime}), chat.NewMemoryStore()
	for i, name := range names {
		time.Sleep(startGap)
		port := net.Port(name)
		var by order.Link = port
		if link != nil {
			by = link(name, port)
		}
		view, err := cluster.Open(ctx, cluster.Options{Name: name, Nodes: names, Link: by, Before: port.Before,
			Store: net.Store(name, epochs), Rand: rand.New(rand.NewPCG(1, uint64(i))),
			Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			end()
			return nil, nil, err
		}
		views, desks = append(views, view), append(desks, view)
	}
	for _, view := range views {
		if err := view.Await(ctx); err != nil {
			end()
			return nil, nil, err
		}
	}
	return desks, end, nil
}

// A dealer deals those who come to one listener to the listeners of several servers.
type dealer struct {
	listen    func(ctx context.Context, network, address string) (net.Listener, error)
	servers   int
	byAddress bool

	mu    sync.Mutex // guards below
	doors map[string]*dealt
}

// dealt is one listener, in several parts.
type dealt struct {
	net.Listener
	parts []*part
	open  atomic.Int32 // parts that are not closed
}

// A part accepts those whose turn it is.
type part struct {
	*dealt
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (d *dealer) to(server int) func(ctx context.Context, network, address string) (net.Listener, error) {
	return func(ctx context.Context, network, address string) (net.Listener, error) {
		if network == "unix" {
			return d.listen(ctx, network, address)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		all := d.doors[network+address]
		if all == nil {
			l, err := d.listen(ctx, network, address)
			if err != nil {
				return nil, err
			}
			all = &dealt{Listener: l}
			all.open.Store(int32(d.servers))
			for range d.servers {
				all.parts = append(all.parts, &part{dealt: all, conns: make(chan net.Conn), done: make(chan struct{})})
			}
			if d.doors == nil {
				d.doors = make(map[string]*dealt)
			}
			d.doors[network+address] = all
			go all.deal(d.byAddress) // until the listener is closed
		}
		return all.parts[server], nil
	}
}

// deal lets those who come in to one part after the other.
func (d *dealt) deal(byAddress bool) {
	places := make(map[string]int) // of those who came
	for i := 0; ; i++ {
		nc, err := d.Accept()
		if err != nil {
			return
		}
		who := strconv.Itoa(i)
		if byAddress {
			who, _, _ = net.SplitHostPort(nc.RemoteAddr().String())
		}
		if _, known := places[who]; !known {
			places[who] = len(places)
		}
		if !d.hand(nc, places[who]) {
			nc.Close()
		}
	}
}

// hand gives nc to the part whose turn it is, or to the next that is not closed.
func (d *dealt) hand(nc net.Conn, turn int) bool {
	for i := range d.parts {
		p := d.parts[(turn+i)%len(d.parts)]
		select {
		case <-p.done:
			continue
		default:
		}
		select {
		case p.conns <- nc:
			return true
		case <-p.done:
		}
	}
	return false
}

func (p *part) Accept() (net.Conn, error) {
	select {
	case nc := <-p.conns:
		return nc, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close closes the listener with the last part.
func (p *part) Close() (err error) {
	p.once.Do(func() {
		close(p.done)
		if p.open.Add(-1) == 0 {
			err = p.Listener.Close()
		}
	})
	return err
}

// A sharedStore is a store that several servers have open.
type sharedStore struct {
	mu     sync.Mutex // guards all below
	users  int
	ground alone
	store  records
}

// A sharedGround is what one of several servers stands on.
type sharedGround struct {
	shared *sharedStore
	view   chat.Desk
}

func (g *sharedGround) open(ctx context.Context, dir string, log *slog.Logger) (records, error) {
	g.shared.mu.Lock()
	defer g.shared.mu.Unlock()
	if g.shared.store == nil {
		store, err := g.shared.ground.open(ctx, dir, log)
		if err != nil {
			return nil, err
		}
		g.shared.store = store
	}
	g.shared.users++
	return g.shared.store, nil
}

func (g *sharedGround) close(started bool) error {
	g.shared.mu.Lock()
	defer g.shared.mu.Unlock()
	if g.shared.users--; g.shared.users > 0 {
		return nil
	}
	g.shared.store = nil
	return g.shared.ground.close(started)
}

func (g *sharedGround) desk() chat.Desk { return g.view }
func (g *sharedGround) cluster() func() chat.ClusterStatus {
	view, ok := g.view.(*cluster.View)
	if !ok {
		return nil
	}
	return func() chat.ClusterStatus {
		s := statusOf(view, threeNodes)
		s.Server = "nats://192.0.2.1:4222"
		return s
	}
}
func (g *sharedGround) failed() <-chan error            { return nil }
func (g *sharedGround) ready() error                    { return nil }
func (g *sharedGround) collector() prometheus.Collector { return nil }
