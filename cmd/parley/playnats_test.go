package main

import (
	"context"
	be "encoding/binary"
	"log/slog"
	"sync"
	"testing"
	"time"

	"parley/cluster/natstest"
	"parley/cluster/order"
	"parley/cluster/simnet"
	"parley/cluster/wire"
	"parley/internal/testenv"
)

// A carrier takes the messages of a simulated network through a real NATS server. It is outside of all bubbles. Who
// sends waits until the message has arrived, by a lock: that holds the clock of the bubble, as if it took no time.
type carrier struct {
	t     *testing.T
	wires map[string]*wire.Wire

	mu   sync.Mutex // guards all below
	next uint64
	away map[uint64]*parcel
	sent int
}

// A parcel is a message on its way.
type parcel struct {
	there   sync.Mutex // locked until it has arrived, or is given up
	message []byte
}

// newCarrier starts a server, and connects the three nodes.
func newCarrier(t *testing.T) *carrier {
	t.Helper()
	c := &carrier{t: t, wires: make(map[string]*wire.Wire), away: make(map[uint64]*parcel)}
	urls := natstest.Start(t, 1, nil).URLs()
	for _, name := range threeNodes {
		w, err := wire.Connect(t.Context(), wire.Options{Servers: urls, Node: name, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Close)
		w.Link().Receive(c.arrived)
		c.wires[name] = w
	}
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { c.watch(ctx) }) // until the test ends
	t.Cleanup(func() { cancel(); watching.Wait() })
	return c
}

// carry takes a message from one node to another.
func (c *carrier) carry(from, to string, message []byte) []byte {
	p := new(parcel)
	p.there.Lock()
	c.mu.Lock()
	c.next++
	id := c.next
	c.away[id] = p
	c.sent++
	c.mu.Unlock()
	c.wires[from].Link().Send(to, append(be.BigEndian.AppendUint64(nil, id), message...))
	p.there.Lock()
	return p.message
}

// arrived takes what NATS has brought.
func (c *carrier) arrived(b []byte) {
	c.mu.Lock()
	id := be.BigEndian.Uint64(b)
	p := c.away[id]
	delete(c.away, id)
	c.mu.Unlock()
	if p != nil {
		p.message = append([]byte(nil), b[8:]...)
		p.there.Unlock()
	}
}

// watch gives up what does not arrive, until ctx is done.
func (c *carrier) watch(ctx context.Context) {
	var seen map[uint64]*parcel // that were on the way the last time
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := make(map[uint64]*parcel)
		c.mu.Lock()
		for id, p := range c.away {
			if seen[id] == p {
				c.t.Errorf("message %d did not arrive", id)
				delete(c.away, id)
				p.there.Unlock()
			} else {
				now[id] = p
			}
		}
		c.mu.Unlock()
		seen = now
	}
}

// A carried is a port of a simulated network whose messages the carrier takes.
type carried struct {
	*simnet.Port
	carrier *carrier
	name    string
}

func (l carried) Send(to string, message []byte) {
	if m := l.carrier.carry(l.name, to, message); m != nil {
		l.Port.Send(to, m)
	}
}

// link returns what carries the messages of the node called name.
func (c *carrier) link(name string, port *simnet.Port) order.Link { return carried{port, c, name} }

// TestTranscriptsOverNATS performs every play once more on three servers, whose messages go through a real NATS server.
// What is stored is in memory: for the store over NATS there are the contracts in package stream.
func TestTranscriptsOverNATS(t *testing.T) {
	if *update {
		t.Skip("TestTranscripts rewrites them later")
	}
	testenv.Long(t)
	c := newCarrier(t)
	forAllPlays(t, func(t *testing.T, p *play) {
		if p.alone || p.lasts() > time.Hour {
			t.Skip("it is a play for one server, or lasts for so long that its desk is in memory")
		}
		t.Parallel()
		if !p.several {
			p = p.onThree()
		}
		p.check(t, perform(t, p, func(ctx context.Context, s serving) error {
			return serveThree(ctx, s, p.byAddress, false, c.link)
		}))
	})
	t.Cleanup(func() { t.Logf("%d messages went through NATS", c.sent) })
}
