package wire

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"parley/cluster/order"
)

// The bounds of what waits to be sent, and of what has arrived and waits for the order.
const (
	maxWaiting      = 4096
	maxWaitingBytes = 64 << 20
)

// overhead is how much of the longest message that NATS takes is not used for a part.
const overhead = 1024

var _ order.Link = (*Link)(nil)

// A Link carries messages between the nodes: an [order.Link]. All methods are safe for concurrent use.
type Link struct {
	wire    *Wire
	out     chan parcel
	waiting atomic.Int64 // bytes in out
	number  atomic.Uint64
	sub     *nats.Subscription
	lost    atomic.Uint64

	mu        sync.Mutex // guards all below; held while take works
	take      func(message []byte)
	gathering gathering
}

// A parcel is a message on its way out.
type parcel struct {
	subject string
	message []byte
}

func (w *Wire) newLink() (*Link, error) {
	l := &Link{wire: w, out: make(chan parcel, maxWaiting)}
	l.number.Store(rand.Uint64()) // not those of the process before
	sub, err := w.conn.Subscribe(w.Subject("order", w.name, "*"), l.arrived)
	if err != nil {
		return nil, err
	}
	l.sub = sub
	if err := sub.SetPendingLimits(maxWaiting, maxWaitingBytes); err != nil {
		return nil, err
	}
	return l, nil
}

// Send sends message to the node of that name, another than this one, if there is room for it.
func (l *Link) Send(to string, message []byte) {
	n := int64(len(message))
	if l.waiting.Add(n) > maxWaitingBytes {
		l.waiting.Add(-n)
		l.lost.Add(1)
		return
	}
	select {
	case l.out <- parcel{l.wire.Subject("order", to, l.wire.name), message}:
	default:
		l.waiting.Add(-n)
		l.lost.Add(1)
	}
}

// Lost returns how many messages there was no room for, on the way out and on the way in.
func (l *Link) Lost() uint64 {
	dropped, err := l.sub.Dropped()
	if err != nil {
		dropped = 0 // it is closed
	}
	return l.lost.Load() + uint64(dropped)
}

// Receive says who takes what arrives: nil takes nothing.
func (l *Link) Receive(take func(message []byte)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.take, l.gathering = take, gathering{}
}

// send sends what waits, until the wire is closed. The connection may hold it up, but for no longer than writeTime.
func (l *Link) send() {
	for {
		select {
		case p := <-l.out:
			l.waiting.Add(-int64(len(p.message)))
			size := int(l.wire.conn.MaxPayload()) - overhead
			for _, piece := range split(p.message, l.number.Add(1), size) {
				if l.wire.conn.Publish(p.subject, piece) != nil {
					break // there is no server: it is lost
				}
			}
		case <-l.wire.done:
			return
		}
	}
}

// arrived takes what arrives, one after the other.
func (l *Link) arrived(m *nats.Msg) {
	from := Sender(m)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.take == nil {
		return
	}
	if message := l.gathering.add(from, m.Data); message != nil {
		l.take(message)
	}
}
